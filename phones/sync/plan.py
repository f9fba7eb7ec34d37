"""Decides what changed: the rows of some numbers beside what one complete reading says. Pure.

Asks for no rows but those it is given; no HTTP, no clock. The rules of Meta's that it holds (graph-api.md, "Common
conventions" and 1.3): a fact that Graph leaves out is unknown now, not cleared, except where its absence says "there is
none"; and a number that one complete listing lacks is missing, not gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phones.models import Listing, PhoneNumber
    from portal.graph import NumberReading

# Graph's field → our column, where the two differ.
COLUMN_OF = {"whatsapp_business_manager_messaging_limit": "messaging_limit"}

FACTS = (
    "display_phone_number",
    "verified_name",
    "code_verification_status",
    "quality_rating",
    "platform_type",
    "throughput",
    "status",
    "name_status",
    "new_name_status",
    "last_onboarded_time",
    "webhook_configuration",
    "account_mode",
    "is_official_business_account",
    "is_pin_enabled",
    "is_on_biz_app",
    "is_preverified_number",
    "new_display_name",
    "messaging_limit",
)

# Each fact's name at Graph.
_GRAPH_NAMES = {name: name for name in FACTS} | {column: name for name, column in COLUMN_OF.items()}

# An empty list where there was something may be a fault of Meta's that lasts for hours: for so long it has to stand
# before what it lacks is taken for gone.
EMPTY_BELIEVED_AFTER = timedelta(hours=24)

# Graph leaves these out when there is none: no change of name asked for, no callback set.
CLEARED_BY_ABSENCE = frozenset({"new_name_status", "new_display_name", "webhook_configuration"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One fact that is not what it was. None means "not returned by Graph"."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True)
class NumberUpdate:
    """The columns of one number to write. `changes` is what of it is news; there may be none."""

    columns: Mapping[str, object]
    changes: tuple[FieldChange, ...]


@dataclass(slots=True)
class Plan:
    """What to write for a set of readings, by phone number id."""

    new: dict[str, Mapping[str, object]] = field(default_factory=dict)
    updates: dict[str, NumberUpdate] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)


def columns_of(reading: NumberReading) -> dict[str, object]:
    """The facts of a number seen for the first time, and what Graph sent that is no fact."""
    return {**_facts(reading), "odd_values": _odd(reading)}


def compare(
    known: PhoneNumber, reading: NumberReading, *, at: datetime, now: datetime | None = None
) -> NumberUpdate | None:
    """What a reading asked for at `at` changes in `known`; None when nothing, or when `known` is newer.

    A time that has not come yet at `now` was written by a wrong clock, and makes nothing newer.
    """
    if at < known.synced_at <= (now or known.synced_at):
        return None
    known_at = min(known.synced_at, at)
    said = _facts(reading)
    columns: dict[str, object] = {}
    changes: list[FieldChange] = []
    provenance = dict(known.provenance)
    for name in FACTS:
        old, new = getattr(known, name), said[name]
        if new is None and not (name in CLEARED_BY_ABSENCE and _GRAPH_NAMES[name] in reading.requested):
            if old is not None:
                provenance.setdefault(name, {"at": known_at.isoformat(), "source": known.synced_by})
            continue
        provenance.pop(name, None)
        if old != new:
            columns[name] = new
            changes.append(FieldChange(name, old, new))
    if provenance != known.provenance:
        columns["provenance"] = provenance
    odd = _odd(reading)
    if odd != known.odd_values:
        columns["odd_values"] = odd
    return NumberUpdate(columns, tuple(changes)) if columns else None


def make(known: Mapping[str, PhoneNumber], readings: Iterable[NumberReading], *, at: datetime, now: datetime) -> Plan:
    """The plan for `readings` that were asked for at `at`; `known` holds the numbers the desk has already."""
    plan = Plan()
    for reading in readings:
        number = known.get(reading.phone_number_id)
        if number is None:
            plan.new[reading.phone_number_id] = columns_of(reading)
        elif update := compare(number, reading, at=at, now=now):
            plan.updates[reading.phone_number_id] = update
        else:
            plan.unchanged.append(reading.phone_number_id)
    return plan


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a number is. `current` are the WABAs whose people see it; `waba` is the one it is shown under."""

    waba: int
    current: frozenset[int]
    missing_since: datetime | None
    gone_at: datetime | None


def locate(listings: Sequence[Listing], *, now_under: int | None = None) -> Whereabouts:
    """Where a number with these listings is.

    While any WABA lists it, those that do are current, and it stays under the WABA it is under (`now_under`) as long
    as that one lists it, else it goes to the latest. When none lists it any more it stays where it was last, missing
    since the last one lost it.
    """
    if listing := [one for one in listings if one.missing_since is None]:
        current = frozenset(one.waba_id for one in listing)
        latest = max(listing, key=lambda one: (one.first_seen_at, one.waba_id)).waba_id
        waba = now_under if now_under is not None and now_under in current else latest
        return Whereabouts(waba, current, None, None)
    last = max(listings, key=lambda one: (one.missing_since or one.first_seen_at, one.waba_id))
    return Whereabouts(last.waba_id, frozenset({last.waba_id}), last.missing_since, last.gone_at)


def _facts(reading: NumberReading) -> dict[str, object]:
    said = reading.values.get
    return {column: said(name) for column, name in _GRAPH_NAMES.items()}


def _odd(reading: NumberReading) -> dict[str, str]:
    return {COLUMN_OF.get(name, name): text for name, text in reading.odd.items()}
