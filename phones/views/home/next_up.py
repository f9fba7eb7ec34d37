"""The most urgent numbers of a book: what runs out first, then what can't send, then what waits for us the longest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from clients import roles
from clients.models import User
from phones.choices import WHOSE_MOVE, ActionKind
from phones.listing.rows import NumberRow, may_be_elsewhere, rows_of
from phones.models import PhoneNumber
from phones.numbers import clocks, conditions, rules
from phones.numbers.lifecycle import Move, Stage, Step
from phones.querysets import PhoneNumberQuerySet
from portal.web.keys import KeysOf

SHOWN = 10
# What is shown of a number and its client, and what its urgency and its next step are told by.
_FACTS = (
    *("phone_number_id", "display_phone_number", "move", "step", "next_action", "stage_since", "registration_deadline"),
    *("waba_id", "waba__client__name"),
)
# Restricted numbers still answer; these reach nobody.
_IS_DOWN = (conditions.IS_STOPPED | Q(status=rules.BANNED) | Q(stage=Stage.DISCONNECTED)) & Q(
    move__in=(Move.US, Move.CLIENT)
)
# Steps that are done on a form of their own.
_WITH_FORM = frozenset({*Step} - {Step.NONE, Step.REFRESH})
# How the sentence of a next step names whose move it is, where it does.
_NAMED: dict[str, str] = {Move.CLIENT: "client", Move.META: "Meta "}


@dataclass(frozen=True, slots=True)
class NextUp:
    """One urgent number. `button` and `address` lead to the form of its next step, else to its page."""

    row: NumberRow
    button: str
    address: str
    is_down: bool

    @property
    def deadline(self) -> datetime | None:
        at = self.row.number.registration_deadline
        return at if at is not None and at > timezone.now() else None

    @property
    def whose_move(self) -> str:
        """Whose move it is, in words; empty for ours, and where the sentence of the next step names them."""
        move = self.row.number.move
        is_said = move not in _NAMED or _NAMED[move] in self.row.next_action
        return "" if is_said else WHOSE_MOVE[move]


def next_up(numbers: QuerySet[PhoneNumber], person: User) -> list[NextUp]:
    """The first of `numbers`, which `person` may see. One statement, two where a number may be on several WABAs."""
    now = timezone.now()
    either = reduce(PhoneNumberQuerySet.union, (_of(keys) for keys in _first_keys(numbers, now)))
    # Unsorted: Django would compare the order with every part of `down`, which takes a third of all this.
    some = PhoneNumber.objects.filter(pk__in=KeysOf(either)).annotate(down=_IS_DOWN).order_by()
    facts = some.select_related(None).select_related("waba__client").only(*_FACTS)
    found = sorted(facts, key=lambda number: (*_urgency(number, now), number.pk))[:SHOWN]
    rows = rows_of(found, person) if may_be_elsewhere(person) else [NumberRow(one, one.waba, 0) for one in found]
    may_change = roles.may_change(person)
    return [_shown(row, may_change=may_change) for row in rows]


def _of(keys: QuerySet[PhoneNumber, Any]) -> QuerySet[PhoneNumber, Any]:
    """The same keys as part of a union: SQLite takes no first few there, unless they stand within another query."""
    if connection.features.supports_slicing_ordering_in_compound:
        return keys
    return PhoneNumber.objects.filter(pk__in=KeysOf(keys)).order_by().values("pk")


def _first_keys(numbers: QuerySet[PhoneNumber], now: datetime) -> Iterator[QuerySet[PhoneNumber, Any]]:
    """The keys of the first few of each kind. Each is read along an index in its own order, and no further."""
    keys = numbers.order_by().values("pk")
    ahead = keys.filter(registration_deadline__gt=now).exclude(move=Move.NOBODY)
    yield ahead.order_by("registration_deadline")[:SHOWN]
    for move in (Move.US, Move.CLIENT):
        down = keys.filter(_IS_DOWN, move=move)
        yield down.filter(stage_since__isnull=False).order_by("-stage_since")[:SHOWN]
        yield down.filter(stage_since=None)[:SHOWN]
    waiting = keys.filter(move=Move.US, registration_deadline=None)
    yield waiting.order_by(F("stage_since").asc(nulls_last=True))[:SHOWN]


def _urgency(number: PhoneNumber, now: datetime) -> tuple[int, float]:
    deadline = number.registration_deadline
    since = number.stage_since.timestamp() if number.stage_since else now.timestamp()
    if clocks.is_pressing(deadline, now=now) and deadline is not None:
        return 0, deadline.timestamp()
    if _is_down(number):
        return 1, -since
    return (2, deadline.timestamp()) if deadline is not None and deadline > now else (3, since)


def _is_down(number: PhoneNumber) -> bool:
    return bool(number.down)  # type: ignore[attr-defined] # annotated


def _shown(row: NumberRow, *, may_change: bool) -> NextUp:
    number = row.number
    names = [number.phone_number_id]
    # Where it is under a WABA that is not theirs, its own page says whom to ask.
    if may_change and number.step in _WITH_FORM and row.waba.pk == number.waba_id:
        address = reverse("phones:confirm", args=[*names, number.step])
        return NextUp(row, f"{ActionKind(number.step).label}…", address, is_down=_is_down(number))
    return NextUp(row, "Open", reverse("phones:number", args=names), is_down=_is_down(number))
