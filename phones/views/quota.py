"""Meta's quotas in words, for the pages of a WABA and of syncs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from clients import roles
from clients.models import User, Waba
from phones.choices import Tone
from phones.sync import pace, quota
from phones.sync.quota import QuotaOfDesk, QuotaOfWaba, Told
from phones.sync.told_use import TIGHT_PERCENT

_SPENT = {"lists": "its list of numbers", "health": "health", "profiles": "profiles", "actions": "actions"}
_READ = {"lists": "List of numbers", "health": "Health", "profiles": "Profiles and details"}
_WAITS = {**_READ, "token": "Everything with this token"}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something of the plan and when it comes; `at` may be past: then its turn has come."""

    label: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QuotaSheet:
    """A WABA's quota as its page shows it."""

    told: Told | None
    tone: Tone
    left: str
    spent: str
    waits: list[Moment]
    planned: list[Moment]
    with_more: str


@dataclass(frozen=True, slots=True)
class DeskQuota:
    """The app's quota, WABAs with little left, and what waits, as the syncs page shows it."""

    found: QuotaOfDesk
    tone: Tone
    more: bool
    with_more: str


def quota_of_waba(waba: Waba) -> QuotaSheet:
    found = quota.quota_of(waba)
    return QuotaSheet(
        told=found.told,
        tone=_tone(found.told),
        left=_left(found),
        spent=", ".join(f"{calls:,} for {_SPENT[name]}" for name, calls in found.spent.items() if calls),
        waits=[Moment(_WAITS[name], until) for name, until in found.waits.items()],
        planned=[Moment(_READ[name], at) for name, at in found.next_at.items()],
        with_more=_with_more(found),
    )


def quota_of_desk(person: User) -> DeskQuota | None:
    """For who sees all clients: the app's quota is shared by them all."""
    if not roles.sees_everything(person):
        return None
    found = quota.quota_of_desk(Waba.objects.visible_to(person))
    waits = [
        f"{count:,} WABA{'' if count == 1 else 's'} {'waits' if count == 1 else 'wait'} to have {what} read"
        for count, what in ((found.lists_due, "their lists"), (found.profiles_due, "profiles of their numbers"))
        if count
    ]
    with_more = f"{' and '.join(waits)}: with more calls that comes sooner." if waits else ""
    return DeskQuota(found, _tone(found.app), found.busy > len(found.tightest), with_more)


def _tone(told: Told | None) -> Tone:
    if told is None or not told.is_of_now:
        return Tone.NONE
    if told.percent >= TIGHT_PERCENT:
        return Tone.BAD if told.percent >= 100 else Tone.WARN
    return Tone.OK


def _left(found: QuotaOfWaba) -> str:
    most = f"{found.calls_an_hour:,} calls an hour"
    return f"Of {most}" if found.calls_left is None else f"About {found.calls_left:,} of {most}"


def _with_more(found: QuotaOfWaba) -> str:
    """What would be read sooner if Meta gave more."""
    said = []
    if found.told is not None and found.told.is_of_now and found.told.percent >= pace.BUSY_PERCENT:
        said.append("Its list is read once an hour at most while more than half of the quota is used.")
    if found.profiles_waiting:
        numbers = f"{found.profiles_waiting:,} number{'' if found.profiles_waiting == 1 else 's'}"
        hours = -(-found.profiles_waiting // max(found.profiles_an_hour, 1))
        said.append(
            f"Profiles and details of {numbers} wait for their turn. At {found.profiles_an_hour:,} an hour that takes"
            f" {_hours(hours)}, with twice the quota {_hours(-(-hours // 2))}."
            if hours > 1
            else f"Profiles and details of {numbers} are read within the hour anyway."
        )
    return " ".join(said) or "Nothing: all that is due is read."


def _hours(hours: int) -> str:
    span = timedelta(hours=hours)
    if hours < 2:
        return "up to an hour"
    return f"up to {hours} hours" if span < timedelta(days=2) else f"up to {-(-hours // 24)} days"
