"""A list as a person has it: opened by one of the saved views, and with the columns that they want.

`view` in an address names a saved view. What else the address asks for takes the place of what the view has under that
name. Addresses that lead on from there ask for everything themselves, and name the view in `based_on`, so that what was
changed can be kept in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import QueryDict
from django.urls import reverse
from django.utils.functional import cached_property

from clients.models import ListPreference, SavedView
from clients.saved_views import query_of
from portal.web.addresses import Address, is_storable
from portal.web.filters import ListFilters, Rows
from portal.web.listing import DeclaredList, Row
from portal.web.news import SHOWN, mark_of, told_by, updates_between
from portal.web.query import ListQuery, UnusableQueryError

BASED_ON = "based_on"


class DeskList(DeclaredList[Row]):
    """A declared list with saved views, whose page tells what has changed while it is open.

    `telling` is what a row says that is news then: paths, such as `client__owner_id`, to what `prepare` has read.
    """

    telling: ClassVar[Sequence[str]] = ()
    further_parameters: ClassVar[frozenset[str]] = frozenset({"view", BASED_ON})

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
        return [(BASED_ON, begun)] if begun else []

    @cached_property
    def own_address(self) -> Address:
        """The short address of a view that is shown as it was kept; what is changed stands in the address."""
        if self.base is not None and self.is_as_kept:
            return Address(self.address.path, (("view", self.base.slug),))
        return self.address

    @property
    def is_as_kept(self) -> bool:
        """Whether the address asks for nothing else than its view."""
        return self.base is not None and [list(pair) for pair in self.query.pairs] == self.base.parameters

    @property
    def query(self) -> ListQuery:
        return ListQuery(self.name, self.address.setting(BASED_ON).pairs)

    @property
    def files(self) -> list[tuple[str, Address]]:
        """The files of all pages of it: what each is called, and where it is."""
        address = self.address.setting("per_page").setting(BASED_ON)
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
