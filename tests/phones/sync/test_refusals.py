"""Meta refuses the app or the token: words that name the setting, and a call or two instead of one a WABA."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.choices import CredentialState
from clients.models import Credential, SyncRun, Waba
from phones import tasks
from tests.factories import make_credential, make_waba
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, graph_error

pytestmark = pytest.mark.django_db

SECRET = graph_error(100, message="Invalid appsecret_proof provided in the API argument", type="GraphMethodException")
ADDRESS = graph_error(5, message="Unauthorized source IP address", status=403)


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


@pytest.mark.parametrize(
    ("refusal", "setting"), [(SECRET, "META_APP_SECRET"), (ADDRESS, "Server IP allowlist")], ids=["secret", "address"]
)
def test_a_wrong_setting_costs_one_call_and_is_named(
    book: ScriptedBook, desk: Browser, capsys: Any, refusal: Answer, setting: str
) -> None:
    book.add(30)
    sync()
    book.trouble = lambda _: refusal
    book.graph.requests.clear()
    capsys.readouterr()

    assert sync() == 1

    assert len(book.graph.requests) == 1
    said = capsys.readouterr().out
    assert setting in said
    assert "Too many calls" not in said
    assert "An administrator" in said
    assert setting in text_of(desk.get(f"/syncs/{SyncRun.objects.latest('pk').pk}/"))
    assert setting in text_of(desk.get("/"))

    book.trouble = lambda _: None
    assert sync() == 0, "put right, and asked again"


def test_a_wrong_secret_is_not_tried_with_the_token_of_every_client(book: ScriptedBook, settings: Any) -> None:
    settings.META_SYSTEM_USER_TOKEN = ""
    for waba_id in book.add(20):
        make_waba(waba_id=waba_id, credential=make_credential(f"EAAclienttoken{waba_id}"))
    book.trouble = lambda _: SECRET

    assert sync() == 1

    assert len(book.graph.requests) <= 4


def test_a_token_of_another_app_stops_nobody_else(book: ScriptedBook) -> None:
    other = "EAAtokenofanotherapp0123456789"
    first = book.add(6)[0]
    make_waba(waba_id=first, credential=make_credential(other))
    book.trouble = lambda request: SECRET if request.headers["authorization"].endswith(other) else None

    assert sync() == 1

    run = SyncRun.objects.get()
    assert (run.read, run.failed) == (5, 1)


def test_a_dead_token_costs_a_handful_of_calls_whatever_is_in_flight(book: ScriptedBook) -> None:
    book.add(60)
    sync()
    book.trouble = lambda _: graph_error(190, subcode=463, status=401)
    book.graph.requests.clear()

    assert sync() == 1

    assert len(book.graph.requests) <= 4
    assert Credential.objects.get().state == CredentialState.DEAD
    assert SyncRun.objects.latest("pk").failed == 60


def test_a_click_on_one_waba_of_a_dead_token_asks_once_and_no_other(book: ScriptedBook, desk: Browser) -> None:
    first = book.add(60)[0]
    sync()
    book.trouble = lambda _: graph_error(190, subcode=463, status=401)
    sync()
    Waba.objects.update(next_sync_at=timezone.now())
    book.graph.requests.clear()

    desk.post("/syncs/start/", {"scope": "waba", "id": first})
    tasks.work()
    tasks.settle()

    assert len(book.graph.requests) == 1
    assert Credential.objects.get().state == CredentialState.DEAD
