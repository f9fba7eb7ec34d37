"""Handing WABAs and credentials to workers that read them, and taking them back: leases of `clients.leases`.

Two schedulers, a lost message, a redelivered one or an empty broker change nothing here: a row is taken once.
"""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import BooleanField, Case, ExpressionWrapper, F, Q, QuerySet, When

from clients import leases
from clients.choices import CredentialKind, RunScope, RunTrigger
from clients.models import Credential, SyncRun, Waba
from portal import database_clock

# A WABA that took its worker down this many times is set aside until its next regular turn.
MOST_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Claim:
    """One WABA in the hands of one worker."""

    pk: int
    waba_id: str
    credential_pk: int
    reads_facts: bool = False
    """Whether an event hinted, since they were read last, that the WABA's own facts may have changed."""
    page_limit: int | None = None
    """How many numbers to ask for at once, where Meta lately gave no more."""


def _span() -> datetime.timedelta:
    return datetime.timedelta(seconds=settings.SYNC_LEASE_SECONDS)


def take_waba(pk: int, *, holder: uuid.UUID, span: datetime.timedelta) -> bool:
    """Whether one WABA is now held by `holder`: it was free."""
    return take_all(Waba.objects.filter(pk=pk), holder=holder, span=span) == 1


def take_all(
    rows: QuerySet[Waba] | QuerySet[Credential], *, holder: uuid.UUID, span: datetime.timedelta | None = None
) -> int:
    """Hold those of `rows` that are free, for a reading; how many that were."""
    now = database_clock.now()
    return leases.take(rows, holder=holder, span=span or _span(), attempts=F("attempts") + 1, last_attempt_at=now)


def fit_for_lane(credentials: Collection[int], now: datetime.datetime) -> QuerySet[Waba]:
    """The WABAs read with these tokens (keys) that may be read together with others (`fast_lane`)."""
    return Waba.objects.filter(_is_fit_for_lane(credentials, now))


def _is_fit_for_lane(credentials: Collection[int], now: datetime.datetime) -> Q:
    """Nothing is wrong with such a WABA, no event waits to be looked after, and nobody asked for it in particular."""
    no_trouble = Q(last_failure=None, failures_in_a_row=0, attempts=0)
    no_wait = Q(not_before=None) | Q(not_before__lte=now)
    no_event = Q(hinted_at=None) | Q(last_attempt_at__gte=F("hinted_at"))
    in_full_pages = Q(page_limit_until=None) | Q(page_limit_until__lte=now)
    of_everything = SyncRun.objects.open().filter(Q(trigger=RunTrigger.SCHEDULE) | Q(scope=RunScope.EVERYTHING))
    not_asked_for = Q(sync_run=None) | Q(sync_run__in=of_everything.values("pk"))
    return Q(credential__in=credentials) & no_trouble & no_wait & no_event & in_full_pages & not_asked_for


def _not_left_to_lane(now: datetime.datetime) -> Q:
    """The condition "no walk over the business edges that goes on just now brings this WABA with its numbers"."""
    walks = Credential.objects.filter(brings_numbers=True, lease_until__gt=now)
    credentials = list(walks.values_list("pk", flat=True))
    return ~_is_fit_for_lane(credentials, now) if credentials else Q()


def take_wabas(*, holder: uuid.UUID, limit: int, run: SyncRun | None = None) -> list[Claim]:
    """Up to `limit` due WABAs, now held by `holder`; only those waiting for `run` when one is given."""
    now = database_clock.now()
    due = Waba.objects.due(now).filter(_not_left_to_lane(now), attempts=0)
    return _take(due, now, holder=holder, limit=limit, run=run)


def take_suspect(*, holder: uuid.UUID, run: SyncRun | None = None, besides: Collection[int] = ()) -> list[Claim]:
    """One due WABA, now held by `holder`, whose reader died: it may have been that one which ended the reader.

    Whoever takes it reads it alone, so that only one that ends its reader again comes to `MOST_ATTEMPTS`. Those that
    were tried least often come first; never those `besides`.
    """
    now = database_clock.now()
    due = Waba.objects.due(now).filter(attempts__gt=0, attempts__lt=MOST_ATTEMPTS).exclude(pk__in=besides)
    return _take(due.order_by("attempts", "next_sync_at", "pk"), now, holder=holder, limit=1, run=run)


def _take(
    due: QuerySet[Waba], now: datetime.datetime, *, holder: uuid.UUID, limit: int, run: SyncRun | None
) -> list[Claim]:
    if run is not None:
        due = due.filter(sync_run=run)
    if not (candidates := list(due.values_list("pk", flat=True)[:limit])):
        return []
    with transaction.atomic():
        free, seen = _not_locked(candidates), candidates
        while len(free) < limit and len(candidates) == limit:  # somebody holds some: there may be more behind them
            candidates = list(due.exclude(pk__in=seen).values_list("pk", flat=True)[:limit])
            free, seen = free + _not_locked(candidates), seen + candidates
        take_all(Waba.objects.filter(pk__in=free[:limit], next_sync_at__lte=now), holder=holder)
    held = Waba.objects.filter(pk__in=free, lease_token=holder)
    hinted = Q(hinted_at__isnull=False) & (Q(facts_read_at=None) | Q(facts_read_at__lt=F("hinted_at")))
    hinted_at_last = ExpressionWrapper(hinted, output_field=BooleanField())
    page_limit = Case(When(page_limit_until__gt=now, then=F("page_limit")))
    return [Claim(*row) for row in held.values_list("pk", "waba_id", "credential_id", hinted_at_last, page_limit)]


def _not_locked(pks: Collection[int]) -> list[int]:
    rows = Waba.objects.filter(pk__in=pks).select_for_update(skip_locked=True, no_key=True)
    return list(rows.values_list("pk", flat=True))


def listing_credentials() -> QuerySet[Credential]:
    """The system user credentials that a business's WABAs can be listed with."""
    return Credential.objects.filter(kind=CredentialKind.SYSTEM_USER).exclude(business_id="").exclude(token_sealed="")


def due_credentials(now: datetime.datetime) -> QuerySet[Credential]:
    """Those of them that WABAs are to be listed with now.

    One that Meta refused stays in turn: its discovery is the one call an hour that finds out when it works again.
    """
    may_ask = Q(not_before=None) | Q(not_before__lte=now)
    return listing_credentials().filter(may_ask, leases.free(now), next_sync_at__lte=now)


def hinted_are_due() -> bool:
    """Whether a WABA that an event hinted at waits for a worker, and its time has come."""
    hinted = Q(hinted_at__isnull=False) & (Q(last_attempt_at=None) | Q(last_attempt_at__lt=F("hinted_at")))
    return Waba.objects.due(database_clock.now()).filter(hinted, attempts__lt=MOST_ATTEMPTS).exists()


def take_credentials(*, holder: uuid.UUID, run: SyncRun | None = None) -> list[Credential]:
    """The system user credentials whose discovery is due, now held by `holder`."""
    now = database_clock.now()
    due = due_credentials(now)
    if run is not None:
        due = due.filter(sync_run=run)
    if not (candidates := list(due.values_list("pk", flat=True))):
        return []
    take_all(Credential.objects.filter(pk__in=candidates, next_sync_at__lte=now), holder=holder)
    return list(Credential.objects.filter(pk__in=candidates, lease_token=holder))


def renew(*, holder: uuid.UUID) -> None:
    """Hold everything of `holder` for another lease."""
    leases.renew(Waba.objects.all(), holder=holder, span=_span())
    leases.renew(Credential.objects.all(), holder=holder, span=_span())


def give_back(*pks: int, holder: uuid.UUID) -> None:
    """Let go of WABAs that were taken but not read, as if they had never been taken."""
    with transaction.atomic():
        mine = leases.unlocked(Waba.objects.filter(pk__in=pks, lease_token=holder))
        mine.update(**leases.LET_GO, attempts=F("attempts") - 1)


def lost_for_good(now: datetime.datetime) -> list[Waba]:
    """WABAs whose workers died time and again without an outcome."""
    return list(Waba.objects.free(now).filter(attempts__gte=MOST_ATTEMPTS))
