"""What broke in a book since its reader last looked: the worst first, what hit several numbers of a client as one."""

from __future__ import annotations

from dataclasses import dataclass

from phones.changes.change_list import ChangeList
from phones.changes.happenings import HappeningInWords, Happenings
from phones.changes.lines import HistoryLine
from phones.changes.seen import COUNTED, keep_count
from phones.views.whose_book import Book
from portal.web.addresses import Address
from portal.web.query import ListQuery

SHOWN = 8
_WORDED = 60


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that got worse: its worst line, and on how many numbers of the client."""

    first: HappeningInWords
    count: int

    @property
    def line(self) -> HistoryLine:
        return self.first.lines[0]

    @property
    def tone(self) -> str:
        return str(self.first.happening.verdict.tone.value)


@dataclass(frozen=True, slots=True)
class Broke:
    """What got worse, the first of it in words, and how much there is to see in all."""

    found: Happenings
    breaks: list[Break]
    more: int
    news: Address
    """Where the open page asks how much has happened since."""

    @property
    def count(self) -> str:
        return f"{len(self.found.found):,}{'' if self.found.is_complete else '+'}"


def what_broke(book: Book) -> Broke:
    """What got worse since the reader last said that they have seen the changes. Two statements, rarely more."""
    owner = (("owner", book.owner.username),) if book.owner else ()
    changes = ChangeList(ListQuery(ChangeList.name, owner).data, book.reader)
    changes.filters.most = COUNTED
    found: Happenings = changes.filters.happenings
    if book.owner is None:
        keep_count(book.reader, len(found.found), is_complete=found.is_complete)
    alike: dict[tuple[object, ...], list[HappeningInWords]] = {}
    worded = found.worse[:_WORDED]
    for one in found.only(worded).in_words(worded):
        line, client = one.lines[0], one.place.client_pk if one.place else None
        alike.setdefault((client, line.subject, line.after, bool(one.numbers)), []).append(one)
    breaks = [Break(some[0], len(some)) for some in alike.values()][:SHOWN]
    return Broke(found, breaks, len(found.worse) - sum(one.count for one in breaks), changes.news)
