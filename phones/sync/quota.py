"""How Meta's quotas stand: what is used of a WABA's and of the app's, by what, until when, and what is read next.

Meta tells a percentage in its answers and nothing more. Calls are counted from what the desk's own rows say of the last
hour; what people and other programs of the app use besides, nobody tells apart.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from clients.models import Credential, Waba
from clients.querysets import WabaQuerySet
from phones.models import Action, Health, PhoneNumber, ProfileQuota, ProfileTurn
from phones.numbers import conditions
from phones.sync import pace, profile_lane, profile_turns, write_traits
from phones.sync.told_use import HOUR
from portal import database_clock

# Numbers on one page of a WABA's list: the calls of one reading.
A_PAGE = 100
TIGHTEST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Told:
    """A percentage and when Meta told it. It is of a moving hour: an older one says nothing of now."""

    percent: int
    at: datetime.datetime
    is_of_now: bool


@dataclass(frozen=True, slots=True)
class QuotaOfWaba:
    """One WABA's quota. `told` is None where Meta has told nothing yet; times are None where nothing is planned."""

    told: Told | None
    calls_an_hour: int
    spent: dict[str, int]
    waits: dict[str, datetime.datetime]
    next_at: dict[str, datetime.datetime]
    profiles_waiting: int
    profiles_an_hour: int

    @property
    def calls_left(self) -> int | None:
        """By Meta's published quota; None where the percentage is not of now."""
        if self.told is None or not self.told.is_of_now:
            return None
        return self.calls_an_hour * max(100 - self.told.percent, 0) // 100


@dataclass(frozen=True, slots=True)
class QuotaOfDesk:
    """The app's quota and the plan of the whole desk. `tightest`: WABAs above half of theirs, as Meta told lately."""

    app: Told | None
    tightest: list[Waba]
    busy: int
    lists_due: int
    profiles_due: int


def quota_of(waba: Waba) -> QuotaOfWaba:
    """One statement."""
    now = database_clock.now()
    since = now - HOUR
    numbers = PhoneNumber.objects.filter(waba=OuterRef("pk"), missing_since=None)
    turns = ProfileTurn.objects.filter(number__waba=OuterRef("pk"), number__missing_since=None)
    healths = Health.objects.filter(number__waba=OuterRef("pk"))
    of_waba = Health.objects.filter(waba=OuterRef("pk"))
    found = (
        Waba.objects.filter(pk=waba.pk)
        .order_by()
        .values(
            *("used_percent", "used_told_at", "next_sync_at", "not_before", "last_synced_at"),
            *("credential__not_before", "profile_quota__calls", "profile_quota__hour_began_at"),
            *("profile_quota__not_before", "profile_quota__next_read_at"),
            numbers=_count(numbers, "waba"),
            is_registered=Exists(numbers.filter(conditions.IS_REGISTERED)),
            unread=_count(numbers.filter(profile_turn=None), "waba"),
            due=_count(turns.filter(next_read_at__lte=now), "number__waba"),
            healths=_count(healths.filter(tried_at__gt=since), "number__waba"),
            own_health=_count(of_waba.filter(tried_at__gt=since), "waba"),
            next_health=Subquery(_least(healths, "number__waba")),
            health_waits=Subquery(of_waba.values("not_before")[:1]),
            actions=_count(Action.objects.filter(waba=OuterRef("pk"), sent_at__gt=since), "waba"),
        )
        .get()
    )
    return _quota(found, now)


def quota_of_desk(wabas: WabaQuerySet) -> QuotaOfDesk:
    """Of those `wabas` that the person may see. Two statements."""
    now = database_clock.now()
    since = now - HOUR
    busy = wabas.filter(used_percent__gte=pace.BUSY_PERCENT, used_told_at__gt=since).order_by("-used_percent", "pk")
    above = list(busy[: TIGHTEST_SHOWN + 1])
    lanes = profile_turns.due(now) if write_traits.interval() else ProfileQuota.objects.none()
    tokens = Credential.objects.order_by(F("app_told_at").desc(nulls_last=True)).annotate(
        lists_due=_count(Waba.objects.due(now).annotate(of_all=Value(1)), "of_all"),
        profiles_due=_count(lanes.annotate(of_all=Value(1)), "of_all"),
    )
    found = tokens.values_list("app_used_percent", "app_told_at", "lists_due", "profiles_due").first()
    percent, at, lists_due, profiles_due = found or (None, None, 0, 0)
    return QuotaOfDesk(_told(percent, at, now), above[:TIGHTEST_SHOWN], len(above), lists_due, profiles_due)


def _quota(found: dict[str, Any], now: datetime.datetime) -> QuotaOfWaba:
    since = now - HOUR
    began_at, synced_at = found["profile_quota__hour_began_at"], found["last_synced_at"]
    is_read = synced_at is not None and synced_at > since
    spent = {
        "lists": max(-(-found["numbers"] // A_PAGE), 1) if is_read else 0,
        "health": found["healths"] + found["own_health"],
        "profiles": found["profile_quota__calls"] or 0 if began_at is not None and began_at > since else 0,
        "actions": found["actions"],
    }
    waits = {
        "lists": found["not_before"],
        "token": found["credential__not_before"],
        "health": found["health_waits"],
        "profiles": found["profile_quota__not_before"],
    }
    is_on = bool(write_traits.interval())
    planned = {
        "lists": found["next_sync_at"],
        "health": found["next_health"],
        "profiles": found["profile_quota__next_read_at"] if is_on else None,
    }
    calls = pace.profile_calls_an_hour(has_registered=found["is_registered"])
    return QuotaOfWaba(
        told=_told(found["used_percent"], found["used_told_at"], now),
        calls_an_hour=pace.CALLS_AN_HOUR if found["is_registered"] else pace.CALLS_OF_NEW_WABA,
        spent=spent,
        waits={name: until for name, until in waits.items() if until is not None and until > now},
        next_at={name: at for name, at in planned.items() if at is not None},
        profiles_waiting=found["unread"] + found["due"] if is_on else 0,
        profiles_an_hour=calls // len(profile_lane.PARTS),
    )


def _told(percent: int | None, at: datetime.datetime | None, now: datetime.datetime) -> Told | None:
    return None if percent is None or at is None else Told(percent, at, is_of_now=at > now - HOUR)


def _count(rows: QuerySet[Any, Any], by: str) -> Coalesce:
    """How many of `rows` there are, all of which have the same in `by`."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


def _least(rows: QuerySet[Health, Any], by: str) -> QuerySet[Any, Any]:
    least: QuerySet[Any, Any] = rows.order_by().values(by).annotate(least=Min("next_read_at")).values("least")
    return least
