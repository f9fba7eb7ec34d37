"""WABAs with their numbers, many in one call: a page of a business edge with the numbers expanded in it.

What came is kept as Graph sent it, with a digest of it, so that whoever knows the digest need not read it again.
Source: https://developers.facebook.com/docs/graph-api/field-expansion
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.graph.calls import Call
from portal.graph.errors import AppRefused, GraphError, TokenDead
from portal.graph.http.paging import Page, read_page, walk
from portal.graph.http.usage import Meter
from portal.graph.payloads import ShapeError, node
from portal.graph.reads.accounts import WABA, WabaReading, read_waba
from portal.graph.reads.asking import Asking
from portal.graph.reads.fields import FieldSet
from portal.graph.reads.numbers import PHONE_NUMBER, NumberListing, read_number

_EDGE = "phone_numbers"
_in_one_order = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields that one call asks for, and the version of the API that answers."""

    version: str
    waba: tuple[str, ...]
    number: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SharedWaba:
    """One WABA of a page, as Graph sent it."""

    waba_id: str
    asked: Asked
    raw_facts: Mapping[str, object] = field(repr=False)
    raw_numbers: list[object] | None = field(repr=False)
    """None where they did not arrive whole. Graph leaves an edge without items out, and one that the token may not
    read as well, so that None also stands for a WABA without numbers."""
    digest: str = field(init=False)
    """The same for answers that say the same, in whatever order, to a call for the same fields."""

    def __post_init__(self) -> None:
        """Makes the digest with the answer, so that one that can't have any harms nobody but who asked for it."""
        numbers = sorted(_in_one_order(raw) for raw in self.raw_numbers or ())
        asked = (self.asked.version, self.asked.waba, self.asked.number)
        said = "\n".join([_in_one_order(asked), _in_one_order(self.raw_facts), *numbers])
        object.__setattr__(self, "digest", hashlib.blake2b(said.encode(), digest_size=16).hexdigest())

    def facts(self) -> WabaReading:
        return read_waba(self.raw_facts, frozenset(self.asked.waba))

    def listing(self) -> NumberListing | None:
        """All of its numbers; None where they are not all here, or one of them can't be read."""
        if self.raw_numbers is None:
            return None
        asked = frozenset(self.asked.number)
        try:
            found = [read_number(raw, asked) for raw in self.raw_numbers]
        except ShapeError:
            return None
        return NumberListing(list({one.phone_number_id: one for one in found}.values()), pages=1)


class SharedWabas(Asking):
    def shared_wabas(
        self, business_id: str, edge: str, *, token: str, meter: Meter, limit: int, after: str | None = None
    ) -> Page[SharedWaba]:
        """One page of a business edge: so many WABAs at most, each with all of its numbers.

        What Graph refuses is not asked for with less: a node that does not know a field is found one by one.
        """
        asked = Asked(self._config.version, self._names(WABA), self._names(PHONE_NUMBER))
        expanded = f"{_EDGE}.limit({self._config.page_limit}){{{','.join(asked.number)}}}"
        call = Call(
            self.transport.path_to(business_id, edge),
            object_id=business_id,
            fields=(*asked.waba, expanded),
            after=after,
            parameters=(("limit", str(limit)),),
        )
        page = self.transport.get(
            call, token=token, meter=meter, read=lambda body: read_page(body, lambda raw: _with_edge(raw, asked))
        )
        once = {waba.waba_id: (waba, rest) for waba, rest in page.items}  # one that comes twice: as last seen
        return Page([self._whole_waba(waba, rest, token, meter) for waba, rest in once.values()], page.after)

    def _names(self, fields: FieldSet) -> tuple[str, ...]:
        left_out = self._left_out.get(fields.node_type, frozenset())
        return tuple(name for name in fields.names if name not in left_out)

    def _whole_waba(self, waba: SharedWaba, rest: str | None, token: str, meter: Meter) -> SharedWaba:
        """The WABA with the numbers behind the cursor `rest` too; without any when they can't be had."""
        if rest is None or waba.raw_numbers is None:
            return waba
        try:
            numbers = [*waba.raw_numbers, *self._numbers_after(rest, waba, token, meter)]
        except (TokenDead, AppRefused):
            raise
        except GraphError:
            return SharedWaba(waba.waba_id, waba.asked, waba.raw_facts, None)
        return SharedWaba(waba.waba_id, waba.asked, waba.raw_facts, numbers)

    def _numbers_after(self, rest: str, waba: SharedWaba, token: str, meter: Meter) -> list[object]:
        path = self.transport.path_to(waba.waba_id, _EDGE)
        limit = self._config.page_limit

        def fetch(after: str | None) -> Page[object]:
            with_limit = (("limit", str(limit)),)
            call = Call(
                path,
                object_id=waba.waba_id,
                fields=waba.asked.number,
                after=after or rest,
                parameters=with_limit,
            )
            return self.transport.get(
                call, token=token, meter=meter, read=lambda body: read_page(body, lambda raw: raw)
            )

        found: list[object] = []
        for number, page in walk(fetch, max_pages=self._config.max_pages, path=path, few=lambda: limit // 10):
            if number == 1:  # also when the walk starts again
                found.clear()
            found += page.items
        return found


def _with_edge(raw: object, asked: Asked) -> tuple[SharedWaba, str | None]:
    """One WABA of a page, and the cursor of the numbers that are not on it. Raises `ShapeError`."""
    found = node(raw)
    edge = found.pop(_EDGE, None)
    numbers: list[object] | None = None
    rest = None
    if edge is not None:
        try:
            page = read_page(edge, lambda one: one)
            numbers, rest = page.items or None, page.after
        except ShapeError:
            pass  # the WABA is read by itself, which says what is wrong
    return SharedWaba(str(found["id"]), asked, found, numbers), rest
