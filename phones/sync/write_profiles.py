"""Writes what the profile lane was told of one number, and when it is asked again."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from clients import refused_fields
from clients.models import SyncFailure
from phones.choices import Source
from phones.models import BusinessProfile, NumberDetails, PhoneNumber, ProfileTurn
from phones.sync import details, pace, profile, write_traits
from portal import database_clock
from portal.graph import DetailsReading, FieldRefusal, GraphError, ProfileReading
from portal.rows import row_or_none

PROFILE = "profile"
# A part that Meta refused for a number is not asked for again for so long, unless a person asks.
REST = datetime.timedelta(days=3)
# After a failure that may pass, a number is read again in this part of the interval.
SOONER = 4
MAY_PASS = (pace.PASSING | details.OF_ALL) - {"not_visible"}
# Part → the column that lists show.
_STATE_OF = {PROFILE: "profile_state", "username": "username_state", "settings": "calling_state"}


@dataclass(frozen=True, slots=True)
class Told:
    """What came of asking for one part: a reading, or why there is none."""

    part: str
    at: datetime.datetime
    reading: ProfileReading | DetailsReading | None = None
    error: GraphError | None = None


@transaction.atomic
def store(turn: ProfileTurn, told: Sequence[Told], *, refused: Collection[FieldRefusal]) -> None:
    """Store the parts that came and why others did not, in one transaction with the number's next turn."""
    number = turn.number
    write_traits.lock(number)
    for one in told:
        if isinstance(one.reading, ProfileReading):
            profile.store(number, one.reading, asked_at=one.at)
        elif one.part == PROFILE and one.error is not None:
            profile.note_failure(number, SyncFailure.of(one.error, at=one.at), one.at)
    if of_details := {one.part: (_said(one), one.at) for one in told if one.part != PROFILE}:
        details.keep(number, of_details)
    refused_fields.note(refused, _answered(told))
    _forget_what_is_old(number, told)
    _give_next_turn(turn, told)


def _said(one: Told) -> dict[str, object]:
    if isinstance(one.reading, DetailsReading):
        return details.said_by(one.reading, at=one.at, source=Source.SYNC)
    assert one.error is not None  # noqa: S101 - a part that was asked for has a reading or an error
    return details.why(SyncFailure.of(one.error, at=one.at))


def _answered(told: Iterable[Told]) -> list[tuple[str, Collection[str]]]:
    """Which fields of which type of node were answered."""
    kinds = {PROFILE: "business_profile", "node": "number_details"}
    return [(kinds[one.part], one.reading.requested) for one in told if one.part in kinds and one.reading is not None]


def _forget_what_is_old(number: PhoneNumber, told: Sequence[Told]) -> None:
    """Say "can't tell" of what was not read now and was read last too long ago."""
    came = {one.part for one in told if one.reading is not None}
    missing = [part for part in _STATE_OF if part not in came]
    if not missing:
        return
    since = database_clock.now() - write_traits.holds_for()
    read_at = {PROFILE: BusinessProfile.objects.filter(number=number).values_list("read_at", flat=True).first()}
    row = row_or_none(NumberDetails.objects.filter(number=number))
    for part in missing:
        said = row.parts.get(part, {}).get("at") if row is not None else None
        at = read_at[PROFILE] if part == PROFILE else datetime.datetime.fromisoformat(said) if said else None
        if at is None or at < since:
            write_traits.forget(number, _STATE_OF[part])


def _give_next_turn(turn: ProfileTurn, told: Sequence[Told]) -> None:
    now, errors = database_clock.now(), [one for one in told if one.error is not None]
    may_pass = any(one.error and one.error.kind in MAY_PASS for one in errors)
    rests = {part: until for part, until in turn.rests.items() if datetime.datetime.fromisoformat(until) > now}
    for one in errors:
        if one.error and one.error.kind not in pace.PASSING | details.OF_ALL:
            rests[one.part] = (now + REST).isoformat()
    next_read_at = now + pace.spread(write_traits.interval()) / (SOONER if may_pass else 1)
    ProfileTurn.objects.filter(pk=turn.pk).update(next_read_at=next_read_at, tried_at=now, rests=rests)
