"""A partner's WABAs on a scripted Graph server: answers as Graph does, but for what a test wants to go wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command

from tests.factories import TOKEN
from tests.scripted_graph import Answer, Request, ScriptedGraph, answer, number, page

BUSINESS_ID = "900000000000001"


class ScriptedBook:
    """`wabas` are the numbers of each WABA by id. `trouble` may answer a request in Graph's place; None: as usual."""

    def __init__(self, graph: ScriptedGraph, settings: Any) -> None:
        self.graph = graph
        self.wabas: dict[str, list[dict[str, object]]] = {}
        self.shared: list[str] | None = None
        self.trouble: Callable[[Request], Answer | None] = lambda _: None
        settings.GRAPH_API_URL = graph.url
        settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = BUSINESS_ID, TOKEN
        graph.always(self._answer)

    def add(self, wabas: int, *, numbers: int = 1) -> list[str]:
        """So many WABAs more, with so many numbers each; their ids."""
        made = []
        for _ in range(wabas):
            made.append(waba_id := str(100_000_000_000_001 + len(self.wabas)))
            last = waba_id[-4:]
            self.wabas[waba_id] = [
                number(f"2{last}{index:010}", display_phone_number=f"+1 555-{last}-{index:04}")
                for index in range(1, numbers + 1)
            ]
        return made

    def asked(self, edge: str = "phone_numbers") -> list[Request]:
        """The requests for one edge so far."""
        return [request for request in self.graph.requests if request.path.endswith(f"/{edge}")]

    def _answer(self, request: Request) -> Answer:
        if (wrong := self.trouble(request)) is not None:
            return wrong
        node, _, edge = re.sub(r"^/v[0-9.]+/", "", request.path).partition("/")
        if edge == "client_whatsapp_business_accounts":
            shared = self.wabas if self.shared is None else self.shared
            return page(*({"id": waba_id, "name": f"WABA {waba_id[-3:]}", "currency": "EUR"} for waba_id in shared))
        if edge == "phone_numbers":
            return self._numbers(self.wabas.get(node, []), request)
        return page() if edge else answer({"id": node, "name": "A WABA", "currency": "EUR", "timezone_id": "1"})

    def _numbers(self, numbers: list[dict[str, object]], request: Request) -> Answer:
        start, limit = int(request.query.get("after", 0)), int(request.query["limit"])
        asked = set(request.fields)
        items = [{name: one[name] for name in one if name in asked} for one in numbers[start : start + limit]]
        return page(*items, after=str(start + limit) if start + limit < len(numbers) else None)


def sync() -> int:
    """`manage.py sync`; its exit status."""
    try:
        call_command("sync")
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@contextmanager
def scripted_book(settings: Any) -> Iterator[ScriptedBook]:
    with ScriptedGraph() as graph:
        yield ScriptedBook(graph, settings)
