"""From an address to the changes that it asks for.

Their time and whose they are is asked of the database. What they are about and which way they went shows only once
lines of history are folded. A happening is found by its newest line, which stands for it wherever rows are counted,
chosen or written to a file.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import cached_property

from clients.filters import ClientFilter, OwnerFilter
from clients.models import Waba
from clients.querysets import looked_after_by
from phones.changes.folding import Happening, fold
from phones.changes.happenings import MOST, Happenings, change_rows, read
from phones.changes.period import NAMED, NEW, Period, period_of
from phones.changes.seen import first_look, seen_by
from phones.changes.verdict import TOPICS
from phones.listing.search import in_waba, numbers_meant
from phones.models import Change
from phones.numbers.search import MOST_NEEDLES, needles_of
from portal.web.addresses import row_key
from portal.web.filters import ListFilter, ListFilters, Rows
from portal.web.keyset import Count

ME = "me"
SEEN, UNSEEN = "yes", "no"


class _OfPeriod(ListFilter):
    """Part of the time that is asked for, which `ChangeFilters.period` puts together. The first value counts."""

    def filter(self, rows: Rows, values: list[str]) -> Rows:  # noqa: ARG002 - the parts are applied together
        return rows

    def spelled(self, values: Iterable[str]) -> list[str]:
        return [value for value in values if value and value != NEW][:1]


class _OfHappenings(ListFilter):
    """Narrows what is found once it is folded; see `ChangeFilters.matching`."""

    def filter(self, rows: Rows, values: list[str]) -> Rows:  # noqa: ARG002 - applied to happenings
        return rows


class _Worse(_OfHappenings):
    def spelled(self, values: Iterable[str]) -> list[str]:
        return ["yes"] if any(values) else []


class _OnWabas(ListFilter):
    """Its condition is one on WABAs: what happened to them and to the numbers that are on them."""

    def filter(self, rows: Rows, values: list[str]) -> Rows:
        if not (values := self.spelled(values)):
            return rows
        condition = self.condition(values)
        return rows.none() if condition is None else rows.about(Waba.objects.filter(condition))  # type: ignore[attr-defined] # a ChangeQuerySet


class _OfClient(_OnWabas, ClientFilter):
    pass


class _OfOwner(_OnWabas, OwnerFilter):
    pass


class _OfBook(_OnWabas):
    """Those of the clients that the person owns or covers, whatever the parameter says."""

    def spelled(self, values: Iterable[str]) -> list[str]:
        return [ME] if any(values) else []

    def condition(self, values: list[str]) -> Q | None:  # noqa: ARG002 - there is one answer
        return looked_after_by(self.parent.person, "client")

    def words(self, value: str) -> str:  # noqa: ARG002 - there is one answer
        return "clients that I own or cover"


class _Seen(ListFilter):
    def condition(self, values: list[str]) -> Q | None:
        asked = {value for value in values if value in {SEEN, UNSEEN}}
        if len(asked) != 1:
            return Q(pk__isnull=False) if asked else None
        seen = seen_by(self.parent.person)
        return seen if asked == {SEEN} else ~seen


class _Written(ListFilter):
    """Lines of history with a key behind the first and up to the second: what is between two digests."""

    def spelled(self, values: Iterable[str]) -> list[str]:
        return list(values)[:1]

    def condition(self, values: list[str]) -> Q | None:
        first, _, last = (values or [""])[0].partition("-")
        after, up_to = row_key(first), row_key(last)
        return None if after is None or up_to is None else Q(pk__gt=after, pk__lte=up_to)

    def words(self, value: str) -> str:
        return f"of a digest (lines {value.replace('-', ' to ')} of the history)"


class _Search(ListFilter):
    """What the search box of the numbers list knows of a number, and names of its WABAs and clients."""

    def filter(self, rows: Rows, values: list[str]) -> Rows:
        for needle in needles_of(" ".join(values))[:MOST_NEEDLES]:
            wabas = Waba.objects.visible_to(self.parent.person).filter(in_waba(needle))
            is_about: Q = rows.is_about(wabas)  # type: ignore[attr-defined] # a ChangeQuerySet
            rows = rows.filter(is_about | Q(number__in=numbers_meant(needle)))
        return rows


class ChangeFilters(ListFilters):
    """Changes by their time, whose they are, what they are about, and whether the person has acknowledged them."""

    since = _OfPeriod(label="Time", choices=NAMED.items())
    day = _OfPeriod(label="From")
    until = _OfPeriod(label="Until")
    written = _Written(label="Changes")
    client = _OfClient("client", label="Client")
    owner = _OfOwner("client__owner", label="Account manager")
    book = _OfBook(label="Book")
    topic = _OfHappenings(label="About", choices=TOPICS.items())
    worse = _Worse(label="Which", choices=[("yes", "worse only")])
    seen = _Seen(label="Acknowledged", choices=[(UNSEEN, "not by me"), (SEEN, "by me")])
    q = _Search(label="Search")

    # At most so many lines of history are read, and only those with keys behind this one.
    most = MOST
    behind = 0

    @cached_property
    def period(self) -> Period:
        """The time that is asked for; any where lines are asked for by their keys."""
        since, day, until, written = (self.data.get(name, "") for name in ("since", "day", "until", "written"))
        found = Period("") if written and not (since or day or until) else period_of(since, day, until)
        if found.note:
            self.say(found.note)
        return found

    @cached_property
    def lines(self) -> QuerySet[Change]:
        """The lines of history that are read, the newest first."""
        rows: QuerySet[Change] = super().qs.filter(pk__gt=self.behind) if self.behind else super().qs
        period, is_by_key = self.period, False
        if period.is_new:
            rows = rows.filter(pk__gt=self.person.changes_seen_up_to)
            if SEEN not in self.data.getlist("seen"):
                rows = rows.exclude(seen_by(self.person))
            since = first_look(self.person)
            is_by_key = since is None
        else:
            since = period.since
        if since is not None:
            rows = rows.filter(at__gte=since)
        if period.until is not None:
            rows = rows.filter(at__lt=period.until)
        return rows.order_by("-pk") if is_by_key or self.data.get("written") else rows.order_by("-at", "-pk")

    @cached_property
    def happenings(self) -> Happenings:
        """What happened in that time, of every kind."""
        return read(self.lines, self.person, most=self.most)

    @cached_property
    def _folded(self) -> tuple[list[Happening], bool]:
        """The happenings, and whether they are all. Where they are only counted nobody asks for names."""
        if self.reads_ahead:
            return self.happenings.found, self.happenings.is_complete
        rows = change_rows(self.lines, most=self.most + 1)
        return fold(rows[: self.most]), len(rows) <= self.most

    @cached_property
    def matching(self) -> list[Happening]:
        """Those of them that the address asks for, the worst first."""
        topics = {topic for topic in self.data.getlist("topic") if topic}
        worse = any(self.data.getlist("worse"))
        return [
            one
            for one in self._folded[0]
            if (not topics or not topics.isdisjoint(one.topics)) and (one.got_worse or not worse)
        ]

    @property
    def known_count(self) -> Count:
        return Count(len(self.matching), is_complete=self._folded[1])

    @property
    def qs(self) -> Rows:
        return Change.objects.filter(pk__in=[one.key for one in self.matching])

    @property
    def is_narrowed(self) -> bool:
        """Whether something besides the time narrows it."""
        asked: dict[str, Any] = self.form.cleaned_data if self.form.is_valid() else {}
        return any(value for name, value in asked.items() if name not in {"since", "day", "until"})
