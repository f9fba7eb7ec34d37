"""Whether the portal lives and is ready for work, for load balancers and watchdogs. Anyone may ask.

Answers name no version, address or secret.
"""

import contextlib
import datetime
import time
from collections.abc import Callable, Iterator
from typing import ClassVar

import redis
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from clients.models import Waba
from phones.events import not_stored
from phones.events.processing import waiting
from phones.models import Heartbeat
from phones.sync import beats
from portal import database_clock, stored_keys
from portal.metrics import metrics

OK, FAILED, NO_TICK_YET, KEY_LOST = "ok", "failed", "no tick yet", "key lost"
_PING_TIMEOUT = 2  # seconds
_BETWEEN_WRITES = 10  # seconds
_NOT_KNOWN = dict.fromkeys(("database", "broker", "tick", "events", "readings", "encryption_keys"), FAILED)
_written_at = -float(_BETWEEN_WRITES)


@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nothing else."""
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """200 when database and broker answer, stored secrets open and the work that is due gets done, else 503.

    The body says what does not. Clocks that are off and WABAs that wait for Meta are told, and fail nothing.
    """
    database = _database()
    parts = {"database": database, "broker": _broker()}
    notes = {}
    try:
        if database == OK:
            noted = beats.beats()
            parts |= _work(noted) | {"encryption_keys": _encryption_keys()}
            notes = {"clocks": noted.clock_off or OK, "waits": str(noted.asleep or OK)} | _backups(noted)
    except DatabaseError:
        parts["database"] = FAILED
    parts = _NOT_KNOWN | parts
    all_well = set(parts.values()) == {OK}
    body = {"status": OK if all_well else FAILED, **parts, **notes}
    return JsonResponse(body, status=200 if all_well else 503)


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
    """Whether the database takes what is written; in between it is only asked."""
    global _written_at
    if not_stored.lately():
        return FAILED
    try:
        if time.monotonic() - _written_at < _BETWEEN_WRITES:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return OK
        with _short_patience():
            Heartbeat.note("ready")
    except DatabaseError as error:
        # Somebody else writes at this moment, for longer than SQLite waits: it can be written.
        return OK if "locked" in str(error) else FAILED
    _written_at = time.monotonic()
    return OK


@contextlib.contextmanager
def _short_patience() -> Iterator[None]:
    """Have SQLite wait a second for another writer, and not as long as work may."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=1000")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout={1000 * settings.DATABASES['default']['OPTIONS']['timeout']}")


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


def _work(noted: beats.Beats) -> dict[str, str]:
    """Whether the clock ticks, and whether events and readings that are due get done: by what was done, and what waits.

    A tick is late after three missed ones and a minute, so that a restart does not take the portal out. Events and
    readings are late when some have waited for so long and none was done meanwhile.
    """
    now = database_clock.now()
    patience = datetime.timedelta(seconds=3 * settings.SYNC_TICK_SECONDS + 60)
    since = now - patience

    def is_fresh(name: str) -> bool:
        return name in noted.at and abs(now - noted.at[name]) < patience

    tick = OK if is_fresh("tick") else FAILED
    events_wait = not is_fresh("events") and waiting(now).filter(received_at__lt=since).exists()
    readings_wait = not is_fresh("readings") and Waba.objects.due(now).filter(next_sync_at__lt=since).exists()
    return {
        "tick": tick if "tick" in noted.at else NO_TICK_YET,
        "events": FAILED if events_wait else OK,
        "readings": FAILED if readings_wait else OK,
    }


def _backups(noted: beats.Beats) -> dict[str, str]:
    """Whether backups that are wanted are taken."""
    if not settings.BACKUP_DIR:
        return {}
    oldest = database_clock.now() - 2 * datetime.timedelta(hours=settings.BACKUP_HOURS)
    return {"backup": OK if noted.at.get("backup", oldest) > oldest else "late"}


def _encryption_keys() -> str:
    """Whether every stored secret is under a configured key; a minute old at most."""
    return KEY_LOST if stored_keys.is_one_lost() else OK
