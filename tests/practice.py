"""A practice Graph server for one test, with its controls, and the desk pointed at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from django.utils import timezone

from clients.choices import RunScope, RunTrigger
from clients.credentials import environment_credential
from clients.models import SyncRun, Waba
from phones.sync import runs
from phones.sync.engine import Engine
from portal.graph import GraphClient, GraphConfig
from portal.graph.writes import GraphWriter
from portal.sandbox.controls.launch import Options, Serving, serving
from tests import kept_book


class Practice:
    """The server's controls (`/_practice/…`) as methods, and `sync` to read it all onto the desk."""

    def __init__(self, server: Serving, settings: Any, options: Options) -> None:
        self.url = server.url
        self._settings = settings
        self._options = options
        self._world = server.world
        self._world.unsaved = False  # it is kept in no file; so this says whether it has changed since
        self._is_as_made = True
        self._session = requests.Session()
        self._session.trust_env = False
        known = self.credentials = server.credentials
        settings.GRAPH_API_URL = server.url
        settings.META_BUSINESS_ID = known.business_id
        settings.META_SYSTEM_USER_TOKEN = known.system_user_token
        # Patience is short here: a test of a slow answer should not be slow.
        self.client = GraphClient(
            GraphConfig(api_url=server.url, connect_timeout=2, read_timeout=1.5, total_timeout=2, retries=1),
            sleep=lambda _: None,
        )
        self.writer = GraphWriter(self.client.transport)

    def as_partner(self) -> None:
        """Give the desk everything of the environment that the server prints: app, secrets, addresses."""
        for name, value in self.credentials.environment(self.url).items():
            setattr(self._settings, name, value)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call one of the server's controls."""
        self._is_as_made &= method == "GET" or path == "log/clear"
        answer = self._session.request(method, f"{self.url}/_practice/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def book(self) -> Any:
        """Everything the server has, with Graph's own values."""
        return self.control("GET", "book")

    def wabas(self) -> list[Any]:
        """The WABAs that the partner's token can read, those with most numbers first."""
        shared = [waba for waba in self.book()["wabas"] if waba["relation"] != "unshared"]
        wabas = [waba for waba in shared if not waba["trouble"]]
        return sorted(wabas, key=lambda waba: -len(waba["phone_number_ids"]))

    def fault(self, answer: dict[str, object], *, times: int | None = None, **match: object) -> None:
        """Answer requests that match with a fault."""
        self.control("POST", "faults", {"match": match, "times": times, "answer": answer})

    def heal(self) -> None:
        """Drop all faults."""
        self.control("DELETE", "faults")

    def change(self, phone_number_id: str, *unset: str, **values: object) -> None:
        """Change a number at Meta."""
        self.control("PATCH", f"numbers/{phone_number_id}", {"set": values, "unset": list(unset)})

    def calls(self, path: str = "") -> list[Any]:
        """The Graph calls seen so far whose path holds `path`."""
        log = self.control("GET", "log")["requests"]
        return [call for call in log if path in call["path"]]

    def sync(self, *waba_ids: str, client: GraphClient | None = None, threads: int = 8) -> SyncRun:
        """Read everything, or only these WABAs; the finished run."""
        environment_credential()
        wabas = Waba.objects.filter(waba_id__in=waba_ids) if waba_ids else Waba.objects.all()
        run = runs.open_run(
            scope=RunScope.SELECTION if waba_ids else RunScope.EVERYTHING,
            trigger=RunTrigger.COMMAND,
            wabas=wabas,
            discover=not waba_ids,
        )
        Engine(run=run, client=client or self.client, threads=threads).work(seconds=30)
        run.refresh_from_db()
        assert run.finished_at is not None, "the run did not finish"
        return run

    def already_read(self) -> None:
        """Have the desk know everything, as `sync` leaves it: from a test before, if that read the same world.

        For tests of what comes after a first reading. The calls of that reading are in no log.
        """
        known = {**self.credentials.environment(""), "GRAPH_API_VERSION": "", "TOKEN_ENCRYPTION_KEYS": ""}
        circumstances = (self._options, *(repr(getattr(self._settings, name)).replace(self.url, "") for name in known))
        if not (self._is_as_made and not self._world.unsaved and kept_book.can_be_kept()):
            self.sync()
        elif book := _kept.get(circumstances):
            kept_book.put_back(book, self._world.started, timezone.now())
        else:
            self.sync()
            self.control("POST", "log/clear")
            _kept[circumstances] = kept_book.keep(self._world.started, timezone.now())


_kept: dict[tuple[object, ...], kept_book.KeptBook] = {}


PracticeMaker = Callable[..., Practice]


@contextmanager
def practice_server(settings: Any, **options: Any) -> Iterator[Practice]:
    """A still practice server on a free port; `options` are those of the command."""
    chosen = Options(port=0, still=True, **options)
    with serving(chosen) as server:
        practice = Practice(server, settings, chosen)
        try:
            yield practice
        finally:
            practice.client.close()
            practice._session.close()
