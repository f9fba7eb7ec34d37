"""A WABA connected from its client's page with a token of its own."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from clients.credentials import business_credential
from clients.models import Client, User, Waba
from phones.numbers.lifecycle import Stage
from phones.numbers.words import describe
from tests.conftest import SignIn
from tests.factories import make_number, make_waba
from tests.phones.reading import text_of
from tests.scripted_graph import ScriptedGraph, answer, graph_error, page

TOKEN = "EAAbusinesstokenofoneclient7777"
GIVEN = {"waba_id": "100200300400500", "token": TOKEN}
READ = answer({"id": GIVEN["waba_id"], "name": "Harbor Bakery", "currency": "EUR"})


@pytest.fixture
def graph(settings: Settings) -> Iterator[ScriptedGraph]:
    with ScriptedGraph() as server:
        settings.GRAPH_API_URL = server.url
        server.always(page())
        yield server


def test_a_waba_is_read_with_its_token_and_then_stored_and_the_token_described(
    graph: ScriptedGraph, settings: Settings, alices_client: Client, account_manager: User, sign_in: SignIn
) -> None:
    settings.META_APP_ID, settings.META_APP_SECRET = "1234", "a" * 32
    known = {"is_valid": True, "app_id": "1234", "type": "SYSTEM_USER", "scopes": ["whatsapp_business_management"]}
    graph.script(answer({"data": {**known, "expires_at": 1893456000}}), READ)

    shown = text_of(
        sign_in(account_manager).post(f"/clients/{alices_client.pk}/connect/", {**GIVEN, "language": "fr"}, follow=True)
    )

    stored = Waba.objects.get(waba_id=GIVEN["waba_id"])
    assert stored.client == alices_client
    assert stored.client.language == "fr"
    assert stored.credential is not None
    assert stored.credential.open_token() == TOKEN
    assert stored.credential.expires_at is not None
    assert "“system user”, works until 1 Jan 2030, and may: whatsapp_business_management" in shown
    assert TOKEN not in shown


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"is_valid": True, "app_id": "999", "application": "Rival"}, "made for another app, “Rival”"),
        ({"is_valid": False, "app_id": "1234"}, "not valid (any more)"),
    ],
)
def test_a_token_of_another_app_or_a_dead_one_is_refused_before_anything_is_read_or_stored(
    said: dict[str, object],
    words: str,
    graph: ScriptedGraph,
    settings: Settings,
    alices_client: Client,
    account_manager: User,
    sign_in: SignIn,
) -> None:
    settings.META_APP_ID, settings.META_APP_SECRET = "1234", "a" * 32
    graph.script(answer({"data": said}))

    refused = sign_in(account_manager).post(f"/clients/{alices_client.pk}/connect/", GIVEN)

    assert refused.status_code == 422
    assert words in text_of(refused)
    assert TOKEN not in text_of(refused)
    assert len(graph.requests) == 1
    assert not Waba.objects.exists()


def test_a_waba_that_somebody_else_stores_at_the_same_moment_is_connected_all_the_same(
    graph: ScriptedGraph,
    alices_client: Client,
    account_manager: User,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph.script(READ, page())
    others = iter([GIVEN["waba_id"]])

    def meanwhile(*given: Any) -> Any:
        for waba_id in others:
            make_waba(alices_client, waba_id=waba_id)
        return business_credential(*given)

    monkeypatch.setattr("clients.connect.business_credential", meanwhile)

    assert sign_in(account_manager).post(f"/clients/{alices_client.pk}/connect/", GIVEN).status_code == 302
    assert Waba.objects.get().credential.open_token() == TOKEN  # type: ignore[union-attr] # it has one


def test_a_token_that_meta_refuses_is_explained_and_nothing_is_stored(
    graph: ScriptedGraph, alices_client: Client, account_manager: User, sign_in: SignIn
) -> None:
    graph.script(graph_error(190, status=401))

    refused = sign_in(account_manager).post(f"/clients/{alices_client.pk}/connect/", GIVEN)

    assert refused.status_code == 422
    assert "Nothing was stored." in text_of(refused)
    assert TOKEN not in text_of(refused)
    assert not Waba.objects.exists()


def test_whose_another_clients_waba_is_stays_unsaid(
    graph: ScriptedGraph, alices_client: Client, foreign_client: Client, account_manager: User, sign_in: SignIn
) -> None:
    make_waba(foreign_client, waba_id=GIVEN["waba_id"])
    graph.script(READ)

    refused = sign_in(account_manager).post(f"/clients/{alices_client.pk}/connect/", GIVEN)

    assert refused.status_code == 422
    assert "under another client" in text_of(refused)
    assert foreign_client.name not in text_of(refused)


def test_numbers_of_a_client_come_by_their_deadline_with_stage_and_time_left(
    alices_waba: Waba, account_manager: User, sign_in: SignIn
) -> None:
    make_number(alices_waba, verified_name="Later")
    due = timezone.now() + timedelta(days=3, hours=1)
    make_number(alices_waba, verified_name="Sooner", stage=Stage.READY, registration_deadline=due)

    shown = text_of(sign_in(account_manager).get(f"/clients/{alices_waba.client_id}/"))

    assert shown.index("Sooner") < shown.index("Later")
    assert describe("stage", Stage.READY).label in shown
    assert "3 days left" in shown
