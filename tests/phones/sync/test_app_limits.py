"""The budget of the whole app is used up: the run ends at once and says until when, and nobody is asked meanwhile."""

import datetime
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SyncRun, Waba
from phones import tasks
from phones.management.commands import sync as command
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, graph_error

pytestmark = pytest.mark.django_db

USAGE = {"X-App-Usage": '{"call_count": 100}', "Retry-After": "2400"}


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def used_up(code: int, part: str) -> Any:
    def trouble(request: Request) -> Answer | None:
        return graph_error(code, status=403, headers=USAGE) if part in request.path else None

    return trouble


@pytest.mark.parametrize(
    ("code", "part"), [(4, "client_whatsapp"), (17, "/phone_numbers"), (32, "/phone_numbers"), (613, "/")]
)
def test_sync_ends_at_once_and_says_until_when(
    book: ScriptedBook, desk: Browser, capsys: Any, monkeypatch: pytest.MonkeyPatch, code: int, part: str
) -> None:
    monkeypatch.setattr(command, "PATIENCE_SECONDS", 8)
    book.add(3)
    sync()
    until = timezone.now() + datetime.timedelta(minutes=40)
    book.trouble = used_up(code, part)
    capsys.readouterr()

    began = time.monotonic()
    assert sync() == 1
    assert time.monotonic() - began < 4
    assert f"{until:%H:%M} UTC" in capsys.readouterr().out

    book.graph.requests.clear()
    began = time.monotonic()
    assert sync() == 1
    assert time.monotonic() - began < 4
    assert book.graph.requests == [], "nobody is asked while Meta wants us to wait"
    assert f"{until:%H:%M} UTC" in capsys.readouterr().out

    run = SyncRun.objects.latest("pk")
    assert run.finished_at is not None
    page = text_of(desk.get(f"/syncs/{run.pk}/"))
    assert f"{until:%H:%M}" in page
    assert ">Done<" not in page
    assert not Waba.objects.exclude(sync_run=None).exists()


def test_a_run_that_was_started_on_the_desk_shows_the_wait(book: ScriptedBook, desk: Browser) -> None:
    book.add(3)
    sync()
    book.trouble = used_up(4, "/")

    address = desk.post("/syncs/start/", {"scope": "everything"})["Location"]
    tasks.work()

    page = text_of(desk.get(address))
    assert "Too many calls from our app" in page
    assert re.search(r"Tried again in (39|40) min", page)
    assert "Nothing read" in text_of(desk.get("/syncs/"))
