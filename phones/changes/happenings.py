"""Lines of history as happenings: folded, named, and put in words for one reader.

Reading is bounded: of more lines than `MOST` the first are read, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, DateTimeField, ExpressionWrapper, F, QuerySet

from clients import roles
from clients.models import User, Waba
from phones.changes.folding import ARRIVALS_WITHIN, ChangeRow, Happening, fold
from phones.changes.lines import HistoryLine, lines_of
from phones.choices import Source
from phones.models import Change, Listing
from phones.numbers import rules
from portal.web.keys import KeysOf, OneOf

MOST = 800
# In the order of the fields of `ChangeRow`; then what tells whether the number is registered.
_OWN = ("pk", "number_id", "waba_id", "kind", "field", "old", "new", "source", "actor_id", "at", "client_id")
_FOLDED = (*_OWN, "number__status", "number__platform_type")
_OF_NUMBER = tuple(f"number__{name}" for name in ("phone_number_id", "display_phone_number", "waba_id"))
_OF_WABAS = tuple(
    f"{path}__{name}"
    for path in ("waba", "number__waba")
    for name in ("pk", "waba_id", "name", "client", "client__name")
)
_OF_ACTOR = tuple(f"actor__{name}" for name in ("first_name", "last_name", "username"))


class _NumberNames(NamedTuple):
    """Those of a number, and the key of the WABA that it is under."""

    phone_number_id: str
    display: str
    waba_id: int


@dataclass(frozen=True, slots=True)
class Place:
    """The WABA and the client that a happening is shown under."""

    pk: int
    waba_id: str
    name: str
    client_pk: int
    client: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """A number that a happening is about, and where the person sees it."""

    pk: int
    phone_number_id: str
    display: str
    place: Place | None

    def __str__(self) -> str:
        return self.display


@dataclass(frozen=True, slots=True)
class HappeningInWords:
    """A happening in words: the numbers and new WABAs it is about, where, and its lines, the worst first.

    `clients` are those that it is about, name by key; `found` counts what was seen for the first time, where that is
    more than one number or WABA: "31 WABAs and 120 numbers".
    """

    happening: Happening
    numbers: list[NamedNumber]
    place: Place | None
    lines: list[HistoryLine]
    by: str = ""
    wabas: Sequence[Place] = ()
    clients: Mapping[int, str] = field(default_factory=dict)
    found: str = ""

    @property
    def key(self) -> int:
        return self.happening.key

    @property
    def title(self) -> str:
        """What it is about, in a few words."""
        if self.found or len(self.numbers) != 1:
            return self.found or (self.place.name if self.place else "this change")
        return self.numbers[0].display

    @property
    def sources(self) -> str:
        """Where it came from, in the order in which it came: "event from Meta, then sync"."""
        named = dict.fromkeys(str(Source(change.source).label) for change in self.happening.changes)
        return ", then ".join(named)

    @property
    def whose(self) -> str:
        """The name of the client, or how many they are."""
        return next(iter(self.clients.values())) if len(self.clients) == 1 else f"{len(self.clients):,} clients"

    @property
    def sentences(self) -> list[str]:
        """What changed, as plain text; of many that were found the first three by name."""
        if not self.found:
            return list(dict.fromkeys(line.sentence for line in self.lines))
        named, more = self.named, self.unnamed
        return [f"Seen for the first time: {', '.join(map(str, named))}{f' and {more:,} more' if more else ''}"]

    @property
    def named(self) -> Sequence[Place | NamedNumber]:
        """The first of what was seen for the first time: WABAs, where there are any."""
        return (self.wabas or self.numbers)[:3]

    @property
    def unnamed(self) -> int:
        return len(self.wabas or self.numbers) - len(self.named)


class _Platform(NamedTuple):
    status: str | None
    platform_type: str | None


@dataclass
class Happenings:
    """What was found, the worst first. `newest`: the key of the newest line; `is_complete`: no line was left out.

    WABAs and clients are read when they are first asked for, and only those of `found`: which of them the reader may
    see is asked anyway. Who sees every WABA has them beside the lines, as `all_places`, without a further statement.
    """

    reader: User
    found: list[Happening]
    newest: int
    is_complete: bool
    lines_read: int
    number_names: Mapping[int, _NumberNames]
    people: Mapping[int, str]
    all_places: Mapping[int, Place] | None = None

    def only(self, some: list[Happening]) -> Happenings:
        """`some` of what was found, for naming no more than these."""
        return replace(self, found=some)

    @cached_property
    def places(self) -> Mapping[int, Place]:
        """The WABAs of what was found that the reader may see, by key."""
        if self.all_places is not None:
            return self.all_places
        return _places_seen_by(self.reader, self._wabas_named() | {names.waba_id for _, names in self._numbers_named()})

    @cached_property
    def numbers(self) -> dict[int, NamedNumber]:
        """The numbers of what was found, by key."""
        named = self._numbers_named()
        elsewhere = _other_places([pk for pk, names in named if names.waba_id not in self.places], self.reader)
        return {
            pk: NamedNumber(
                pk,
                names.phone_number_id,
                names.display or names.phone_number_id,
                self.places.get(names.waba_id) or elsewhere.get(pk),
            )
            for pk, names in named
        }

    def _wabas_named(self) -> set[int]:
        return {change.waba_id for one in self.found for change in one.changes if change.waba_id is not None}

    def _numbers_named(self) -> list[tuple[int, _NumberNames]]:
        keys = {change.number_id for one in self.found for change in one.changes if change.number_id is not None}
        return [(pk, self.number_names[pk]) for pk in keys]

    @cached_property
    def worse(self) -> list[Happening]:
        """What got worse and has not got better since."""
        return [one for one in self.found if one.got_worse]

    def place_of(self, happening: Happening) -> Place | None:
        """Where it is shown: under the WABA of its number if that is the reader's, else under one that is.

        None where it is about several WABAs.
        """
        places = self._places_of(happening)
        return places[0] if len({place.pk for place in places}) == 1 else None

    def clients_of(self, happening: Happening) -> dict[int, str]:
        """The names of the clients that it is about, by key."""
        return {place.client_pk: place.client for place in self._places_of(happening)}

    def _places_of(self, happening: Happening) -> list[Place]:
        if not happening.numbers:
            pks = happening.arrived_wabas or [happening.waba_id or 0]
            return [self.places[pk] for pk in pks if pk in self.places]
        of_numbers = (self.numbers[pk].place for pk in happening.numbers)
        arrived = (self.places.get(pk) for pk in happening.arrived_wabas)
        return [place for place in (*of_numbers, *arrived) if place is not None]

    def _by_whom(self, happening: Happening) -> str:
        people = (self.people.get(change.actor_id or 0, "") for change in happening.changes)
        return ", ".join(dict.fromkeys(filter(None, people)))

    def in_words(self, some: Iterable[Happening]) -> list[HappeningInWords]:
        """`some` of what was found, in words. A statement for each of: moves, ids of numbers, new WABAs; else none."""
        chosen = list(some)
        lines = iter(lines_of([change for one in chosen for change in one.changes], self.reader, known=self.places))
        on_wabas = _numbers_on({pk for one in chosen for pk in one.arrived_wabas})
        return [
            HappeningInWords(
                one,
                [self.numbers[pk] for pk in one.numbers],
                self.place_of(one),
                _worst_first([next(lines) for _ in one.changes]),
                self._by_whom(one),
                [self.places[pk] for pk in one.arrived_wabas if pk in self.places],
                self.clients_of(one),
                _found_in_words(one, on_wabas),
            )
            for one in chosen
        ]


def _numbers_on(wabas: set[int]) -> dict[int, int]:
    """How many numbers each of these new WABAs (keys) came with. No statement where there are none."""
    if not wabas:
        return {}
    soon = ExpressionWrapper(F("waba__created_at") + ARRIVALS_WITHIN, output_field=DateTimeField())
    came_along = Listing.objects.current().filter(waba__in=wabas, first_seen_at__lte=soon)
    return dict(came_along.order_by().values_list("waba").annotate(Count("number")))


def _found_in_words(happening: Happening, on_wabas: Mapping[int, int]) -> str:
    """In words, "31 WABAs and 120 numbers", what was seen for the first time; empty for a single one."""
    wabas = happening.arrived_wabas
    if not happening.is_arrival:
        return ""
    apart = {change.number_id for change in happening.changes if change.number_id and change.waba_id not in wabas}
    numbers = len(apart) + sum(on_wabas.get(pk, 0) for pk in wabas)
    if len(wabas) + numbers <= 1:
        return ""
    counted = ((len(wabas), "WABA"), (numbers, "number"))
    return " and ".join(f"{count:,} {noun}{'' if count == 1 else 's'}" for count, noun in counted if count)


def _worst_first(lines: Sequence[HistoryLine]) -> list[HistoryLine]:
    order = {"bad": 0, "warn": 1, "act": 2}
    return sorted(lines, key=lambda line: order.get(line.tone, 3))


def read(rows: QuerySet[Change], user: User, *, most: int = MOST) -> Happenings:
    """What the first `most` of `rows`, which `user` may see, tell of: the worst first.

    One statement; names are two more at most.
    """
    wabas = _OF_WABAS if roles.sees_everything(user) else ()
    found = list(_first(rows, most + 1).values_list(*_FOLDED, *_OF_NUMBER, *_OF_ACTOR, *wabas))
    lines = [(_change_of(values), values[len(_FOLDED) :]) for values in found[:most]]
    return Happenings(
        user,
        fold(change for change, _ in lines),
        newest=max((change.pk for change, _ in lines), default=0),
        is_complete=len(found) <= most,
        lines_read=len(lines),
        number_names={change.number_id: _NumberNames(*names[:3]) for change, names in lines if change.number_id},
        people={change.actor_id: _person_name(*names[3:6]) for change, names in lines if change.actor_id},
        all_places=_places(each for _, names in lines for each in (names[6:11], names[11:])) if wabas else None,
    )


def change_rows(rows: QuerySet[Change], *, most: int) -> list[ChangeRow]:
    """The first `most` of `rows`, for folding. One statement."""
    return [_change_of(values) for values in _first(rows, most).values_list(*_FOLDED)]


def _first(rows: QuerySet[Change], most: int) -> QuerySet[Change]:
    """The first `most` of `rows`. What is joined to them is joined to no others: they may be the first of many."""
    first = Change.objects.filter(pk__in=KeysOf(rows.values("pk")[:most]))
    return first.order_by(*rows.query.order_by)


def _change_of(values: tuple[Any, ...]) -> ChangeRow:
    """The line of history that begins with the values of `_FOLDED`."""
    platform = _Platform(*values[len(_OWN) : len(_FOLDED)])
    return ChangeRow._make((*values[: len(_OWN)], rules.is_registered(platform)))


def _person_name(first_name: str, last_name: str, username: str) -> str:
    return f"{first_name} {last_name}".strip() or username


def _places_seen_by(user: User, wabas: set[int]) -> dict[int, Place]:
    """Those of the WABAs with these keys that `user` may see, by key. No statement where there are none."""
    if not wabas:
        return {}
    visible = Waba.objects.visible_to(user).filter(OneOf(wabas)).order_by()
    return _places(visible.values_list("pk", "waba_id", "name", "client", "client__name"))


def _places(rows: Iterable[tuple[Any, ...]]) -> dict[int, Place]:
    """WABAs by key, from their facts in the order of a Place; without a key there is none."""
    return {
        pk: Place(pk, waba_id, name or waba_id, client_pk, client)
        for pk, waba_id, name, client_pk, client in rows
        if pk is not None
    }


def _other_places(numbers: Sequence[int], user: User) -> dict[int, Place]:
    """Where `user` sees numbers that are under a WABA which is not theirs. No statement where there are none."""
    if not numbers:
        return {}
    listings = Listing.objects.visible_to(user).filter(number__in=numbers).order_by("-pk")
    return {
        listing.number_id: Place(
            listing.waba_id, listing.waba.waba_id, str(listing.waba), listing.waba.client_id, listing.waba.client.name
        )
        for listing in listings.select_related("waba__client")
    }
