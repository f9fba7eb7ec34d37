"""Whether a change is for the worse, how bad it is, and which part of a number it is about. Pure.

Judged by the tones and ranks of `phones.choices`: a value that no table knows is neither better nor worse.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, TypeAlias

from phones.choices import HEALTH_STATUSES, STATUSES, WABA_STATUSES, ChangeKind, Status, Tone
from phones.events.words import event_words
from phones.numbers import rules
from phones.sync.plan import CLEARED_BY_ABSENCE


class Topic(StrEnum):
    """What a change is about. The value stands in addresses."""

    CONNECTION = "connection"
    QUALITY = "quality"
    NAME = "name"
    CODE = "code"
    PLACE = "place"
    WABA = "waba"
    ADDED = "added"
    OTHER = "other"


TOPICS = {
    Topic.CONNECTION: "Connection",
    Topic.QUALITY: "Quality and limits",
    Topic.NAME: "Display name",
    Topic.CODE: "Code and PIN",
    Topic.PLACE: "Missing or moved",
    Topic.WABA: "WABA",
    Topic.ADDED: "New numbers",
    Topic.OTHER: "Other",
}


class Direction(StrEnum):
    WORSE = "worse"
    BETTER = "better"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Verdict:
    direction: Direction
    tone: Tone = Tone.NONE

    @property
    def severity(self) -> int:
        """How bad it is, where it is for the worse: the larger, the worse."""
        return _SEVERITY[self.tone] if self.direction == Direction.WORSE else 0


class OneChange(Protocol):
    """A line of history: a row, or the part of one."""

    @property
    def number_id(self) -> int | None: ...
    @property
    def waba_id(self) -> int | None: ...
    @property
    def kind(self) -> str: ...
    @property
    def field(self) -> str: ...
    @property
    def old(self) -> object: ...
    @property
    def new(self) -> object: ...
    @property
    def source(self) -> str: ...
    @property
    def actor_id(self) -> int | None: ...
    @property
    def at(self) -> datetime: ...


_Value: TypeAlias = str | bool | None
_SEVERITY = {Tone.BAD: 5, Tone.WARN: 4, Tone.ACT: 3, Tone.WAIT: 2, Tone.NONE: 1, Tone.OK: 0}
_TROUBLE = frozenset({Tone.BAD, Tone.WARN, Tone.ACT})
_NEITHER = Verdict(Direction.NEITHER)
_BETTER = Verdict(Direction.BETTER, Tone.OK)
# A number that leaves the good state of one of these can't send, or is not known to.
_SENDING_RESTS_ON = frozenset({"status", "platform_type"})
# Fields whose values have no tone and an order: the later, the more the number may do.
_RISING = frozenset({"messaging_limit", "throughput"})
_NONE_SET = frozenset({"UNTIERED", "TIER_NOT_SET", "NOT_APPLICABLE"})
_TOPIC_OF_FIELD = {
    "status": Topic.CONNECTION,
    "platform_type": Topic.CONNECTION,
    "can_send_message": Topic.CONNECTION,
    "is_on_biz_app": Topic.CONNECTION,
    "quality_rating": Topic.QUALITY,
    "messaging_limit": Topic.QUALITY,
    "throughput": Topic.QUALITY,
    "verified_name": Topic.NAME,
    "name_status": Topic.NAME,
    "new_display_name": Topic.NAME,
    "new_name_status": Topic.NAME,
    "code_verification_status": Topic.CODE,
    "is_pin_enabled": Topic.CODE,
    "last_onboarded_time": Topic.CODE,
}
_TOPIC_OF_EVENT = {
    "connection": Topic.CONNECTION,
    "quality_event": Topic.QUALITY,
    "name_decision": Topic.NAME,
    "security": Topic.CODE,
    "pin_reset_request": Topic.CODE,
}
_OF_PLACE = {
    ChangeKind.MISSING.value: Verdict(Direction.WORSE, Tone.WARN),
    ChangeKind.GONE.value: Verdict(Direction.WORSE, Tone.BAD),
    ChangeKind.BACK.value: _BETTER,
}


def topic_of(change: OneChange) -> Topic:
    if change.number_id is None:
        return Topic.WABA
    if change.kind == ChangeKind.ADDED:
        return Topic.ADDED
    if change.kind == ChangeKind.EVENT:
        names = (name.partition(":")[0] for name in _facts_of(change))
        return next((_TOPIC_OF_EVENT[name] for name in names if name in _TOPIC_OF_EVENT), Topic.OTHER)
    if change.kind == ChangeKind.FIELD:
        return _TOPIC_OF_FIELD.get(change.field, Topic.OTHER)
    return Topic.PLACE


def is_first_fact(change: OneChange) -> bool:
    """Whether a fact became known that Graph had never returned: nothing got worse or better by that."""
    return change.kind == ChangeKind.FIELD and change.old is None and change.field not in CLEARED_BY_ABSENCE


def verdict_on(change: OneChange, *, is_registered: bool) -> Verdict:
    """Whether `change` is for the worse. `is_registered`: its number is, so the code and the name no longer matter."""
    if is_first_fact(change):
        return _NEITHER
    if change.kind == ChangeKind.EVENT:
        return _verdict_on_event(change)
    if change.kind != ChangeKind.FIELD:
        return _OF_PLACE.get(change.kind, _NEITHER)
    return between(change, change.old, change.new, is_registered=is_registered)


def between(change: OneChange, old: object, new: object, *, is_registered: bool) -> Verdict:
    """Whether `new` is worse than `old`, as values of the field that `change` is about."""
    # Values that are neither text nor yes or no have no tone and no rank, as nothing has.
    before = old if isinstance(old, (str, bool)) else None
    after = new if isinstance(new, (str, bool)) else None
    return _between(change.field, before, after, is_of_waba=change.number_id is None, is_registered=is_registered)


@lru_cache(maxsize=1024)  # a page judges hundreds of lines, of which few differ
def _between(field: str, old: _Value, new: _Value, *, is_of_waba: bool, is_registered: bool) -> Verdict:
    if field == "is_official_business_account":
        return _BETTER if new is True else Verdict(Direction.WORSE, Tone.WARN) if old is True else _NEITHER
    table = _table_of(field, is_of_waba=is_of_waba)
    if field in _RISING:
        return _by_rank([value for value in table if value not in _NONE_SET], old, new)
    if field == "new_name_status" and new in rules.NAME_ACCEPTED:
        return _BETTER
    before, after = (_tone_of(table, field, value, is_registered=is_registered) for value in (old, new))
    if field in _SENDING_RESTS_ON and not is_of_waba and before == Tone.OK != after:
        return Verdict(Direction.WORSE, {Tone.NONE: Tone.WARN, Tone.WARN: Tone.WARN}.get(after, Tone.BAD))
    if after in _TROUBLE and _SEVERITY[after] > _SEVERITY[before]:
        return Verdict(Direction.WORSE, after)
    if Tone.NONE in {before, after} and after != Tone.OK:
        return _NEITHER
    return _BETTER if _SEVERITY[after] < _SEVERITY[before] else _NEITHER


def _table_of(field: str, *, is_of_waba: bool) -> Mapping[str, Status]:
    if field in HEALTH_STATUSES:
        return HEALTH_STATUSES[field]
    return (WABA_STATUSES if is_of_waba else STATUSES).get(field, {})


def _tone_of(table: Mapping[str, Status], field: str, value: _Value, *, is_registered: bool) -> Tone:
    tone = table[value].tone if isinstance(value, str) and value in table else Tone.NONE
    mattered_before = field in {"code_verification_status", "name_status"} and is_registered
    return Tone.NONE if mattered_before and tone == Tone.ACT else tone


def _by_rank(ranks: list[str], old: _Value, new: _Value) -> Verdict:
    if old not in ranks or new not in ranks or old == new:
        return _NEITHER
    return _BETTER if ranks.index(str(new)) > ranks.index(str(old)) else Verdict(Direction.WORSE, Tone.WARN)


def _verdict_on_event(change: OneChange) -> Verdict:
    tones = {event_words(name, value).tone for name, value in _facts_of(change).items()}
    worst = max(tones & _TROUBLE, key=_SEVERITY.__getitem__, default=None)
    if worst is not None:
        return Verdict(Direction.WORSE, worst)
    return _BETTER if Tone.OK in tones else _NEITHER


def _facts_of(change: OneChange) -> dict[str, Mapping[str, object]]:
    """What an event said, by the names of its facts."""
    facts = change.new if isinstance(change.new, dict) else {}
    return {name: value for name, value in facts.items() if isinstance(value, dict)}
