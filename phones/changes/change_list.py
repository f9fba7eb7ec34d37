"""The changes as a list: what happened in a book over a time, one row a happening, the worst first.

The page, its files, views of it, what is acknowledged at once and the digest all start here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType

from django.utils.functional import cached_property

from clients.desk_list import DeskList
from phones.changes.filters import ChangeFilters
from phones.changes.folding import Happening
from phones.changes.happenings import HappeningInWords, Happenings
from phones.models import Change, SeenChange
from portal.web.addresses import Address, clamped, row_key
from portal.web.keyset import Count, Cursor, KeysetPage, SortOrder
from portal.web.list_parts import Column

WORST = SortOrder("worst")
NEWEST = SortOrder("at", "at", datetime, optional=False)
# Lines are read no further than a bound, and so are pages.
_MOST_PAGES = 1_000


class ChangeList(DeskList[HappeningInWords]):
    name = "changes"
    model = Change
    route = "phones:changes"
    filter_set = ChangeFilters
    css = "stack happenings"
    columns = (
        Column("about", "About", in_file=("phone_number", "phone_number_id", "client", "waba_id", "waba_name")),
        Column("changes", "What changed", order="worst", in_file=("way", "found", "changes")),
        Column("source", "Source", "source", in_file=("source", "by")),
        Column("at", "When", "num", order="at"),
    )
    orders = MappingProxyType({WORST.name: WORST, NEWEST.name: NEWEST})
    usual_order = WORST
    page_sizes = (50, 100, 200)
    shown_as_tabs = frozenset({"since", "topic", "worse"})
    file_columns = MappingProxyType(
        {
            "at": lambda one: one.happening.at,
            "way": lambda one: "worse, and better again" if one.happening.is_over else one.happening.verdict.direction,
            "phone_number": lambda one: one.numbers[0].display if len(one.numbers) == 1 else "",
            "phone_number_id": lambda one: " ".join(number.phone_number_id for number in one.numbers),
            "client": lambda one: "; ".join(one.clients.values()),
            "waba_id": lambda one: one.place.waba_id if one.place else " ".join(waba.waba_id for waba in one.wabas),
            "waba_name": lambda one: one.place and one.place.name,
            "found": lambda one: one.found,
            "changes": lambda one: "; ".join(one.sentences),
            "source": lambda one: one.sources,
            "by": lambda one: one.by,
        }
    )

    @property
    def happenings(self) -> Happenings:
        """What happened in the time that is asked for, before it is narrowed to kinds."""
        found: Happenings = self.filters.happenings
        return found

    @cached_property
    def matching(self) -> list[Happening]:
        """The happenings of all pages, in the order of the list."""
        found: list[Happening] = self.filters.matching
        if self.order.name == NEWEST.name:
            return sorted(found, key=lambda one: (one.at, one.key), reverse=self.order.descending)
        return found[::-1] if self.order.descending else found

    @property
    def count(self) -> Count:
        return Count(len(self.matching), is_complete=self.happenings.is_complete)

    def keys_in_order(self) -> list[int]:
        return [one.key for one in self.matching]

    def chosen_in_order(self, keys: Sequence[int]) -> list[int]:
        return [one.key for one in self.with_lines(keys)]

    def with_lines(self, keys: Sequence[int]) -> list[Happening]:
        """The happenings that hold the lines with these keys: more may have joined them since the page showed them."""
        wanted = set(keys)
        found: list[Happening] = self.filters.happenings.found
        return [one for one in found if any(change.pk in wanted for change in one.changes)]

    def rows_of(self, found: Sequence[Change]) -> list[HappeningInWords]:
        """The happenings that these lines of history stand for."""
        by_key = {one.key: one for one in self.filters.happenings.found}
        return self.happenings.in_words(by_key[row.pk] for row in found if row.pk in by_key)

    # Its pages are counted: happenings have no place in an index.

    @cached_property
    def cursor(self) -> Cursor | None:
        return None

    @cached_property
    def pages(self) -> int:
        return max(1, -(-len(self.matching) // self.size))

    @cached_property
    def page(self) -> int:
        return min(clamped(self.data.get("page", ""), default=1, least=1, most=_MOST_PAGES), self.pages)

    @cached_property
    def found(self) -> KeysetPage:
        start = (self.page - 1) * self.size
        return KeysetPage(self.matching[start : start + self.size], previous=None, next=None)

    @cached_property
    def rows(self) -> list[HappeningInWords]:
        return self.happenings.in_words(self.found.rows)

    @property
    def here(self) -> Address:
        return self._at(self.page)

    @property
    def previous(self) -> Address | None:
        return self._at(self.page - 1) if self.page > 1 else None

    @property
    def next(self) -> Address | None:
        return self._at(self.page + 1) if self.page < self.pages else None

    def _at(self, page: int) -> Address:
        return self.own_address.setting("page", *([str(page)] if page > 1 else []))

    # What has happened since: by lines of history behind the newest that the page rests on.

    @property
    def mark(self) -> str:
        return str(self.happenings.newest)

    def updates_since(self, mark: str) -> int:
        self.filters.behind, self.filters.reads_ahead = row_key(mark) or 0, False
        return len(self.matching)

    # What is acknowledged.

    @property
    def is_all_that_is_new(self) -> bool:
        return self.filters.period.is_new and not self.filters.is_narrowed and not self.lost_view

    @cached_property
    def seen_keys(self) -> frozenset[int]:
        """The keys of the happenings on this page that the person has acknowledged."""
        if self.filters.period.is_new and not self.address.values("seen"):
            return frozenset()
        up_to, keys = self.person.changes_seen_up_to, [one.key for one in self.found.rows]
        alone = SeenChange.objects.filter(person=self.person.pk, change__in=[key for key in keys if key > up_to])
        return frozenset(alone.values_list("change", flat=True)) | {key for key in keys if key <= up_to}

    @property
    def notes(self) -> list[str]:
        if not self.happenings.is_complete:
            self.filters.say(
                f"More than {self.filters.most:,} lines of history: only the newest are looked at. "
                "Choose a client or a shorter time to see all."
            )
        return super().notes
