"""An id that is not a WABA's is refused by `connect` before anything is stored."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser

from clients.models import Client, Credential, Waba
from tests.factories import make_client
from tests.practice import Practice, practice_server
from tests.scripted_graph import ScriptedGraph, answer, graph_error

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(db: None, settings: Any) -> Iterator[Practice]:
    with practice_server(settings, wabas=1, numbers=2, healthy=True) as server:
        yield server


def refused(waba_id: str) -> str:
    with pytest.raises(CommandError) as refusal:
        call_command("connect", waba_id, "--client", "Harbor", stdout=io.StringIO())
    assert refusal.value.returncode == 2
    for model in (Waba, Client, Credential):
        assert not model.objects.exists()
    return str(refusal.value)


def test_the_ids_of_a_portfolio_and_of_a_number_are_refused(practice: Practice) -> None:
    number = practice.wabas()[0]["phone_number_ids"][0]

    for other in (practice.credentials.business_id, number):
        assert f"{other} is no WABA's id" in refused(other)

    call_command("connect", practice.wabas()[0]["id"], "--client", "Harbor", stdout=io.StringIO())
    assert Waba.objects.get().client.name == "Harbor"


def test_the_page_refuses_them_at_the_field_and_stores_nothing(practice: Practice, desk: Browser) -> None:
    address = f"/clients/{make_client('Harbor').pk}/connect/"
    token = practice.credentials.system_user_token
    number = practice.wabas()[0]["phone_number_ids"][0]

    for other in (practice.credentials.business_id, number):
        answer = desk.post(address, {"waba_id": other, "token": token})
        assert answer.status_code == 422
        assert f"{other} is no WABA" in answer.content.decode()
        assert token not in answer.content.decode()

    assert not Waba.objects.exists()
    assert not Credential.objects.exists()


def test_an_object_that_shows_an_id_and_a_name_and_has_no_numbers_edge_is_refused(settings: Any) -> None:
    with ScriptedGraph() as graph:
        settings.GRAPH_API_URL = graph.url
        settings.META_BUSINESS_ID, settings.META_SYSTEM_USER_TOKEN = "1", "EAAtoken0123456789abcdef"
        unnamed = graph_error(100, message="(#100) Tried accessing nonexisting field")
        no_edge = "(#100) Tried accessing nonexisting field (phone_numbers) on node type (Business)"

        graph.script(answer({"id": "7", "name": "A portfolio"}))
        refused("7")
        graph.script(unnamed, answer({"id": "7", "name": "A portfolio"}), graph_error(100, message=no_edge))
        refused("7")
