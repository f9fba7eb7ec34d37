"""`manage.py connect`: one WABA by hand, read from Graph before anything is stored."""

import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from clients.choices import CredentialKind, WabaOrigin
from clients.models import Client, Credential, Portfolio, Waba
from tests.factories import TOKEN, make_client, make_credential, make_portfolio, make_waba
from tests.scripted_graph import ScriptedGraph, answer, graph_error, page

pytestmark = pytest.mark.django_db

WABA_ID = "100200300400500"
BUSINESS_TOKEN = "EAAbusinesstokenofoneclient7777"


@pytest.fixture
def graph(settings: Settings) -> Iterator[ScriptedGraph]:
    with ScriptedGraph() as server:
        settings.GRAPH_API_URL = server.url
        server.always(page())
        yield server


def waba(**values: object) -> dict[str, object]:
    return {
        "id": WABA_ID,
        "name": "Harbor Bakery",
        "currency": "EUR",
        "owner_business_info": {"id": "900800700", "name": "Harbor Foods Ltd"},
        **values,
    }


def connect(
    monkeypatch: pytest.MonkeyPatch,
    *,
    client: str = "Harbor",
    waba_id: str = WABA_ID,
    token: str | None = BUSINESS_TOKEN,
) -> str:
    """Run the command; everything it prints."""
    out = io.StringIO()
    arguments: list[Any] = [waba_id, "--client", client]
    if token is not None:
        arguments.append("--token-stdin")
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{token}\n"))
    call_command("connect", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_a_waba_is_read_and_then_stored_with_its_client_token_and_portfolio(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.script(answer(waba()))

    said = connect(monkeypatch)

    stored = Waba.objects.get()
    assert (stored.waba_id, stored.name, stored.currency) == (WABA_ID, "Harbor Bakery", "EUR")
    assert stored.origin == WabaOrigin.MANUAL
    assert stored.client.name == "Harbor"
    assert stored.credential is not None
    assert stored.credential.kind == CredentialKind.BUSINESS
    assert stored.credential.open_token() == BUSINESS_TOKEN
    assert Portfolio.objects.get().client == stored.client
    assert graph.requests[0].headers["authorization"] == f"Bearer {BUSINESS_TOKEN}"
    assert "Harbor Bakery" in said
    assert BUSINESS_TOKEN not in said


def test_a_client_is_found_by_its_name_whatever_the_case(graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client("Ärzte am Hafen")
    graph.script(answer(waba()))

    connect(monkeypatch, client="ärzte  am hafen")

    assert Waba.objects.get().client == client
    assert Client.objects.count() == 1


def test_two_clients_of_that_name_are_not_guessed_between(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_client("Harbor")
    make_client("HARBOR")
    graph.script(answer(waba()))

    with pytest.raises(CommandError) as refusal:
        connect(monkeypatch)

    assert refusal.value.returncode == 2
    assert not Waba.objects.exists()


def test_without_a_token_on_standard_input_the_environments_is_used(
    graph: ScriptedGraph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = "123456", TOKEN
    graph.script(answer(waba()))

    connect(monkeypatch, token=None)

    assert Waba.objects.get().credential == Credential.objects.get(from_environment=True)


def test_our_own_portfolio_stands_for_no_client(
    graph: ScriptedGraph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = "123456", TOKEN
    graph.script(answer(waba(owner_business_info={"id": "123456", "name": "We"})))

    connect(monkeypatch, token=None)

    assert not Portfolio.objects.exists()


def test_a_portfolio_that_stands_for_a_client_already_goes_on_doing_so(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    portfolio = make_portfolio(make_client("Holding"), "900800700")
    graph.script(answer(waba()))

    connect(monkeypatch)

    portfolio.refresh_from_db()
    assert portfolio.client.name == "Holding"


def test_a_waba_of_another_client_is_refused_and_keeps_its_token(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = make_waba(make_client("Other"), waba_id=WABA_ID)
    graph.script(answer(waba()))

    with pytest.raises(CommandError, match="Other") as refusal:
        connect(monkeypatch)

    assert refusal.value.returncode == 2
    known.refresh_from_db()
    assert known.client.name == "Other"
    assert known.credential is not None
    assert known.credential.open_token() == TOKEN
    assert not Client.objects.filter(name="Harbor").exists()


def test_connecting_again_replaces_the_wabas_own_token(graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    graph.script(answer(waba()), page(), answer(waba(name="Harbor Bakery 2")))
    connect(monkeypatch)
    Waba.objects.update(unshared_since=timezone.now())

    connect(monkeypatch, token="EAAanothertokenofthatclient8888")

    assert Credential.objects.get().open_token() == "EAAanothertokenofthatclient8888"
    assert Waba.objects.get().name == "Harbor Bakery 2"
    assert Waba.objects.get().unshared_since is None, "Meta has just shown it to us"


def test_a_token_that_other_wabas_are_read_with_is_left_alone(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = make_credential(kind=CredentialKind.BUSINESS)
    client = make_client("Harbor")
    make_waba(client, credential=shared)
    make_waba(client, waba_id=WABA_ID, credential=shared)
    graph.script(answer(waba()))

    connect(monkeypatch)

    shared.refresh_from_db()
    assert shared.open_token() == TOKEN
    assert Waba.objects.get(waba_id=WABA_ID).credential != shared


def test_when_meta_refuses_nothing_is_stored_and_the_reason_is_given_in_words(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.script(graph_error(190, message=f"Error validating access token {BUSINESS_TOKEN}", fbtrace_id="TraceMe"))

    with pytest.raises(CommandError) as refusal:
        connect(monkeypatch)

    assert refusal.value.returncode == 1
    assert "Meta refuses the token" in str(refusal.value)
    assert "TraceMe" in str(refusal.value)
    assert BUSINESS_TOKEN not in str(refusal.value)
    for model in (Waba, Client, Credential):
        assert not model.objects.exists()


def test_when_meta_refuses_the_environments_token_nothing_is_stored_either(
    graph: ScriptedGraph, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = "123456", TOKEN
    graph.script(graph_error(100, subcode=33))

    with pytest.raises(CommandError) as refusal:
        connect(monkeypatch, token=None)

    assert refusal.value.returncode == 1
    for model in (Waba, Client, Credential):
        assert not model.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"waba_id": "not-digits"}, "digits"),
        ({"client": "  "}, "name"),
        ({"token": ""}, "no token"),
        ({"token": "two words"}, "not a token"),
        ({"token": None}, "no token"),
    ],
)
def test_wrong_use_asks_meta_nothing(
    graph: ScriptedGraph, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(CommandError, match=said) as refusal:
        connect(monkeypatch, **wrong)

    assert refusal.value.returncode == 2
    assert graph.requests == []
    assert not Client.objects.exists()
