"""What stands around the numbers list: its tabs, filter panel and choices. Reads no numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Case, F, QuerySet, Value, When

from clients import roles
from clients.filters import ME, NOBODY
from clients.models import Client, Label, User
from phones.choices import OWN_FIELDS, REGISTERED, STATUSES
from phones.listing.columns import COLUMNS, ORDERS, NumberColumn
from phones.listing.filters import NOT_RETURNED
from phones.listing.queues import QUEUES, Queue
from phones.listing.selection import NumberList
from portal.web.addresses import Address, row_key
from portal.web.keyset import SortOrder
from portal.web.listing import Option

# A choice of more clients than this is no choice any more: the search box finds clients by name.
_FEW_CLIENTS = 50
_MANY_OWNERS = 200

_SORT_LABELS = {"verified_name": "Display name", "waba_name": "WABA", "waba_id": "WABA id", "missing_since": "Missing"}


@dataclass(frozen=True, slots=True)
class Group:
    """The checkboxes of one filter."""

    name: str
    label: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class QueueTab:
    """A queue's tab; `queue` is None for the tab of all numbers."""

    queue: Queue | None
    address: Address
    is_current: bool


def tabs_of(address: Address) -> list[QueueTab]:
    """All numbers, then each queue, in its own order. A tab keeps how the list is shown, and nothing else."""
    chosen = address.values("queue")
    bare = Address(address.path, tuple(pair for pair in address.pairs if pair[0] in {"columns", "per_page"}))
    queues = [QueueTab(queue, bare.setting("queue", name), chosen == [name]) for name, queue in QUEUES.items()]
    return [QueueTab(None, bare, is_current=not chosen), *queues]


def groups_of(numbers: NumberList) -> list[Group]:
    """A group of checkboxes for each exact filter: all known values, those that are applied, and "not returned"."""
    groups = []
    for name, table in STATUSES.items():
        words = numbers.filters.filters[name].words
        chosen = dict.fromkeys(numbers.address.values(name))
        values = [*table, *(value for value in chosen if value not in table and value != NOT_RETURNED)]
        uses = Counter(words(value) for value in values)
        options = [
            Option(value, words(value), value in chosen, value if uses[words(value)] > 1 else "") for value in values
        ]
        if name not in OWN_FIELDS or NOT_RETURNED in chosen:
            options.append(Option(NOT_RETURNED, words(NOT_RETURNED).capitalize(), NOT_RETURNED in chosen))
        groups.append(Group(name, COLUMNS[name].label, options))
    chosen = dict.fromkeys(numbers.address.values("registered"))
    answers = [Option(value, status.label, value in chosen) for value, status in REGISTERED.items()]
    return [*groups, Group("registered", COLUMNS["registered"].label, answers), *_groups_of_book(numbers)]


def _groups_of_book(numbers: NumberList) -> list[Group]:
    """What account managers keep of their own: labels, who covers, what one watches."""
    labels, covers = numbers.address.values("label"), numbers.address.values("cover")
    named = [Option(str(label.pk), label.name, str(label.pk) in labels) for label in Label.objects.all()]
    groups = [Group("label", "Label", named)] if named else []
    cover = [Option(ME, "Me", ME in covers), Option(NOBODY, "Nobody", NOBODY in covers)]
    cover += [Option(value, value, is_chosen=True) for value in covers if value not in {ME, NOBODY}]
    watched = Option("yes", "By me", bool(numbers.address.values("watched")))
    return [*groups, Group("cover", "Cover", cover), Group("watched", "Watched", [watched])]


def clients_of(person: roles.Person, chosen: Iterable[str]) -> list[Option]:
    """Clients that `person` may see: the chosen ones, then by name; one more than a few at most."""
    return [
        Option(str(pk), name) for _, _, pk, name, _, _ in _clients(person, chosen).order_by(F("rank"), "name", "pk")
    ]


def choices_of(person: roles.Person, chosen: Iterable[str]) -> tuple[list[Option], list[Option]]:
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
    clients: list[Option] = []
    people: list[Option] = []
    for kind, _rank, pk, name, first, last in rows.order_by(F("kind"), F("rank"), "name", "pk"):
        if kind == "client":
            clients.append(Option(str(pk), name))
        elif pk != person.pk:
            people.append(Option(name, str(User(username=name, first_name=first, last_name=last))))
    return clients, people[:_MANY_OWNERS]


def _clients(person: roles.Person, chosen: Iterable[str]) -> QuerySet[Client, tuple[str, int, int, str, str, str]]:
    keys = [key for key in map(row_key, chosen) if key is not None]
    rank = Case(When(pk__in=keys, then=Value(0)), default=Value(1)) if keys else Value(1)
    first = Client.objects.visible_to(person).annotate(rank=rank).order_by("rank", "name", "pk")[: _FEW_CLIENTS + 1]
    clients = Client.objects.filter(pk__in=first.values("pk")).order_by()
    return clients.annotate(kind=Value("client"), rank=rank, first=Value(""), last=Value("")).values_list(
        "kind", "rank", "pk", "name", "first", "last"
    )


def client_options(address: Address, clients: Sequence[Option]) -> list[Option]:
    """The clients to choose from, or none when they are too many."""
    chosen = address.values("client")
    few = clients if len(clients) <= _FEW_CLIENTS else []
    return [Option(client.value, client.label, client.value in chosen) for client in few]


def owner_options(address: Address, owners: Iterable[Option], person: roles.Person) -> list[Option]:
    """The account managers to choose from: `owners`, and what else a client's owner can be."""
    chosen = address.values("owner")
    options = [Option(ME, "Me", ME in chosen)]
    if roles.sees_everything(person):
        options.append(Option(NOBODY, "Nobody", NOBODY in chosen))
    options += [Option(owner.value, owner.label, owner.value in chosen) for owner in owners]
    known = {option.value for option in options}
    return options + [Option(value, value, is_chosen=True) for value in chosen if value not in known]


def sort_options(order: SortOrder) -> list[Option]:
    return [
        Option(str(each), order_words(each), each == order) for way in ORDERS.values() for each in (way, way.reversed())
    ]


def order_words(order: SortOrder) -> str:
    """What the list is sorted by, and what stands first."""
    label = _SORT_LABELS.get(order.name) or COLUMNS[order.name].label
    return f"{label}, {order.in_words}"


def column_options(columns: Iterable[NumberColumn]) -> list[Option]:
    """The columns to choose from; the number itself is always shown."""
    shown = set(columns)
    return [Option(column.name, column.label, column in shown) for column in list(COLUMNS.values())[1:]]
