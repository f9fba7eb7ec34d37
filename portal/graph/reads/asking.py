"""How every read asks: one node, or one edge page by page, for the fields that the node knows.

Which path answers which question is in the modules beside this one, HTTP is in `portal.graph.http`.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from random import random as _any_share
from typing import Protocol, TypeVar

from portal.graph.calls import Call, Parameters
from portal.graph.errors import PagingLoop, PermissionMissing, TooMuchData, UnknownField
from portal.graph.http.config import GraphConfig
from portal.graph.http.paging import Page, read_page, walk
from portal.graph.http.transport import Transport
from portal.graph.http.usage import FieldRefusal, Meter
from portal.graph.payloads import ShapeError
from portal.graph.reads.fields import FieldSet

# So many pages in a row on which everything was on an earlier one: there will be nothing else.
_SAME_PAGES = 3


class NodeReading(Protocol):
    """What one node's answer is read into, whatever the node."""

    @property
    def values(self) -> Mapping[str, object]:
        """By Graph's field name; `id` among them."""


Reading = TypeVar("Reading", bound=NodeReading)
Item = TypeVar("Item")
Result = TypeVar("Result")


class Asking:
    """What the subjects of the client share: one transport, and the ways to ask over it."""

    def __init__(
        self,
        config: GraphConfig,
        *,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _any_share,
    ) -> None:
        """Raises `ValueError` for a configuration that cannot work."""
        self.transport = Transport(config, sleep=sleep, random=random)
        self._config = config
        self._left_out: Mapping[str, frozenset[str]] = {}

    def leave_out(self, fields: Mapping[str, frozenset[str]]) -> None:
        """From now on ask for all fields but these, by node type: the version refuses them on every node."""
        self._left_out = dict(fields)

    def _node(
        self,
        node_id: str,
        fields: FieldSet,
        read_item: Callable[[object, frozenset[str]], Reading],
        token: str,
        meter: Meter | None,
    ) -> Reading:
        path = self.transport.path_to(node_id)
        meter = meter or Meter()

        def ask(asked: tuple[str, ...]) -> Reading:
            requested = frozenset(asked)

            def read(body: object) -> Reading:
                reading = read_item(body, requested)
                if reading.values.get("id") != node_id:
                    raise ShapeError("the answer is about another object")
                return reading

            call = Call(path, object_id=node_id, fields=asked)
            return self.transport.get(call, token=token, meter=meter, read=read)

        return self._with_known_fields(fields, node_id, meter, set(), ask)

    def _whole(self, pages: Iterator[tuple[int, Page[Item]]], key: Callable[[Item], str]) -> tuple[list[Item], int]:
        """All items of a walk, each key once and as last seen, and the number of pages. Whole, or an error."""
        found: dict[str, Item] = {}
        number = same = 0
        for number, page in pages:
            if number == 1:  # also when the walk starts again
                found.clear()
            before = len(found)
            found.update((key(item), item) for item in page.items)
            same = same + 1 if page.items and len(found) == before else 0
            if same >= _SAME_PAGES:
                raise PagingLoop(f"page {number} of the listing has nothing that was not on an earlier one")
        return list(found.values()), number

    def _walk(
        self,
        node_id: str,
        edge: str,
        fields: FieldSet,
        read_item: Callable[[object, frozenset[str]], Item],
        token: str,
        meter: Meter | None,
        parameters: Parameters = (),
        page_limit: int | None = None,
    ) -> Iterator[tuple[int, Page[Item]]]:
        """The pages of an edge, of `page_limit` items at most, and half as many when Graph asks for less."""
        path = self.transport.path_to(node_id, edge)
        meter = meter or Meter()
        hidden: set[str] = set()
        limit = min(page_limit or self._config.page_limit, self._config.page_limit)

        def fetch(after: str | None) -> Page[Item]:
            nonlocal limit
            while True:
                try:
                    return fetch_page(after, limit)
                except TooMuchData:
                    if limit == 1:
                        raise
                    limit = meter.page_limit = limit // 2

        def fetch_page(after: str | None, limit: int) -> Page[Item]:
            def ask(asked: tuple[str, ...]) -> Page[Item]:
                requested = frozenset(asked)
                with_limit = (("limit", str(limit)), *parameters)
                call = Call(path, object_id=node_id, fields=asked, after=after, parameters=with_limit)
                return self.transport.get(
                    call,
                    token=token,
                    meter=meter,
                    read=lambda body: read_page(body, lambda item: read_item(item, requested)),
                )

            return self._with_known_fields(fields, node_id, meter, hidden, ask)

        return walk(fetch, max_pages=self._config.max_pages, path=path, few=lambda: limit // 10)

    def _with_known_fields(
        self,
        fields: FieldSet,
        node_id: str,
        meter: Meter,
        hidden: set[str],
        ask: Callable[[tuple[str, ...]], Result],
    ) -> Result:
        """The result of asking for all fields that this node knows and this token may see; `hidden` gets the others.

        What one node refuses is left out for that node alone: `meter` notes it, and whoever reads many nodes decides
        what to `leave_out` of all calls.
        """
        left_out = self._left_out.get(fields.node_type, frozenset())
        while True:
            asked = tuple(name for name in fields.names if name not in left_out and name not in hidden)
            try:
                return ask(asked)
            except UnknownField as refusal:
                unknown = fields.left_out_after(refusal, asked)
                if not unknown:
                    raise
                if refusal.field_name:
                    meter.refused.add(FieldRefusal(fields.node_type, refusal.field_name, node_id))
                hidden |= unknown
            except PermissionMissing as trouble:
                if trouble.code != 10 or trouble.field_name not in fields.extra:
                    raise
                hidden.add(trouble.field_name)
