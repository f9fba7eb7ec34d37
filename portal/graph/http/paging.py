"""Walking through a listing page by page.

Only the cursor of a page is used. `paging.next` says that there is more, but is never requested, logged or kept: with
the token in a query it would carry the token, and its host is whatever the answer says.
Source: https://developers.facebook.com/docs/graph-api/results
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qs, urlsplit

from portal.graph.errors import BadCursor, PagingLoop, TooManyPages
from portal.graph.payloads import ShapeError

Item = TypeVar("Item")

_LONGEST_CURSOR = 4096
MANY = 40


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """One page of a listing; `after` is the cursor of the next one, None on the last page."""

    items: list[Item]
    after: str | None


def read_page(body: object, read_item: Callable[[object], Item]) -> Page[Item]:
    """A page from Graph's answer. Raises `ShapeError`.

    Meta's guide prints one listing as a bare array; that is taken for a whole listing when it holds something.
    """
    if isinstance(body, list) and body:
        return Page([read_item(item) for item in body], None)
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(body, dict) or not isinstance(data, list):
        raise ShapeError("a listing came without its data")
    return Page([read_item(item) for item in data], _cursor_of_next(body.get("paging")))


def _cursor_of_next(paging: object) -> str | None:
    if not paging:  # missing, null, or the empty array that some of Meta's servers write for an empty object
        return None
    if not isinstance(paging, dict):
        raise ShapeError("a listing came with unreadable paging")
    following = paging.get("next")
    if following is None:
        return None
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else None
    if after is None:
        after = _cursor_in(following)
    if not isinstance(after, str) or not 0 < len(after) <= _LONGEST_CURSOR or not after.isascii():
        raise ShapeError("a listing goes on, but without a usable cursor")
    return after


def _cursor_in(following: object) -> str | None:
    try:
        query = urlsplit(following).query if isinstance(following, str) else ""
        return parse_qs(query, max_num_fields=100).get("after", [None])[-1]
    except ValueError:
        return None


def walk(
    fetch: Callable[[str | None], Page[Item]], *, max_pages: int, path: str, few: Callable[[], int] = int
) -> Iterator[tuple[int, Page[Item]]]:
    """Numbered pages, lazily, until the last one. An empty page in the middle does not end a listing.

    A cursor that died under way starts the listing again from page 1, once: the number of the page tells. Raises
    `PagingLoop` and `TooManyPages` besides whatever `fetch` raises; the latter also where after `MANY` pages there were
    fewer than `few` items on each, as a listing has that is made up without end.
    """
    try:
        yield from _walk_once(fetch, max_pages, path, few)
    except BadCursor:
        pass
    else:
        return
    yield from _walk_once(fetch, max_pages, path, few)


def _walk_once(
    fetch: Callable[[str | None], Page[Item]], max_pages: int, path: str, few: Callable[[], int]
) -> Iterator[tuple[int, Page[Item]]]:
    seen: set[str] = set()
    after: str | None = None
    items = 0
    for number in range(1, max_pages + 1):
        page = fetch(after)
        yield number, page
        after = page.after
        items += len(page.items)
        if after is not None and number >= MANY and items < number * few():
            raise TooManyPages(f"the listing goes on after {number} pages that hardly held anything", path=path)
        if after is None:
            return
        if after in seen:
            raise PagingLoop(f"page {number} of the listing leads back to an earlier one", path=path)
        seen.add(after)
    raise TooManyPages(f"the listing did not end within {max_pages} pages", path=path)
