"""What every long list needs: pages by key instead of by offset, and counts that stop early.

Knows nothing of WhatsApp. A page costs the same wherever it lies, because it starts at an index entry (the sort
value and key of the row before it) and never counts or skips rows.
"""

from __future__ import annotations

import base64
import binascii
import datetime
import functools
import json
import operator
from array import array
from dataclasses import dataclass, replace
from typing import Any, Self

from django.db.models import Case, F, OrderBy, Q, QuerySet, Value, When
from django.db.models.functions import NullIf
from django.utils.dateparse import parse_datetime

from portal.web.addresses import is_storable, row_key

SortValue = str | bool | datetime.datetime
_LARGEST_KEY = 2**63 - 1
_LONGEST_TOKEN = 4_000

# The parameters of an address that say where a page of a list begins.
PLACES = ("page", "before", "after")

# The name under which a row carries the value it is sorted by, where it does not carry it already.
SORT_VALUE = "sort_value"


@dataclass(frozen=True, slots=True)
class SortOrder:
    """A sort: by the value at `path` (a field, a relation's field or an annotation), then by the row's own key.

    With an empty `path` it is by the key alone, as the rows were made. Rows without a value come last in both
    directions. `kind` is the Python type of the value. `optional`: it may be NULL. `blank_is_missing`: an empty text
    counts as no value, too. `ranks`: the values that have a rank, from the lowest on; those sort by it, and the others
    come behind them in both directions. `last`: rows with a value in this field stand behind all others, in both
    directions. `ways` says in words what stands first, ascending and descending.
    """

    name: str
    path: str = ""
    kind: type[SortValue] = str
    optional: bool = True
    blank_is_missing: bool = False
    ranks: tuple[str, ...] = ()
    last: str = ""
    ways: tuple[str, str] = ("A–Z", "Z–A")
    soonest_first: bool = False
    """For times: what is first at the first click. Those ahead of us begin with the soonest, others with the newest."""
    descending: bool = False
    is_of_no_index: bool = False
    """For what is worked out, or stands in another table."""

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    def reversed(self) -> SortOrder:
        return replace(self, descending=not self.descending)

    @property
    def in_words(self) -> str:
        return self.ways[self.descending]

    @property
    def at_first_click(self) -> SortOrder:
        return self.reversed() if self.kind is datetime.datetime and not self.soonest_first else self

    @property
    def missing(self) -> Q:
        """The condition "this row has no value to sort by"; false in Python when every row has one."""
        blank = Q(**{self.path: ""}) if self.blank_is_missing else Q()
        return blank | Q(**{f"{self.path}__isnull": True}) if self.optional and self.path else blank

    @property
    def present(self) -> Q:
        """The condition "this row has a value to sort by"."""
        filled = Q(**{f"{self.path}__gt": ""}) if self.blank_is_missing else Q()
        return filled & Q(**{f"{self.path}__isnull": False}) if self.optional and self.path else filled

    def position(self, value: SortValue | None, key: int, *, is_last: bool = False) -> Position:
        return Position(None if value == "" and self.blank_is_missing else value, key, is_last)

    def accepts(self, value: object) -> SortValue | None:
        """`value`, as it came out of an address, as a value of this sort; None when it is none."""
        if self.kind is datetime.datetime:
            return _time(value)
        if isinstance(value, self.kind) and not (isinstance(value, str) and not is_storable(value)):
            return value
        return None


def _time(value: object) -> datetime.datetime | None:
    try:
        time = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    # Naive and far-off times would fail inside the database driver.
    return time if time and time.tzinfo and 1900 < time.year < 9000 else None


@dataclass(frozen=True, slots=True)
class Position:
    """A row's place in a sort: its value (None: it has none) and its key. It need not exist any more.

    `is_last`: it is one of the rows that stand behind all others.
    """

    value: SortValue | None
    key: int
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins: behind a position, or, going `back`, before it."""

    position: Position
    back: bool = False

    def parameter(self, order: SortOrder) -> tuple[str, str]:
        """The parameter of an address that names this place: the row's key where the list is sorted by nothing else."""
        if order.path:
            return "page", self.token(order)
        return "after" if self.back else "before", str(self.position.key)

    @classmethod
    def named(cls, name: str, text: str, order: SortOrder) -> Self | None:
        """The cursor that an address means by a parameter; None when it means none."""
        if name == "page":
            return cls.read(text, order)
        key = row_key(text)
        return None if key is None or order.path else cls(Position(None, key), back=name == "after")

    def token(self, order: SortOrder) -> str:
        """The cursor as text for an address. It says nothing that its reader does not see in the list."""
        value = self.position.value
        text = value.isoformat() if isinstance(value, datetime.datetime) else value
        last = [1] if self.position.is_last else []
        content = json.dumps([str(order), int(self.back), text, self.position.key, *last], separators=(",", ":"))
        return base64.urlsafe_b64encode(content.encode()).rstrip(b"=").decode()

    @classmethod
    def read(cls, token: str, order: SortOrder) -> Self | None:
        """The cursor of `token`, or None when it is not one of a list sorted by `order`. Never raises."""
        if len(token) > _LONGEST_TOKEN:
            return None
        try:
            content = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
        except (ValueError, binascii.Error, RecursionError):
            return None
        match content:
            case [str(name), 0 | 1 as back, raw, int(key), *last] if name == str(order) and 0 <= key <= _LARGEST_KEY:
                if last not in ([], [1] if order.last else []):
                    return None
                value = None if raw is None else order.accepts(raw)
                if (value is None) != (raw is None) or (raw is None and not order.missing):
                    return None
                return cls(Position(value, key, bool(last)), bool(back))
        return None


def walk(
    rows: QuerySet[Any, Any],
    order: SortOrder,
    start: Position | None,
    *,
    limit: int,
    back: bool = False,
    few: bool = False,
) -> list[Any]:
    """At most `limit` of `rows` behind `start` (going `back`: before it, nearest first).

    At most three queries, each a range of the index on the sort's value and the key; usually one or two. A sort by rank
    asks for the rows of one value after the other until there are enough; what stands behind all others is asked for
    after them. When the rows are `few` enough to be sorted, it is one query.
    """
    found: list[Any] = []
    for part in parts(rows, order.reversed() if back else order, start, missing_first=back, few=few):
        if len(found) < limit:
            found += part[: limit - len(found)]
    return found


def parts(
    rows: QuerySet[Any, Any], order: SortOrder, start: Position | None, *, missing_first: bool, few: bool = False
) -> list[QuerySet[Any, Any]]:
    """The rows behind `start`, cut where an index has to be entered anew. `few` rows are sorted in one piece.

    One condition for "same value and larger key, or larger value" would do, but no database enters an index by it:
    each would read all rows of the same value, and a sort by status has few values. With `missing_first` everything
    is the other way round: what is usually last comes first.
    """
    sections = sections_of(order, start, missing_first=missing_first)
    by_key = "-pk" if order.descending else "pk"
    by_value = [_by_value(order)] if order.path else []
    if not few or len(sections) < 2:
        return [rows.filter(section).order_by(*by_value, by_key) for section in sections]
    place = Case(*(When(section, then=place) for place, section in enumerate(sections)))
    return [rows.filter(functools.reduce(operator.or_, sections)).order_by(place, *by_value, by_key)]


def sections_of(order: SortOrder, start: Position | None, *, missing_first: bool) -> list[Q]:
    """What is behind `start`, a piece after the other: each is sorted by value and key."""
    cut = _ranked_sections if order.ranks else _sections_by_value
    if not order.last:
        return cut(order, start, missing_first=missing_first)
    found: list[Q] = []
    for is_last in (True, False) if missing_first else (False, True):
        begins_here = start is not None and start.is_last == is_last
        if start is None or begins_here or is_last != missing_first:
            half, behind = Q(**{f"{order.last}__isnull": not is_last}), start if begins_here else None
            found += [half & section for section in cut(order, behind, missing_first=missing_first)]
    return found


def _sections_by_value(order: SortOrder, start: Position | None, *, missing_first: bool) -> list[Q]:
    beyond = "lt" if order.descending else "gt"
    if not order.path:
        return [Q(**{f"pk__{beyond}": start.key}) if start else Q()]
    missing = [order.missing] if order.missing else []
    if start is None:
        return [*missing, order.present] if missing_first else [order.present, *missing]
    behind = Q(**{f"pk__{beyond}": start.key})
    if start.value is None:
        return [order.missing & behind, *([order.present] if missing_first else [])]
    same, others = (
        Q(**{order.path: start.value}) & behind,
        order.present & Q(**{f"{order.path}__{beyond}": start.value}),
    )
    return [same, others, *([] if missing_first else missing)]


def _ranked_sections(order: SortOrder, start: Position | None, *, missing_first: bool) -> list[Q]:
    """The same for a sort by rank: each value is a range of the index of its own, read in the order of the keys."""
    beyond = "lt" if order.descending else "gt"
    ranks = order.ranks[::-1] if order.descending else order.ranks
    others = order.present & ~Q(**{f"{order.path}__in": ranks})
    ranked, unranked = [Q(**{order.path: value}) for value in ranks], [others, order.missing]
    sections = [*reversed(unranked), *ranked] if missing_first else [*ranked, *unranked]
    found = []
    if start is not None:
        same = order.missing if start.value is None else Q(**{order.path: start.value})
        found.append(same & Q(**{f"pk__{beyond}": start.key}))
        if start.value is not None and start.value not in ranks:
            same = others
            found.append(others & Q(**{f"{order.path}__{beyond}": start.value}))
        sections = sections[sections.index(same) + 1 :]
    return found + [section for section in sections if section]


def _by_value(order: SortOrder) -> OrderBy:
    mixes_blanks = order.optional and order.blank_is_missing
    value = NullIf(order.path, Value("")) if mixes_blanks else F(order.path)
    return value.desc() if order.descending else value.asc()


def keys_in_order(rows: QuerySet[Any, Any], order: SortOrder, *, few: bool = False) -> array[int]:
    """The keys of all `rows`, sorted. Eight bytes each, for reading the rows themselves a piece at a time."""
    keys = array("q")
    for part in parts(rows, order, None, missing_first=False, few=few):
        keys.extend(part.values_list("pk", flat=True).iterator(chunk_size=10_000))
    return keys


@dataclass(frozen=True, slots=True)
class KeysetPage:
    """Some rows of a list, and where its neighbours begin (None: there is no such page)."""

    rows: list[Any]
    previous: Cursor | None
    next: Cursor | None


def page(
    rows: QuerySet[Any, Any], order: SortOrder, cursor: Cursor | None, size: int, *, few: bool = False
) -> KeysetPage:
    """The page of `rows` at `cursor`: the first without one, and also when the rows on that side have vanished.

    `rows` are model instances, `few` of them or many. It takes the queries of `walk`, and those again when there is
    nothing at the cursor.
    """
    if order.path and order.path not in rows.query.annotation_select and not hasattr(rows.model, order.path):
        rows = rows.annotate(**{SORT_VALUE: F(order.path)})
    back = cursor is not None and cursor.back
    found = walk(rows, order, cursor.position if cursor else None, limit=size + 1, back=back, few=few)
    if cursor is not None and len(found) < (size if back else 1):
        return page(rows, order, None, size, few=few)
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    before = bool(found) and (more if back else cursor is not None)
    behind = bool(found) and (back or more)
    return KeysetPage(
        rows=found,
        previous=Cursor(position_of(found[0], order), back=True) if before else None,
        next=Cursor(position_of(found[-1], order)) if behind else None,
    )


def position_of(row: Any, order: SortOrder) -> Position:
    """The place of a row that `page` or `walk` gave."""
    is_last = bool(order.last) and getattr(row, order.last) is not None
    if not order.path:
        return Position(None, row.pk, is_last)
    value = getattr(row, order.path if hasattr(row, order.path) else SORT_VALUE)
    return order.position(value, row.pk, is_last=is_last)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, counted no further than a limit."""

    counted: int
    is_complete: bool

    def __str__(self) -> str:
        return f"{self.counted:,}" if self.is_complete else f"more than {self.counted:,}"

    @property
    def short(self) -> str:
        """For a place beside a word: "5,497", "10,000+"."""
        return f"{self.counted:,}{'' if self.is_complete else '+'}"


def first_keys(rows: QuerySet[Any, Any], limit: int) -> tuple[list[int], Count]:
    """At most `limit` keys of `rows` in whatever order is quickest, and the count that this tells.

    When the count is complete, the keys are all of them: sorting these few beats walking a sorted index through rows
    that do not match.
    """
    keys = list(rows.order_by().values_list("pk", flat=True)[: limit + 1])
    return keys[:limit], Count(min(len(keys), limit), is_complete=len(keys) <= limit)


def count_up_to(rows: QuerySet[Any, Any], limit: int) -> Count:
    """How many `rows` there are, counted by the database no further than `limit`."""
    counted = rows.order_by().values("pk")[: limit + 1].count()
    return Count(min(counted, limit), is_complete=counted <= limit)
