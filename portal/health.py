"""Whether the portal lives and is ready for work, for load balancers and watchdogs. Anyone may ask.

Answers name no version, address or secret.
"""

import datetime
from collections.abc import Callable
from typing import ClassVar

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from phones.models import Heartbeat
from portal import stored_keys
from portal.metrics import metrics

OK, FAILED, NO_TICK_YET, KEY_LOST = "ok", "failed", "no tick yet", "key lost"
_PING_TIMEOUT = 2  # seconds


@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nothing else."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when database and broker answer, stored secrets open and scheduled work ran lately, else 503.

    The body says what does not.
    """
    database = _database()
    parts = {
        "database": database,
        "broker": _broker(),
        "tick": _tick() if database == OK else FAILED,
        "encryption_keys": _encryption_keys() if database == OK else FAILED,
    }
    all_well = set(parts.values()) == {OK}
    return JsonResponse({"status": OK if all_well else FAILED, **parts}, status=200 if all_well else 503)


class HealthIsToldUnderAnyName:
    """Answers before the request's host is looked at: who watches asks by address, which is no name of the portal."""

    pages: ClassVar[dict[str, Callable[[HttpRequest], HttpResponse]]] = {
        "/healthz": live,
        "/readyz": ready,
        "/metrics": metrics,
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.pages.get(request.path_info, self.get_response)(request)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return FAILED
    return OK


def _broker() -> str:
    if not settings.REDIS_URL:
        return OK  # the embedded broker lives in this very process
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=_PING_TIMEOUT,
            socket_connect_timeout=_PING_TIMEOUT,
            retry=Retry(NoBackoff(), 0),
        ) as broker:
            broker.ping()
    except (redis.RedisError, OSError, ValueError):  # ValueError: the address itself makes no sense
        return FAILED
    return OK


def _tick() -> str:
    """A tick is late after three missed ones and a minute, so that a restart does not take the portal out."""
    try:
        at = Heartbeat.objects.filter(name="tick").values_list("at", flat=True).first()
    except DatabaseError:
        return FAILED
    if at is None:
        return NO_TICK_YET
    allowed = datetime.timedelta(seconds=3 * settings.SYNC_TICK_SECONDS + 60)
    return OK if timezone.now() - at < allowed else FAILED


def _encryption_keys() -> str:
    """Whether every stored secret is under a configured key; a minute old at most."""
    try:
        return KEY_LOST if stored_keys.is_one_lost() else OK
    except DatabaseError:
        return FAILED
