"""The answer to who tries passwords too often, whatever page asked for one."""

import math
from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clients.passwords.attempts import TriedTooOftenError


class WaitsAreAnswered:
    """Gives 429 with a page that says how long to wait, and why, when a password was not looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, TriedTooOftenError):
            return None
        seconds = max(1, math.ceil(error.wait.total_seconds()))
        context = {"limit": error.limit, "wait": _in_words(seconds)}
        answer = render(request, "account/wait.html", context, status=HTTPStatus.TOO_MANY_REQUESTS)
        answer["Retry-After"] = str(seconds)
        return answer


def _in_words(seconds: int) -> str:
    if seconds == 1:
        return "a second"
    if seconds < 100:
        return f"{seconds} seconds"
    return f"{math.ceil(seconds / 60)} minutes"
