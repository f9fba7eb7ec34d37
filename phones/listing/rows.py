"""Which WABA and client a person is shown for a number. A number may be on several; some may not be theirs to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.expressions import Combinable

from clients import roles
from clients.filters import labels_by_key
from clients.models import ClientLabel, Label, Waba
from phones.listing.columns import AGE, SHOWN_FACTS
from phones.models import Listing, NumberLabel, PhoneNumber
from phones.numbers.words import UNDER_ANOTHER_WABA
from phones.querysets import ListingQuerySet
from portal.web.keyset import SortOrder


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number with the WABA that a person is shown for it, and how many more of its WABAs they may see."""

    number: PhoneNumber
    waba: Waba
    more: int
    labels: tuple[Label, ...] = ()
    """Those of the number and of its client that the person may see; read where they are shown."""
    trail: str = ""
    """What its page's address ends in, so that the page knows this list."""

    @property
    def next_action(self) -> str:
        """What to do next; not where it may state the trouble of a WABA that the person does not see."""
        return self.number.next_action if self.waba.pk == self.number.waba_id else UNDER_ANOTHER_WABA


def shown(person: roles.Person, fact: str) -> Combinable:
    """The expression for `fact` (a path from WABA) of the WABA that `person` is shown for a number.

    It is the number's current one if they may see that, else the first of its listings that they may see.
    """
    if not may_be_elsewhere(person):
        return F(fact if fact.startswith("client__") else f"waba__{fact}")
    listings = _seen_by(person).filter(number=OuterRef("pk")).order_by("pk")
    is_theirs = When(waba__in=Waba.objects.visible_to(person).values("pk"), then=F(f"waba__{fact}"))
    kind = models.BigIntegerField() if fact == "pk" else models.CharField()
    return Case(is_theirs, default=Subquery(listings.values(f"waba__{fact}")[:1]), output_field=kind)


def may_be_elsewhere(person: roles.Person) -> bool:
    """Whether `person` may be shown another WABA for a number than the one that it is under."""
    return not roles.sees_everything(person) and roles.may_see_further(person)


def _seen_by(person: roles.Person) -> ListingQuerySet:
    """The listings that `person` may see, for finding them by number.

    Whether a WABA is theirs is tested on each: SQLite would start from all of their WABAs otherwise.
    """
    listings = Listing.objects.current()
    if roles.sees_everything(person):
        return listings
    return listings.filter(Exists(Waba.objects.visible_to(person).filter(pk=OuterRef("waba"))))


def with_shown(numbers: QuerySet[PhoneNumber], person: roles.Person, order: SortOrder) -> QuerySet[PhoneNumber]:
    """`numbers`, able to be sorted by `order` also where that is their age, or a fact of the WABA that is shown."""
    if order.path == AGE:
        # Each has a row of ages. That it is said makes an inner join of it, which the database can begin with.
        return numbers.filter(age__isnull=False).annotate(**{AGE: F("age__facts_as_of")})
    if order.path not in SHOWN_FACTS:
        return numbers
    if not may_be_elsewhere(person):
        # Each has a client. That it is said makes an inner join of it, which the database can begin with.
        numbers = numbers.filter(client__folded_name__isnull=False)
    return numbers.annotate(**{order.path: shown(person, SHOWN_FACTS[order.path])})


def rows_of(numbers: Sequence[PhoneNumber], person: roles.Person) -> list[NumberRow]:
    """`numbers`, all visible to `person`, as rows of the list.

    One query, and another where a number is listed nowhere.
    """
    wabas: dict[int, list[Waba]] = defaultdict(list)
    for listing in _with_keepers(_seen_by(person).filter(number__in=[number.pk for number in numbers])):
        wabas[listing.number_id].append(listing.waba)
    if roles.sees_everything(person):
        _add_current(numbers, wabas)
    return _rows(numbers, wabas)


def rows_of_listed(numbers: QuerySet[PhoneNumber], person: roles.Person) -> list[NumberRow]:
    """The same for a query of a few numbers that are listed somewhere, the first deadline first.

    Two queries: of both in one the database would make a reading of everything that `person` may see.
    """
    keys = list(numbers.values_list("pk", flat=True))
    wabas: dict[int, list[Waba]] = defaultdict(list)
    found: dict[int, PhoneNumber] = {}
    for listing in _with_keepers(_seen_by(person).filter(number__in=keys)).select_related("number__age"):
        wabas[listing.number_id].append(listing.waba)
        found[listing.number_id] = listing.number
    return _rows(sorted(found.values(), key=_first_due), wabas)


def _first_due(number: PhoneNumber) -> tuple[float, int]:
    due = number.registration_deadline
    return due.timestamp() if due else float("inf"), number.pk


def _with_keepers(listings: ListingQuerySet) -> ListingQuerySet:
    return listings.order_by("pk").select_related("waba__client__owner", "waba__client__cover")


def _rows(numbers: Iterable[PhoneNumber], wabas: Mapping[int, list[Waba]]) -> list[NumberRow]:
    rows = []
    for number in numbers:
        # None at all: it moved out of their sight between the two queries.
        if seen := wabas.get(number.pk):
            current = next((waba for waba in seen if waba.pk == number.waba_id), seen[0])
            rows.append(NumberRow(number, current, len(seen) - 1))
    return rows


def with_labels(rows: Sequence[NumberRow], person: roles.Person) -> list[NumberRow]:
    """`rows` with the labels of their numbers and of the clients shown for them, by name: in one query."""
    labels = labels_by_key(person)
    if not labels:
        return list(rows)
    on_numbers = NumberLabel.objects.visible_to(person).filter(number__in=[row.number.pk for row in rows])
    on_clients = ClientLabel.objects.filter(client__in={row.waba.client_id for row in rows})
    both = (
        on_numbers.order_by().annotate(on=Value("number")).values_list("on", "number", "label"),
        on_clients.order_by().annotate(on=Value("client")).values_list("on", "client", "label"),
    )
    found = {(kind, key, str(label)) for kind, key, label in both[0].union(both[1], all=True)}
    return [
        replace(
            row,
            labels=tuple(
                label
                for key, label in labels.items()
                if ("number", row.number.pk, key) in found or ("client", row.waba.client_id, key) in found
            ),
        )
        for row in rows
    ]


def _add_current(numbers: Sequence[PhoneNumber], wabas: dict[int, list[Waba]]) -> None:
    """Who sees everything is shown the current WABA even where nothing lists the number any more."""
    unlisted = [number for number in numbers if number.waba_id not in {waba.pk for waba in wabas[number.pk]}]
    if unlisted:
        wabas_now = Waba.objects.select_related("client__owner", "client__cover")
        current = wabas_now.in_bulk({number.waba_id for number in unlisted})
        for number in unlisted:
            wabas[number.pk].insert(0, current[number.waba_id])
