"""Lines of history as happenings: folded, named, and put in words for one reader.

Reading is bounded: of more lines than `MOST` the first are read, and the answer says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

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
_OWN = ("pk", "number_id", "waba_id", "client_id", "kind", "field", "old", "new", "source", "actor_id", "at")
_FOLDED = (*_OWN, "number__status", "number__platform_type")
_COLUMNS = (
    *_FOLDED,
    *(f"actor__{name}" for name in ("first_name", "last_name", "username")),
    *(f"number__{name}" for name in ("phone_number_id", "display_phone_number", "waba_id")),
    *(f"{path}__{name}" for path in ("number__waba", "waba") for name in ("name", "waba_id", "client", "client__name")),
)


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


@dataclass(frozen=True, slots=True)
class _Platform:
    status: str | None
    platform_type: str | None


@dataclass
class Happenings:
    """What was found, the worst first. `newest`: the key of the newest line; `is_complete`: no line was left out."""

    reader: User
    found: list[Happening]
    newest: int
    is_complete: bool
    lines_read: int
    numbers: dict[int, NamedNumber] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)

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
    """What the first `most` of `rows`, which `user` may see, tell of: the worst first. Three statements at most."""
    found = list(_first(rows, most + 1).values_list(*_COLUMNS))
    lines = [dict(zip(_COLUMNS, values, strict=True)) for values in found[:most]]
    newest = max((line["pk"] for line in lines), default=0)
    places = _places_in(lines, user)
    answer = Happenings(user, fold(map(_change_of, lines)), newest, len(found) <= most, len(lines), places=places)
    answer.numbers = _numbers_in(lines, places, user)
    answer.people = {line["actor_id"]: _name_of_actor(line) for line in lines if line["actor_id"] is not None}
    return answer


def change_rows(rows: QuerySet[Change], *, most: int) -> list[ChangeRow]:
    """The first `most` of `rows`, for folding. One statement."""
    return [_change_of(dict(zip(_FOLDED, values, strict=True))) for values in _first(rows, most).values_list(*_FOLDED)]


def _first(rows: QuerySet[Change], most: int) -> QuerySet[Change]:
    """The first `most` of `rows`. What is joined to them is joined to no others: they may be the first of many."""
    first = Change.objects.filter(pk__in=KeysOf(rows.values("pk")[:most]))
    return first.order_by(*rows.query.order_by)


def _change_of(line: dict[str, Any]) -> ChangeRow:
    platform = _Platform(line["number__status"], line["number__platform_type"])
    own = {name: line[name] for name in _OWN}
    return ChangeRow(**own, is_registered=rules.is_registered(platform))


def _name_of_actor(line: dict[str, Any]) -> str:
    full_name = f"{line['actor__first_name']} {line['actor__last_name']}".strip()
    return full_name or str(line["actor__username"])


def _places_in(lines: Sequence[dict[str, Any]], user: User) -> dict[int, Place]:
    """The WABAs that `lines` name and `user` may see, by key."""
    places = {
        pk: Place(pk, line[f"{path}__waba_id"], line[f"{path}__name"] or line[f"{path}__waba_id"], client, client_name)
        for line in lines
        for path, pk in (("number__waba", line["number__waba_id"]), ("waba", line["waba_id"]))
        if pk is not None
        for client, client_name in ((line[f"{path}__client"], line[f"{path}__client__name"]),)
    }
    if roles.sees_everything(user) or not places:
        return places
    visible = Waba.objects.visible_to(user).filter(OneOf(places)).values_list("pk", flat=True)
    return {pk: places[pk] for pk in visible}


def _numbers_in(lines: Sequence[dict[str, Any]], places: dict[int, Place], user: User) -> dict[int, NamedNumber]:
    named = {line["number_id"]: line for line in lines if line["number_id"] is not None}
    elsewhere = _other_places([pk for pk, line in named.items() if line["number__waba_id"] not in places], user)
    return {
        pk: NamedNumber(
            pk,
            line["number__phone_number_id"],
            line["number__display_phone_number"] or line["number__phone_number_id"],
            places.get(line["number__waba_id"]) or elsewhere.get(pk),
        )
        for pk, line in named.items()
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
