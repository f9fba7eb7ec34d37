"""A list as a person has it: opened by one of the saved views, and with the columns that they want.

`view` in an address names a saved view. What else the address asks for takes the place of what the view has under that
name. Addresses that lead on from there ask for everything themselves, and name the view in `based_on`, so that what was
changed can be kept in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from clients import roles
from clients.models import ListPreference, SavedView
from clients.saved_views import query_of
from portal.web.addresses import Address, is_storable
from portal.web.filters import ListFilters, Rows
from portal.web.list_parts import Column, Option
from portal.web.listing import DeclaredList, Row
from portal.web.news import SHOWN, mark_of, told_by, updates_between
from portal.web.query import ListQuery, UnusableQueryError

BASED_ON = "based_on"


class DeskList(DeclaredList[Row]):
    """A declared list with saved views and the columns that its reader wants, of which the first is always shown.

    Its open page asks what has changed. `telling` is what a row says that is news then: paths, such as
    `client__owner_id`, to what `prepare` has read.
    """

    telling: ClassVar[Sequence[str]] = ()
    further_parameters: ClassVar[frozenset[str]] = frozenset({"view", BASED_ON, "columns"})

    def __init__(self, data: QueryDict, person: Any, *, to_work: bool = False) -> None:
        super().__init__(data, person, to_work=to_work)
        self.view: SavedView | None = None
        self.lost_view = data.get("view", "")
        if self.lost_view:
            self._open_view(data, self.lost_view)

    def _open_view(self, data: QueryDict, slug: str) -> None:
        view = self._view_called(slug)
        if view is None:
            return
        known = {*self.filter_set.base_filters, *self.further_parameters, "sort", "per_page"}
        try:
            kept = query_of(view)
        except UnusableQueryError:
            return
        if any(name not in known for name, _ in kept.pairs):
            return
        self.view, self.lost_view = view, ""
        self.data = kept.data
        for name, values in data.lists():
            if name != "view":
                self.data.setlist(name, values)

    def _view_called(self, slug: str) -> SavedView | None:
        if not is_storable(slug):
            return None
        views = SavedView.objects.visible_to(self.person)
        return views.filter(list_name=self.name, slug=slug).select_related("owner").first()

    def visible(self) -> Rows:
        """None at all where the address names a view that there is not: a file of everything would be a surprise."""
        return super().visible().none() if self.lost_view else super().visible()

    @cached_property
    def filters(self) -> ListFilters:
        filters: ListFilters = super().filters
        if self.lost_view:
            filters.say(f"There is no view “{self.lost_view[:50]}” of this list for you any more.")
        return filters

    @property
    def is_narrowed(self) -> bool:
        return bool(self.lost_view) or super().is_narrowed

    @cached_property
    def base(self) -> SavedView | None:
        """The view that the address is, or began with."""
        slug = self.data.get(BASED_ON, "")
        return self.view or (self._view_called(slug) if slug else None)

    @property
    def may_change_base(self) -> bool:
        return self.base is not None and SavedView.objects.workable_by(self.person).filter(pk=self.base.pk).exists()

    def further_pairs(self) -> list[tuple[str, str]]:
        begun = self.view.slug if self.view else self.data.get(BASED_ON, "")
        # An address that names none has the usual ones, whichever those are.
        is_usual = not any(self.data.getlist("columns")) or self._columns == self.usual_columns
        columns = [] if is_usual else [("columns", self.names_of(self._columns))]
        return [*([(BASED_ON, begun)] if begun else []), *columns]

    @cached_property
    def own_address(self) -> Address:
        """The short address of a view that is shown as it was kept; what is changed stands in the address."""
        if self.base is not None and self.is_as_kept:
            return Address(self.address.path, (("view", self.base.slug),))
        return self.address

    @property
    def is_as_kept(self) -> bool:
        """Whether the address asks for nothing else than its view."""
        if self.base is None:
            return False
        # A view that names no columns is shown with those that its reader is used to.
        query = self.query if any(name == "columns" for name, _ in self.base.parameters) else self._with_usual_columns
        return bool([list(pair) for pair in query.pairs] == self.base.parameters)

    @property
    def _with_usual_columns(self) -> ListQuery:
        return ListQuery(self.name, self.address.setting(BASED_ON).pairs)

    @property
    def query(self) -> ListQuery:
        """With the columns in any case: what is usual differs from person to person."""
        columns = [self.names_of(self._columns)] if self.columns else []
        return ListQuery(self.name, self.address.setting(BASED_ON).setting("columns", *columns).pairs)

    @property
    def files(self) -> list[tuple[str, Address]]:
        """The files of all pages of it, with the columns that are shown: what each is called, and where it is."""
        address = self.address.setting("per_page").setting(BASED_ON).setting("columns", *self.columns_in_file)
        return [
            (label, address.at(reverse(f"{self.route}-{name}")))
            for label, name in (("CSV", "export"), ("Excel", "export-excel"))
        ]

    def told(self, row: Any) -> Sequence[object]:
        """What one of the rows `found` says that whoever looks at the page wants to know of; its key first."""
        return told_by(row, self.telling)

    @property
    def mark(self) -> str:
        """What this page shows, in a few letters a row: `updates_since` compares it later."""
        return mark_of(self.told(row) for row in self.found.rows)

    def updates_since(self, mark: str) -> int:
        """How many rows of this page are other ones, or say something else, than when it had this mark."""
        return updates_between(mark, self.mark)

    @property
    def news(self) -> Address:
        """Where the open page asks whether what it shows has changed."""
        place = self.cursor.parameter(self.order) if self.cursor else None
        here = self.address.setting(*place) if place else self.address
        pairs = (("of", self.name), *here.pairs, (SHOWN, self.mark))
        return Address(reverse("phones:news"), pairs)

    @cached_property
    def remembered_columns(self) -> list[str]:
        """The names of the columns that this person wants in this list; empty when they never chose."""
        # Of all lists at once, kept on the person, who lives for one request.
        kept: dict[str, list[str]] | None = self.person.__dict__.get("_remembered_columns")
        if kept is None:
            preferences = ListPreference.objects.filter(person=self.person.pk)
            kept = self.person.__dict__["_remembered_columns"] = dict(preferences.values_list("list_name", "columns"))
        return kept.get(self.name, [])

    # The columns that are shown.

    @property
    def standard_columns(self) -> Sequence[Column]:
        """What is shown until somebody chooses otherwise."""
        return self.columns

    @cached_property
    def usual_columns(self) -> Sequence[Column]:
        """What an address without columns shows: what the person wants to see, or the standard."""
        return self.columns_named(self.remembered_columns)

    @cached_property
    def _columns(self) -> Sequence[Column]:
        named = self.data.getlist("columns")
        return self.columns_named(named) if any(named) else self.usual_columns

    def shown_columns(self) -> Sequence[Column]:
        return self._columns

    @classmethod
    def known_columns(cls) -> dict[str, Column]:
        """The columns that can be chosen, by name: all but the first."""
        return {column.name: column for column in cls.columns[1:]}

    def columns_named(self, names: Iterable[str]) -> Sequence[Column]:
        """The columns of these names, in this order, led by the first; the standard ones when none is known."""
        known = self.known_columns()
        wanted = dict.fromkeys(name for text in names for name in text.split(","))
        chosen = [known[name] for name in wanted if name in known]
        return [self.columns[0], *chosen] if chosen else self.standard_columns

    @staticmethod
    def names_of(columns: Iterable[Column]) -> str:
        """The columns as an address names them."""
        return ",".join(column.name for column in columns)

    @property
    def column_options(self) -> tuple[Option, ...]:
        """The columns to choose from: those that are shown, in their order, then the others."""
        shown = self.shown_columns()[1:]
        others = [column for column in self.known_columns().values() if column not in shown]
        chosen = [Option(column.name, column.label, is_chosen=True) for column in shown]
        return (*chosen, *(Option(column.name, column.label) for column in others))

    @property
    def columns_in_file(self) -> list[str]:
        """What a file of the chosen columns holds, as its address names it; empty for all that a file can hold."""
        if list(self.shown_columns()) == list(self.standard_columns):
            return []
        names = [name for column in self.shown_columns() for name in column.in_file or (column.name,)]
        return [",".join(name for name in names if name in self.file_columns)]

    def in_words(self, row: Row) -> str:
        """A row as one line of text, of what its first columns say; without ids and times, which nobody reads so."""
        names = [name for column in self.shown_columns()[:4] for name in column.in_file or (column.name,)]
        said = [self.file_columns[name](row) for name in names if name in self.file_columns and "_id" not in name]
        return " · ".join(str(value) for value in said if value not in (None, "") and not isinstance(value, datetime))

    # The rows that are chosen.

    @property
    def is_selectable(self) -> bool:
        """Whether rows can be chosen: at least a file of them can be had."""
        return bool(self.file_columns) and roles.role_of(self.person) is not None

    @property
    def chosen_address(self) -> str:
        """Where a form sends the rows that are chosen, to get a file of them."""
        return reverse(f"{self.route}-chosen")
