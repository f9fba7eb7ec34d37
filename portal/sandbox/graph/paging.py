"""Cursor paging: which items a page holds, and its cursors. Knows nothing of what the items are.

A cursor is good for one listing with one filter and order, in this process, as long as its item is still listed.
Behaviour from Meta's guide on paged results (developers.facebook.com/docs/graph-api/results).
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from zlib import crc32

from portal.sandbox.graph import errors

DEFAULT_LIMIT = 25
HIGHEST_LIMIT = 100
_PREFIX = "QVFI"
_PROCESS = secrets.token_hex(8)


class _Item(Protocol):
    id: str


T = TypeVar("T", bound=_Item)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page. The cursors are empty when there is nothing to point at; ``page`` counts from 1."""

    items: Sequence[T]
    before: str
    after: str
    has_next: bool
    has_previous: bool


@dataclass(frozen=True, slots=True)
class _Place:
    page: int
    index: int
    item_id: str


def limit_of(text: str | None) -> int:
    """The page size asked for. Raises GraphError 100 when it is no number from 1 to 100."""
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= HIGHEST_LIMIT:
        raise errors.bad_parameter(f"Param limit must be a number from 1 to {HIGHEST_LIMIT}")
    return int(text)


def page_number(after: str | None, before: str | None) -> int:
    """Which page of a listing a call with these cursors asks for, as far as can be told; the first is 1."""
    place = _decode(after or before or "", None)
    if place is None:
        return 1
    return place.page + 1 if after else place.page - 1


def page_of(
    items: Sequence[T], *, limit: int, after: str | None, before: str | None, scope: str, hollow: bool = False
) -> Page[T]:
    """The page that follows ``after`` or precedes ``before``; the first one without either.

    ``scope`` names the listing, its filter and its order. A ``hollow`` listing is cut in two, with an empty page
    between. Raises GraphError 100 for a cursor of another listing, or of an item that is listed no more.
    """
    if after and before:
        raise errors.bad_parameter("Only one of before and after may be given")
    hollow = hollow and len(items) > 1
    if hollow:
        limit = min(limit, (len(items) + 1) // 2)
    if before:
        place = _find(before, items, scope)
        return _cut(items, max(0, place.index - limit), place.index, max(1, place.page - 1), scope)
    if not after:
        return _cut(items, 0, limit, 1, scope)
    place = _find(after, items, scope)
    if hollow and place.page == 1:
        here = _encode(_Place(2, place.index, place.item_id), scope)
        return Page([], here, here, has_next=True, has_previous=True)
    return _cut(items, place.index + 1, place.index + 1 + limit, place.page + 1, scope)


def _cut(items: Sequence[T], start: int, end: int, page: int, scope: str) -> Page[T]:
    chosen = items[start:end]
    if not chosen:
        return Page(chosen, "", "", has_next=False, has_previous=False)
    first = _encode(_Place(page, start, chosen[0].id), scope)
    last = _encode(_Place(page, start + len(chosen) - 1, chosen[-1].id), scope)
    return Page(chosen, first, last, has_next=end < len(items), has_previous=start > 0)


def _find(cursor: str, items: Sequence[T], scope: str) -> _Place:
    place = _decode(cursor, scope)
    if place is None:
        raise errors.bad_parameter("The cursor is not one of this endpoint, or exceeds its limit")
    if place.index < len(items) and items[place.index].id == place.item_id:
        return place
    for index, item in enumerate(items):
        if item.id == place.item_id:
            return _Place(place.page, index, place.item_id)
    raise errors.bad_parameter("The cursor points at something that this endpoint lists no more")


def _encode(place: _Place, scope: str) -> str:
    text = f"{place.page} {place.index} {place.item_id}"
    return _PREFIX + urlsafe_b64encode(f"{text} {_seal(text, scope)}".encode()).decode().rstrip("=")


def _decode(cursor: str, scope: str | None) -> _Place | None:
    """The place a cursor names; None when it is broken or, with a scope, sealed for another one."""
    body = cursor.removeprefix(_PREFIX)
    try:
        text, seal = urlsafe_b64decode(body + "=" * (-len(body) % 4)).decode().rsplit(" ", 1)
        page, index, item_id = text.split(" ")
        place = _Place(int(page), int(index), item_id)
    except ValueError:
        return None
    return place if scope is None or seal == _seal(text, scope) else None


def _seal(text: str, scope: str) -> str:
    return f"{crc32(f'{text}|{scope}|{_PROCESS}'.encode()):08x}"
