"""What stands around the numbers list: its address, tabs, chips, filter panel and column heads. Reads no numbers."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, F, QuerySet, Value, When
from django.http import QueryDict
from django.urls import reverse

from clients import roles
from clients.models import Client, User
from phones.choices import NOT_RETURNED as NOT_RETURNED_STATUS
from phones.choices import STATUSES
from phones.listing.columns import COLUMNS, ORDERS, STANDARD, STANDARD_ORDER, Column, columns_named
from phones.listing.filters import ME, NOBODY, NOT_RETURNED
from phones.listing.queues import QUEUES, Queue
from phones.numbers.search import LONGEST_NEEDLE
from phones.numbers.words import describe
from portal.web.addresses import Address, clamped, row_key
from portal.web.keyset import SortOrder

PAGE_SIZES = (50, 100, 200)
# More chips than this say nothing to anybody; the rest is counted.
_MANY_CHIPS = 20
# A choice of more clients than this is no choice any more: the search box finds clients by name.
_FEW_CLIENTS = 50
_MANY_OWNERS = 200

# In the order in which they stand in an address.
_FILTERS = ("queue", *STATUSES, "client", "waba", "owner")
_SORT_LABELS = {"verified_name": "Display name", "waba_name": "WABA", "waba_id": "WABA id"}
_FILTER_LABELS = {"queue": "Queue", "waba": "WABA", "owner": "Account manager", "q": "Search"}


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is applied: what it says, Graph's own value behind it, and the address without it."""

    label: str
    value: str
    raw: str
    without: Address


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a filter or a sort. `raw` is Graph's own value where the label alone is ambiguous."""

    value: str
    label: str
    is_chosen: bool
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A client or an account manager that can be filtered by: what the address has for them, and their name."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Group:
    """The checkboxes of one filter."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Tab:
    """A queue's tab; `queue` is None for the tab of all numbers."""

    queue: Queue | None
    address: Address
    is_current: bool


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head. `address` sorts by it, the other way round if the list is sorted by it now."""

    column: Column
    address: Address | None
    sorted: str = ""

    @property
    def arrow(self) -> str:
        """The icon that shows which way the list is sorted by it; empty when it is not."""
        return {"ascending": "arrow-up", "descending": "arrow-down"}.get(self.sorted, "")


def address_of(data: QueryDict) -> Address:
    """The list's own address for what `data` asks for: known parameters in one order, without empty and usual ones."""
    pairs = [("q", " ".join(data.getlist("q")).strip()[:LONGEST_NEEDLE])]
    pairs += [(name, value) for name in _FILTERS for value in dict.fromkeys(data.getlist(name))]
    if data.get("sort", "") != str(STANDARD_ORDER):
        pairs.append(("sort", data.get("sort", "")))
    columns = columns_named(data.getlist("columns"))
    if columns != STANDARD:
        pairs.append(("columns", ",".join(column.name for column in columns)))
    size = page_size(data)
    if size != PAGE_SIZES[0]:
        pairs.append(("per_page", str(size)))
    return Address(reverse("phones:list"), tuple((name, value) for name, value in pairs if value))


def page_size(data: QueryDict) -> int:
    """How many rows the page shows."""
    return clamped(data.get("per_page", ""), default=PAGE_SIZES[0], least=1, most=PAGE_SIZES[-1])


def tabs_of(address: Address) -> list[Tab]:
    """All numbers, then each queue. A tab keeps how the list is sorted and shown, and nothing else."""
    chosen = address.values("queue")
    bare = Address(address.path, tuple(pair for pair in address.pairs if pair[0] in {"sort", "columns", "per_page"}))
    queues = [Tab(queue, bare.setting("queue", name), chosen == [name]) for name, queue in QUEUES.items()]
    return [Tab(None, bare, is_current=not chosen), *queues]


def chips_of(address: Address, clients: Iterable[Choice]) -> tuple[list[Chip], int]:
    """A chip for each of the first filters that `address` applies, and how many filters there are."""
    names = {client.value: client.label for client in clients}
    applied = [(name, value) for name, value in address.pairs if name in _FILTERS or name == "q"]
    chips = []
    for name, value in applied[:_MANY_CHIPS]:
        label = _FILTER_LABELS.get(name) or COLUMNS[name].label
        words = names.get(value, value) if name == "client" else _words_for(name, value)
        chips.append(Chip(label, words, value, address.without(name, value)))
    return chips, len(applied)


def _words_for(name: str, value: str) -> str:
    if name in STATUSES:
        absent = "not worked out" if name == "stage" else NOT_RETURNED_STATUS.label
        return absent if value == NOT_RETURNED else describe(name, value).label
    if name == "queue":
        return QUEUES[value].label if value in QUEUES else value
    if name == "owner" and value in {ME, NOBODY}:
        return "me" if value == ME else "nobody"
    return value


def groups_of(address: Address) -> list[Group]:
    """A group of checkboxes for each exact filter: all known values, those that are applied, and "not returned"."""
    groups = []
    for name, table in STATUSES.items():
        chosen = dict.fromkeys(address.values(name))
        values = [*table, *(value for value in chosen if value not in table and value != NOT_RETURNED)]
        labels = [describe(name, value).label for value in values]
        uses = Counter(labels)
        options = [
            Option(value, label, value in chosen, value if uses[label] > 1 else "")
            for value, label in zip(values, labels, strict=True)
        ]
        # The stage is ours: Graph cannot leave it out.
        if name != "stage" or NOT_RETURNED in chosen:
            options.append(Option(NOT_RETURNED, _words_for(name, NOT_RETURNED).capitalize(), NOT_RETURNED in chosen))
        groups.append(Group(name, COLUMNS[name].label, options))
    return groups


def clients_of(person: roles.Person, chosen: Iterable[str]) -> list[Choice]:
    """Clients that `person` may see: the chosen ones, then by name; one more than a few at most."""
    return [
        Choice(str(pk), name) for _, _, pk, name, _, _ in _clients(person, chosen).order_by(F("rank"), "name", "pk")
    ]


def choices_of(person: roles.Person, chosen: Iterable[str]) -> tuple[list[Choice], list[Choice]]:
    """The same clients, and the account managers of all clients that `person` may see, but for themselves.

    One statement for two lists: whoever sees many clients waits for several others already.
    """
    owners = User.objects.filter(pk__in=Client.objects.visible_to(person).values("owner"))
    rows = _clients(person, chosen).union(
        owners.annotate(kind=Value("owner"), rank=Value(0)).values_list(
            "kind", "rank", "pk", "username", "first_name", "last_name"
        ),
        all=True,
    )
    clients: list[Choice] = []
    people: list[Choice] = []
    for kind, _rank, pk, name, first, last in rows.order_by(F("kind"), F("rank"), "name", "pk"):
        if kind == "client":
            clients.append(Choice(str(pk), name))
        elif pk != person.pk:
            people.append(Choice(name, str(User(username=name, first_name=first, last_name=last))))
    return clients, people[:_MANY_OWNERS]


def _clients(person: roles.Person, chosen: Iterable[str]) -> QuerySet[Client, tuple[str, int, int, str, str, str]]:
    keys = [key for key in map(row_key, chosen) if key is not None]
    rank = Case(When(pk__in=keys, then=Value(0)), default=Value(1)) if keys else Value(1)
    first = Client.objects.visible_to(person).annotate(rank=rank).order_by("rank", "name", "pk")[: _FEW_CLIENTS + 1]
    clients = Client.objects.filter(pk__in=first.values("pk")).order_by()
    return clients.annotate(kind=Value("client"), rank=rank, first=Value(""), last=Value("")).values_list(
        "kind", "rank", "pk", "name", "first", "last"
    )


def client_options(address: Address, clients: Sequence[Choice]) -> list[Option]:
    """The clients to choose from, or none when they are too many."""
    chosen = address.values("client")
    few = clients if len(clients) <= _FEW_CLIENTS else []
    return [Option(client.value, client.label, client.value in chosen) for client in few]


def owner_options(address: Address, owners: Iterable[Choice], person: roles.Person) -> list[Option]:
    """The account managers to choose from: `owners`, and what else a client's owner can be."""
    chosen = address.values("owner")
    options = [Option(ME, "Me", ME in chosen)]
    if roles.sees_everything(person):
        options.append(Option(NOBODY, "Nobody", NOBODY in chosen))
    options += [Option(owner.value, owner.label, owner.value in chosen) for owner in owners]
    known = {option.value for option in options}
    return options + [Option(value, value, is_chosen=True) for value in chosen if value not in known]


def sort_options(order: SortOrder) -> list[Option]:
    """Every sort, both ways."""
    options = []
    for name, way in ORDERS.items():
        label = _SORT_LABELS.get(name) or COLUMNS[name].label
        ways = ("oldest first", "newest first") if way.kind is datetime.datetime else ("A–Z", "Z–A")
        options += [
            Option(str(each), f"{label}, {words}", each == order)
            for each, words in zip((way, way.reversed()), ways, strict=True)
        ]
    return options


def heads_of(columns: Iterable[Column], order: SortOrder, address: Address) -> list[Head]:
    """The heads of `columns`, with the addresses that sort by them. Times sort newest first at the first click."""
    heads = []
    for column in columns:
        if not column.order:
            heads.append(Head(column, None))
            continue
        first = ORDERS[column.order]
        if first.kind is datetime.datetime:
            first = first.reversed()
        is_sorted = order.name == first.name
        wanted = order.reversed() if is_sorted else first
        way = ("descending" if order.descending else "ascending") if is_sorted else ""
        value = "" if wanted == STANDARD_ORDER else str(wanted)
        heads.append(Head(column, address.setting("sort", *([value] if value else [])), way))
    return heads


def column_options(columns: Iterable[Column]) -> list[Option]:
    """The columns to choose from; the number itself is always shown."""
    shown = set(columns)
    return [Option(column.name, column.label, column in shown) for column in list(COLUMNS.values())[1:]]
