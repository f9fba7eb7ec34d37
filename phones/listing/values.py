"""The rows of any declared list as values for other programs: the API, and what commands print as JSON.

The names are those of the list's file. Numbers come from what makes their file, so that the three never differ.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from phones.listing import export
from phones.listing.export import HEADER
from phones.listing.selection import NumberList
from portal.web.listing import DeclaredList

Values = dict[str, Any]
Found = DeclaredList[Any]

# Ids by which another program finds a row again, of lists whose file is for people.
_IDS: Mapping[str, Mapping[str, Callable[[Any], object]]] = MappingProxyType(
    {
        "wabas": {"client_id": lambda row: row.waba.client_id},
        "clients": {"id": lambda row: row.client.pk},
        "changes": {"id": lambda row: row.happening.key},
        "signups": {"client_id": lambda row: row.attempt.link.client_id},
    }
)
_FLAGS = frozenset({"is_official_business_account", "is_pin_enabled", "reading_fails", "settled_by_reading"})
_COUNTS = frozenset(
    {"id", "client_id", "run", "signup", "wabas", "numbers", "failing_wabas", "partners", "read", "failed"}
    | {"added", "changed", "missing", "graph_calls", "code", "subcode", "http_status"}
)
_TRUTH = {"true": True, "false": False}
_AT_ONCE = 500


def names_of(kind: type[Found]) -> Sequence[str]:
    """What is told of each row of the list."""
    return HEADER if issubclass(kind, NumberList) else list(_columns_of(kind))


def type_of(name: str) -> type[bool | int | str]:
    """The type of a value by its name: names mean the same in every list."""
    return bool if name in _FLAGS else int if name in _COUNTS else str


def page_of(found: Found) -> list[Values]:
    """What is told of the rows of the page that the query asks for."""
    if isinstance(found, NumberList):
        return _numbers(found, [row.pk for row in found.found.rows])
    return [told(type(found), row) for row in found.rows]


def values_of(found: Found, row: Any) -> Values | None:
    """What is told of one row as the database has it; None where it has moved out of sight meanwhile."""
    if isinstance(found, NumberList):
        return next(iter(_numbers(found, [row.pk])), None)
    return next((told(type(found), each) for each in found.rows_of([row])), None)


def all_of(found: Found, keys: Sequence[int]) -> Iterator[Values]:
    """What is told of the rows with these keys, some read at a time."""
    for start in range(0, len(keys), _AT_ONCE):
        piece = keys[start : start + _AT_ONCE]
        if isinstance(found, NumberList):
            yield from _numbers(found, piece)
        else:
            by_key = {row.pk: row for row in found.chosen(piece)}
            rows = found.rows_of([by_key[key] for key in piece if key in by_key])
            yield from (told(type(found), row) for row in rows)


def told(kind: type[Found], row: Any) -> Values:
    """What is told of one row, as the list shows it."""
    return {name: _plain(value_of(row)) for name, value_of in _columns_of(kind).items()}


def _columns_of(kind: type[Found]) -> Mapping[str, Callable[[Any], object]]:
    return {**_IDS.get(kind.name, {}), **kind.file_columns}


def _numbers(found: Found, keys: Sequence[int]) -> list[Values]:
    pieces = export.pieces_of(keys, found.person, HEADER, guard=False)
    return [
        {name: _of_text(name, text) for name, text in zip(HEADER, line, strict=True)}
        for piece in pieces
        for line in piece
    ]


def _of_text(name: str, text: str) -> object:
    if not text:
        return None
    return _TRUTH.get(text) if name in _FLAGS else text


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return value if value is None or isinstance(value, bool | int) else str(value) or None
