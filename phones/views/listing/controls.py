"""What stands around the numbers list: its tabs, filter panel and choices. Reads no numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from clients import roles
from clients.filters import ME, NOBODY, labels_by_key, names_of_clients
from clients.models import Client, User
from phones.choices import OWN_FIELDS, STATUSES
from phones.listing.columns import COLUMNS, ORDERS
from phones.listing.counts import recent_counts
from phones.listing.queues import QUEUES, Queue
from phones.listing.selection import NumberList
from phones.listing.value_filters import NOT_RETURNED
from phones.trait_choices import TRAITS
from portal.folding import fold
from portal.web.addresses import Address
from portal.web.keyset import Count, SortOrder
from portal.web.list_parts import Option
from portal.web.listing import LONGEST_SEARCH

# More clients than this are found by typing more of their name.
_FEW_CLIENTS = 12
_MANY_OWNERS = 200

_CHECKED = SafeString(" checked")
_SORT_LABELS = {"verified_name": "Display name", "waba_name": "WABA", "waba_id": "WABA id", "missing_since": "Missing"}


# What the filter panel has a field for, besides the sort.
_FIELDS = frozenset({"owner", "client", *STATUSES, *TRAITS, "registered", "label", "cover", "watched"})


@dataclass(frozen=True, slots=True)
class Group:
    """The checkboxes of one filter."""

    name: str
    label: str
    options: list[Option]

    @property
    def boxes(self) -> SafeString:
        """A labelled checkbox for each option, and beside it the place of its count."""
        return _boxes(self.name, tuple(self.options))


@lru_cache(maxsize=256)
def _boxes(name: str, options: tuple[Option, ...]) -> SafeString:
    """Kept: a panel has two hundred options, which a template takes half of a page's time to go through."""
    return format_html_join(
        "",
        '<label><input type="checkbox" name="{}" value="{}"{}><span title="{}">{}</span>'
        '<span class="n" id="of-{}-{}"></span></label>',
        (
            (name, one.value, _CHECKED if one.is_chosen else "", one.value, one.label, name, place)
            for place, one in enumerate(options, start=1)
        ),
    )


@dataclass(frozen=True, slots=True)
class QueueTab:
    """A queue's tab with how many numbers are in it; `queue` is None for the tab of all numbers."""

    queue: Queue | None
    address: Address
    is_current: bool
    count: Count | None = None


def tabs_of(address: Address, person: roles.Person) -> list[QueueTab]:
    """All numbers, then each queue, in its own order. A tab keeps how the list is shown, and nothing else."""
    counts = recent_counts(person)
    chosen = address.values("queue")
    bare = Address(address.path, tuple(pair for pair in address.pairs if pair[0] in {"columns", "per_page"}))
    queues = [
        QueueTab(queue, bare.setting("queue", name), chosen == [name], counts.get(name))
        for name, queue in QUEUES.items()
    ]
    return [QueueTab(None, bare, is_current=not chosen), *queues]


def panel_of(numbers: NumberList, typed: str | None) -> dict[str, object]:
    """What the filter panel shows; `typed`: part of the name of a client to choose."""
    address, person = numbers.address, numbers.person
    return {
        "list": numbers,
        "has_panel": True,
        "sorts": sort_options(numbers.order),
        "groups": groups_of(numbers),
        "clients": client_options(person, address.values("client"), typed),
        "client_name": typed or "",
        "owners": owner_options(address, owners_of(person), person),
    }


def kept_of(numbers: NumberList) -> dict[str, list[tuple[str, str]]]:
    """What travels with the form: `chosen` until the panel is there, which has fields for it, and `kept` always."""
    kept = numbers.kept_besides({"q", "sort"})
    return {
        "chosen": [pair for pair in kept if pair[0] in _FIELDS],
        "kept": [pair for pair in kept if pair[0] not in _FIELDS],
    }


def groups_of(numbers: NumberList) -> list[Group]:
    """A group of checkboxes for each exact filter: all known values, those that are applied, and "not returned"."""
    groups = []
    for name, table in STATUSES.items():
        words = numbers.filters.filters[name].words
        labels = {value: words(value) for value in table}
        if name not in OWN_FIELDS:
            labels[NOT_RETURNED] = words(NOT_RETURNED).capitalize()
        options = numbers.options(name, labels)
        groups.append(Group(name, COLUMNS[name].label, options))
    groups.append(Group("registered", COLUMNS["registered"].label, numbers.options("registered")))
    groups += [Group(name, COLUMNS[name].label, numbers.options(name)) for name in TRAITS]
    return [*groups, *_groups_of_book(numbers)]


def _groups_of_book(numbers: NumberList) -> list[Group]:
    """What account managers keep of their own: labels, who covers, what one watches."""
    labels = {key: label.name for key, label in labels_by_key(numbers.person).items()}
    words = {"label": labels, "cover": {ME: "Me", NOBODY: "Nobody"}, "watched": {"yes": "By me"}}
    groups = [Group(name, numbers.filters.label_of(name), numbers.options(name, each)) for name, each in words.items()]
    return [group for group in groups if group.options]


def owners_of(person: roles.Person) -> list[Option]:
    """The account managers of all clients that `person` may see, but for themselves."""
    owners = User.objects.filter(pk__in=Client.objects.visible_to(person).order_by().values("owner").distinct())
    found = owners.order_by("username")[: _MANY_OWNERS + 1]
    return [Option(owner.username, str(owner)) for owner in found if owner.pk != person.pk]


def client_options(person: roles.Person, chosen: Sequence[str], typed: str | None) -> list[Option]:
    """The chosen clients by their names, then, of those that `person` may see, the first whose name has what is typed.

    Without anything typed (None) the chosen ones alone, which costs nothing where their chips are shown.
    """
    names = names_of_clients(person, chosen)
    options = [Option(key, names.get(key, key), is_chosen=True) for key in dict.fromkeys(chosen)]
    if typed is None:
        return options
    found = Client.objects.visible_to(person).filter(folded_name__contains=fold(typed[:LONGEST_SEARCH]))
    first = found.order_by("folded_name", "pk").values_list("pk", "name")[: _FEW_CLIENTS + len(options)]
    others = [Option(str(pk), name) for pk, name in first if str(pk) not in chosen]
    return options + others[:_FEW_CLIENTS]


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
