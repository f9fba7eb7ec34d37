"""How every method of the client asks: one node, one edge page by page, one change.

Knows paths, paging and which fields a server turned out not to know. Which path answers which question is in the
classes built on this one, HTTP is in `transport`.
"""

import time
from collections.abc import Callable, Iterator
from random import random as _any_share
from typing import TypeVar

from portal.graph.errors import PermissionMissing, UnknownField
from portal.graph.errors.verdicts import Call
from portal.graph.http.config import GraphConfig
from portal.graph.http.paging import Page, read_page, walk
from portal.graph.http.transport import Transport
from portal.graph.http.usage import Meter
from portal.graph.payloads import ShapeError
from portal.graph.reads.fields import FieldSet, RefusedFields
from portal.graph.reads.readings import NumberReading, PreverifiedReading, WabaReading
from portal.graph.writes.changes import Change, checked_id

Reading = TypeVar("Reading", NumberReading, WabaReading, PreverifiedReading)
Item = TypeVar("Item")
Result = TypeVar("Result")

Parameters = tuple[tuple[str, str], ...]


class Calls:
    """What the subjects of the client share: configuration, connections, and the ways to ask."""

    def __init__(
        self,
        config: GraphConfig,
        *,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = _any_share,
    ) -> None:
        """Raises `ValueError` for a configuration that cannot work."""
        self._transport = Transport(config, sleep=sleep, random=random)
        self._config = config
        self._refused = RefusedFields(config.version)

    def _path(self, node_id: str, edge: str = "") -> str:
        path = f"/{self._config.version}/{checked_id(node_id)}"
        return f"{path}/{edge}" if edge else path

    def _change(
        self, node_id: str, change: Change, read: Callable[[object], Result], token: str, meter: Meter | None
    ) -> Result:
        call = Call(
            self._path(node_id, change.edge),
            object_id=node_id,
            method=change.method,
            parameters=change.parameters,
            body=change.body,
            secrets=change.secrets,
        )
        send = self._transport.delete if change.method == "DELETE" else self._transport.post
        return send(call, token=token, meter=meter or Meter(), read=read)

    def _node(
        self,
        node_id: str,
        fields: FieldSet,
        read_item: Callable[[object, frozenset[str]], Reading],
        token: str,
        meter: Meter | None,
    ) -> Reading:
        path = self._path(node_id)
        meter = meter or Meter()

        def ask(asked: tuple[str, ...]) -> Reading:
            requested = frozenset(asked)

            def read(body: object) -> Reading:
                reading = read_item(body, requested)
                if reading.values.get("id") != node_id:
                    raise ShapeError("the answer is about another object")
                return reading

            call = Call(path, object_id=node_id, fields=asked)
            return self._transport.get(call, token=token, meter=meter, read=read)

        return self._with_known_fields(fields, ask)

    def _whole(
        self,
        pages: Iterator[tuple[int, Page[Item]]],
        key: Callable[[Item], str],
    ) -> tuple[list[Item], int]:
        """All items of a walk, each key once and as last seen, and the number of pages. Whole, or an error."""
        found: dict[str, Item] = {}
        number = 0
        for number, page in pages:
            if number == 1:  # also when the walk starts again
                found.clear()
            found.update((key(item), item) for item in page.items)
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
    ) -> Iterator[tuple[int, Page[Item]]]:
        path = self._path(node_id, edge)
        meter = meter or Meter()
        parameters = (("limit", str(self._config.page_limit)), *parameters)

        def fetch(after: str | None) -> Page[Item]:
            def ask(asked: tuple[str, ...]) -> Page[Item]:
                requested = frozenset(asked)
                call = Call(path, object_id=node_id, fields=asked, after=after, parameters=parameters)
                return self._transport.get(
                    call,
                    token=token,
                    meter=meter,
                    read=lambda body: read_page(body, lambda item: read_item(item, requested)),
                )

            return self._with_known_fields(fields, ask)

        return walk(fetch, max_pages=self._config.max_pages, path=path)

    def _with_known_fields(self, fields: FieldSet, ask: Callable[[tuple[str, ...]], Result]) -> Result:
        """The result of asking for all fields this server knows and this token may see.

        A field the server does not know is not asked for again by anyone; one that the token may not see, though Meta
        names it, is left out of this call only.
        """
        hidden: set[str] = set()
        while True:
            asked = tuple(name for name in self._refused.remaining(fields) if name not in hidden)
            try:
                return ask(asked)
            except UnknownField as trouble:
                if not self._refused.refuse(fields, asked, trouble.field_name):
                    raise
            except PermissionMissing as trouble:
                if trouble.code != 10 or trouble.field_name not in fields.extra:
                    raise
                hidden.add(trouble.field_name)
