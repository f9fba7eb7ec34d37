"""How many pages and files a signed-in person may ask for in a while. Beyond that they wait, and a page says how long.

People who work stay far below; a script with somebody's session does not. Counted in the cache, in windows that begin
by the clock: where processes share no cache, each counts for itself.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

import structlog
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Quota:
    """`setting` says how many are free in a window of so many seconds; 0: as many as anybody likes."""

    name: str
    setting: str
    seconds: int


PAGES = Quota("pages", "PAGES_A_MINUTE", 60)
FILES = Quota("files", "FILES_AN_HOUR", 3600)


class QuotaUsedUpError(Exception):
    """The person has had as many as there are in this window, which ends in `seconds`."""

    def __init__(self, quota: Quota, seconds: int) -> None:
        super().__init__(quota.name)
        self.quota = quota
        self.seconds = seconds


def take_one(request: HttpRequest, quota: Quota) -> None:
    """Count one more for the signed-in person. Raises QuotaUsedUpError."""
    most: int = getattr(settings, quota.setting)
    if not most or not request.user.is_authenticated:
        return
    if wait := seconds_until_free(f"{quota.name}:{request.user.pk}", most=most, seconds=quota.seconds):
        raise QuotaUsedUpError(quota, wait)


def seconds_until_free(name: str, *, most: int, seconds: int) -> int:
    """Count one more for `name`, of which there are `most` in a window of so many seconds; 0: any number.

    0 where it is free; else the seconds until the next window.
    """
    if not most:
        return 0
    window, passed = divmod(int(time.time()), seconds)
    taken = _count(f"quota:{name}:{window}", seconds)
    if taken == most + 1:
        log.warning("A quota is used up.", quota=name)
    return seconds - passed if taken > most else 0


def _count(key: str, seconds: int) -> int:
    try:
        cache.add(key, 0, seconds)
        return cache.incr(key)
    except ValueError:
        # Just emptied: a limit on floods is no reason to stop who works.
        return 1


class QuotasAreKept:
    """Counts each request of a signed-in person, and answers with 429 where one is too many."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            take_one(request, PAGES)
        except QuotaUsedUpError as error:
            return _answer(request, error)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return _answer(request, error) if isinstance(error, QuotaUsedUpError) else None


def _answer(request: HttpRequest, error: QuotaUsedUpError) -> HttpResponse:
    seconds = error.seconds
    wait = f"{seconds} second{'' if seconds == 1 else 's'}" if seconds < 100 else f"{-(-seconds // 60)} minutes"
    context = {"of_files": error.quota is FILES, "most": getattr(settings, error.quota.setting), "wait": wait}
    answer = render(request, "429.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
    answer["Retry-After"] = str(seconds)
    return answer
