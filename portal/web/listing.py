"""A list that is declared once: columns, sorts, filters and rows. Given an address it reads one page of itself.

Knows nothing of WhatsApp and of who may see what: `visible_to` of the model's rows says that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from portal.web.addresses import Address, clamped
from portal.web.filters import ListFilters, Rows
from portal.web.keys import OneOf
from portal.web.keyset import PLACES, Count, Cursor, KeysetPage, SortOrder, count_up_to, first_keys, keys_in_order, page
from portal.web.list_parts import Chip, Column, Head, Option
from portal.web.query import LISTS, ListQuery

Row = TypeVar("Row")

BY_KEY = SortOrder("id")
# A search is read no further.
LONGEST_SEARCH = 300

# More chips than this say nothing to anybody; the rest is counted.
_MANY_CHIPS = 20

# How far the rows of a counted list are counted where they are too many to be sorted: so many keys take milliseconds.
COUNTED_TO = 10_000
# And how many are sorted at once by what no index of theirs is in the order of.
SORTED_TO = 30_000


class DeclaredList(Generic[Row]):
    """One list, and what the address `data` asks of it for `person`. A subclass declares; nothing is read until used.

    Unless it says otherwise the newest rows come first. By its `name` a query of it is kept and opened again. `orders`
    are by name, each in the direction of the first click; `counted` is how far rows are counted (0: not); `page_sizes`
    begins with the usual one and ends with the largest; `css` are classes of its table. `to_work`: it holds only rows
    that the person may act on.
    """

    name: ClassVar[str] = ""
    model: ClassVar[Any]
    route: ClassVar[str]
    filter_set: ClassVar[type[ListFilters]] = ListFilters
    columns: ClassVar[Sequence[Column]] = ()
    css: ClassVar[str] = ""
    orders: ClassVar[Mapping[str, SortOrder]] = {"id": BY_KEY}
    usual_order: ClassVar[SortOrder] = BY_KEY.reversed()
    page_sizes: ClassVar[Sequence[int]] = (50,)
    counted: ClassVar[int] = 0
    # What a file of it holds: by the name of the column, what gives the value of a row.
    file_columns: ClassVar[Mapping[str, Callable[[Any], object]]] = {}

    # Filters that tabs show as chosen, so that they need no chip.
    shown_as_tabs: ClassVar[frozenset[str]] = frozenset()
    # Parameters of the address besides filters, sort, page and its size.
    further_parameters: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "name" in cls.__dict__:
            LISTS[cls.name] = cls

    def __init__(self, data: QueryDict, person: Any, *, to_work: bool = False) -> None:
        self.data = data
        self.person = person
        self.to_work = to_work

    # What a list may declare besides.

    def visible(self) -> Rows:
        objects = self.model.objects
        rows: Rows = objects.workable_by(self.person) if self.to_work else objects.visible_to(self.person)
        return rows

    def prepare(self, rows: Rows) -> Rows:
        """`rows` with what sorting and showing them takes."""
        return rows

    def rows_of(self, found: Sequence[Any]) -> list[Row]:
        raise NotImplementedError

    def shown_columns(self) -> Sequence[Column]:
        return self.columns

    def further_pairs(self) -> list[tuple[str, str]]:
        """The `further_parameters` that the address has; without usual values."""
        return []

    # What the address asks for.

    @cached_property
    def filters(self) -> ListFilters:
        return self.filter_set(self.data, self.visible(), self.person)

    @cached_property
    def order(self) -> SortOrder:
        """The sort; the usual one where the address names none that there is."""
        wanted = self.data.get("sort", "")
        order = self.orders.get(wanted.removeprefix("-"))
        if wanted == str(self.default_order):
            return self.default_order
        if order is not None:
            return order.reversed() if wanted.startswith("-") else order
        if wanted:
            self.filters.say(f"The list can’t be sorted by “{wanted[:50]}”, only by {', '.join(self.orders)}.")
        return self.default_order

    @property
    def default_order(self) -> SortOrder:
        """The sort of an address that names none."""
        return self.usual_order

    @cached_property
    def size(self) -> int:
        return clamped(self.data.get("per_page", ""), default=self.page_sizes[0], least=1, most=self.page_sizes[-1])

    @cached_property
    def cursor(self) -> Cursor | None:
        """Where the page begins; None at the first one."""
        for name in PLACES:
            if text := self.data.get(name, ""):
                cursor = Cursor.named(name, text, self.order)
                if cursor is None:
                    self.filters.say("This address led to a page of another list. Here is the first page.")
                return cursor
        return None

    @cached_property
    def address(self) -> Address:
        """The list's own address: known parameters in one order, without empty and usual ones, at the first page."""
        pairs = []
        for name, each in sorted(self.filter_set.base_filters.items(), key=lambda pair: pair[0] != "q"):
            values = [self.typed] if name == "q" else each.spelled(self.data.getlist(name))
            pairs += [(name, value) for value in values]
        if self.data.get("sort", "") != str(self.default_order):
            pairs.append(("sort", self.data.get("sort", "")))
        pairs += self.further_pairs()
        if self.size != self.page_sizes[0]:
            pairs.append(("per_page", str(self.size)))
        return Address(reverse(self.route), tuple((name, value) for name, value in pairs if value))

    # What is found there.

    @cached_property
    def _counted(self) -> tuple[Rows, Count | None, bool]:
        """The rows, their count, and whether they are few enough to be sorted, which then is quicker than walking."""
        if not self.counted:
            return self.filters.qs, None, False
        kept = self.filters.kept_count
        if kept is not None and not (self.order.is_of_no_index and self.is_narrowed and kept.counted <= SORTED_TO):
            return self.filters.walked, kept, False
        keys, count = first_keys(self.filters.qs, min(COUNTED_TO, self.filters.counted_at_most or COUNTED_TO))
        if count.is_complete and len(keys) <= self.counted:
            return self.of_keys(keys), count, True
        if self.order.is_of_no_index and self.is_narrowed and count_up_to(self.filters.qs, SORTED_TO).is_complete:
            return self.filters.qs, count, True
        return self.filters.walked, count, False

    def of_keys(self, keys: Sequence[int]) -> Rows:
        """The rows with these keys, which were found to match."""
        rows: Rows = self.model.objects.filter(OneOf(keys))
        return rows

    @property
    def count(self) -> Count | None:
        """How many rows there are on all pages; None for a list that is not counted."""
        return self._counted[1]

    @cached_property
    def found(self) -> KeysetPage:
        rows, _, few = self._counted
        return page(self.prepare(rows), self.order, self.cursor, self.size, few=few)

    @cached_property
    def rows(self) -> list[Row]:
        return self.rows_of(self.found.rows)

    def whole(self) -> Rows:
        """All pages at once, for a file."""
        return self.prepare(self.filters.qs)

    def keys_in_order(self) -> Sequence[int]:
        """The keys of all pages, sorted."""
        return keys_in_order(self.whole(), self.order)

    def chosen(self, keys: Sequence[int]) -> Rows:
        """The rows with these keys that the list may hold, whether or not the filters find them now."""
        return self.prepare(self.visible().filter(pk__in=keys))

    def chosen_in_order(self, keys: Sequence[int]) -> Sequence[int]:
        """The keys of the same rows, sorted."""
        return keys_in_order(self.chosen(keys), self.order)

    @property
    def query(self) -> ListQuery:
        """What the address asks for, without the page and the person."""
        return ListQuery(self.name, self.address.pairs)

    @property
    def unknown_parameters(self) -> list[str]:
        """What the address names that this list does not know. On a page that is left out of account."""
        known = {*self.filter_set.base_filters, *self.further_parameters, *PLACES, "sort", "per_page"}
        return [name for name in self.data if name not in known]

    # What stands around it.

    @property
    def own_address(self) -> Address:
        """The address that people see. A subclass may know a shorter one than `address`, which spells it out."""
        return self.address

    def at(self, cursor: Cursor | None) -> Address | None:
        return self.own_address.setting(*cursor.parameter(self.order)) if cursor else None

    @property
    def here(self) -> Address:
        return self.at(self.cursor) or self.own_address

    @property
    def previous(self) -> Address | None:
        return self.at(self.found.previous)

    @property
    def next(self) -> Address | None:
        return self.at(self.found.next)

    @property
    def typed(self) -> str:
        return " ".join(self.data.getlist("q")).strip()[:LONGEST_SEARCH]

    @property
    def notes(self) -> list[str]:
        """Sentences about what in the address means nothing."""
        self.found  # noqa: B018 - reading the page finds them
        return self.filters.notes

    @property
    def is_narrowed(self) -> bool:
        return self.filters.is_narrowed

    @property
    def sizes(self) -> list[tuple[int, Address]]:
        """The page sizes to choose from, if there is a choice."""
        sizes = [(each, self.address.setting("per_page", str(each))) for each in self.page_sizes]
        return sizes if len(sizes) > 1 else []

    @property
    def applied(self) -> list[tuple[str, str]]:
        """The filters that the address applies, the search among them."""
        return [pair for pair in self.address.pairs if pair[0] in self.filter_set.base_filters]

    @cached_property
    def _all_chips(self) -> list[Chip]:
        """A chip for each filter that is applied; values with the same words, which are synonyms, share one."""
        synonyms: dict[tuple[str, str], list[str]] = {}
        for name, value in self.applied:
            synonyms.setdefault((name, self.filters.filters[name].words(value)), []).append(value)
        return [
            Chip(self.filters.label_of(name), words, ", ".join(values), self.address.without(name, *values))
            for (name, words), values in synonyms.items()
        ]

    @property
    def _chips(self) -> list[Chip]:
        tabs = {self.filters.label_of(name) for name in self.shown_as_tabs}
        return [chip for chip in self._all_chips if chip.label not in tabs]

    @property
    def chips(self) -> list[Chip]:
        return self._chips[:_MANY_CHIPS]

    @property
    def more_chips(self) -> int:
        return max(0, len(self._chips) - _MANY_CHIPS)

    @property
    def words(self) -> str:
        """The filters in one line: "Quality Low or Medium, Client Alpha"; empty when there are none."""
        values: dict[str, list[str]] = {}
        for chip in self._all_chips:
            values.setdefault(chip.label, []).append(chip.value)
        return ", ".join(f"{label} {' or '.join(each)}" for label, each in values.items())

    @property
    def heads(self) -> list[Head]:
        """The heads of the columns."""
        return [self._head(column) for column in self.shown_columns()]

    def _head(self, column: Column) -> Head:
        order = self.orders.get(column.order)
        if order is None:
            return Head(column)
        is_sorted = self.order.name == order.name
        wanted = self.order.reversed() if is_sorted else order.at_first_click
        way = ("descending" if self.order.descending else "ascending") if is_sorted else ""
        values = [] if str(wanted) == str(self.default_order) else [str(wanted)]
        return Head(column, self.address.setting("sort", *values), way)

    def options(self, name: str, words: Mapping[str, str] | None = None) -> list[Option]:
        """The known values of a filter, or those of `words`, and those that are applied. Synonyms are one option."""
        one = self.filters.filters[name]
        chosen = self.address.values(name)
        known = one.choices if words is None else words
        labels = {**known, **{value: one.words(value) for value in chosen if value not in known}}
        synonyms: dict[str, list[str]] = {}
        for value, label in labels.items():
            synonyms.setdefault(label if one.joins else value, []).append(value)
        return [
            Option(",".join(values), labels[values[0]], not set(chosen).isdisjoint(values))
            for values in synonyms.values()
        ]

    def kept_besides(self, fields: Iterable[str]) -> list[tuple[str, str]]:
        """The parameters that a form with these fields has none for: they travel with it, hidden."""
        return [pair for pair in self.address.pairs if pair[0] not in set(fields)]
