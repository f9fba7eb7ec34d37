"""The client against the practice server: a signup, a subscription and a pool, from end to end."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import requests

from portal.graph import BadRequest, CodeExpired, CodeNotForUs, CodeUsed, GraphClient, GraphConfig, NotVisible
from portal.graph.errors import Unreachable
from portal.graph.writes import GraphWriter
from portal.sandbox.controls.launch import Options, Serving, serving
from tests.scripted_graph import Answer, Request, ScriptedGraph, raw

CALLBACK = "https://other.example/hooks"


@pytest.fixture(scope="module")
def server() -> Iterator[Serving]:
    with serving(Options(port=0, still=True, wabas=12, require_proof=True)) as running:
        yield running


@pytest.fixture
def practice_client(server: Serving) -> Iterator[GraphClient]:
    config = GraphConfig(api_url=server.url, app_secret=server.credentials.app_secret, retries=0)
    with closing(GraphClient(config)) as client:
        yield client


@pytest.fixture
def practice_writer(practice_client: GraphClient) -> GraphWriter:
    return GraphWriter(practice_client.transport)


def control(server: Serving, method: str, path: str, wish: Any) -> Any:
    answer = requests.request(method, f"{server.url}/_practice/{path}", json=wish, timeout=10)
    assert answer.ok, answer.text
    return answer.json()


def sign_up(server: Serving, **choices: str) -> Any:
    """What the dialog's page would be told."""
    return control(server, "POST", "signups", choices)


def exchange(client: GraphClient, server: Serving, code: str, **other: str) -> str:
    known = server.credentials
    app_id, app_secret = other.get("app_id", known.app_id), other.get("app_secret", known.app_secret)
    return client.exchange_code(app_id=app_id, app_secret=app_secret, code=code).token


def app_token(server: Serving) -> str:
    return f"{server.credentials.app_id}|{server.credentials.app_secret}"


def test_a_customer_signs_up(server: Serving, practice_client: GraphClient, practice_writer: GraphWriter) -> None:
    known = server.credentials
    signup = sign_up(server)
    waba_id, number_id = signup["waba_id"], signup["phone_number_id"]

    token = exchange(practice_client, server, signup["code"])
    facts = practice_client.debug_token(token, token=app_token(server))
    assert (facts.is_valid, facts.app_id, facts.expires_at) == (True, known.app_id, None)
    assert facts.target_ids("whatsapp_business_management") == (waba_id,)

    assert practice_client.subscribed_apps(waba_id, token=token) == []
    practice_writer.subscribe_app(waba_id, token=token)
    (app,) = practice_client.subscribed_apps(waba_id, token=token)
    assert (app.app_id, app.override_callback_uri) == (known.app_id, None)

    currency = str(practice_client.waba(waba_id, token=token).values["currency"])
    shared = practice_writer.share_credit_line(
        known.extended_credit_id, token=known.system_user_token, waba_id=waba_id, waba_currency=currency
    )
    assert shared.isdigit()
    listing = practice_client.phone_numbers(waba_id, token=token)
    assert [number.phone_number_id for number in listing.numbers] == [number_id]


def test_a_token_may_end_and_tell_nothing_of_what_it_is_narrowed_to(
    server: Serving, practice_client: GraphClient
) -> None:
    known = server.credentials
    signup = sign_up(server, expires="60_days", targets="absent")

    business = practice_client.exchange_code(app_id=known.app_id, app_secret=known.app_secret, code=signup["code"])
    facts = practice_client.debug_token(business.token, token=app_token(server))

    assert business.expires_in is not None
    assert 59 <= business.expires_in.days <= 60
    assert facts.expires_at is not None
    assert facts.target_ids("whatsapp_business_management") is None
    assert "whatsapp_business_management" in facts.scopes


def test_a_code_works_once_for_its_own_app_and_for_half_a_minute(server: Serving, practice_client: GraphClient) -> None:
    code = sign_up(server)["code"]
    with pytest.raises(CodeNotForUs):
        exchange(practice_client, server, code, app_id="1")
    with pytest.raises(CodeNotForUs):
        exchange(practice_client, server, code, app_secret="wrong")
    assert exchange(practice_client, server, code)
    with pytest.raises(CodeUsed):
        exchange(practice_client, server, code)

    late = sign_up(server)["code"]
    control(server, "POST", "clock", {"advance_seconds": 31})
    with pytest.raises(CodeExpired):
        exchange(practice_client, server, late)


def test_an_exchange_whose_answer_is_lost_has_used_the_code_up(server: Serving, practice_client: GraphClient) -> None:
    code = sign_up(server)["code"]
    lost = {"match": {"path_contains": "oauth/access_token"}, "times": 1, "answer": {"lose_reply": True}}
    control(server, "POST", "faults", lost)

    with pytest.raises(Unreachable) as caught:
        exchange(practice_client, server, code)

    assert caught.value.effect_possible
    with pytest.raises(CodeUsed):
        exchange(practice_client, server, code)


def test_the_app_has_its_events_sent_to_an_address_that_shakes_hands(
    server: Serving, practice_client: GraphClient, practice_writer: GraphWriter, graph: ScriptedGraph
) -> None:
    def consent(request: Request) -> Answer:
        assert request.query["hub.verify_token"] == "verify"
        challenge = request.query["hub.challenge"].encode()
        return raw(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(challenge), challenge), close=True)

    graph.script(consent)
    app_id, token, address = server.credentials.app_id, app_token(server), f"{graph.url}/webhooks/meta/"

    practice_writer.subscribe_webhooks(
        app_id, token=token, callback_url=address, verify_token="verify", fields=["messages", "account_update"]
    )

    (subscription,) = practice_client.app_subscriptions(app_id, token=token)
    assert (subscription.object, subscription.callback_url) == ("whatsapp_business_account", address)
    assert set(subscription.fields) == {"messages", "account_update"}
    assert subscription.active


def test_a_number_goes_through_the_pool(
    server: Serving, practice_client: GraphClient, practice_writer: GraphWriter
) -> None:
    business_id, token = server.credentials.business_id, server.credentials.system_user_token
    partner_id = control(server, "GET", "book", {})["wabas"][0]["owner_business_id"]

    pool_id = practice_writer.add_preverified_number(business_id, token=token, phone_number="15550109977")
    assert practice_client.preverified_number(pool_id, token=token).code_verification_status == "NOT_VERIFIED"
    practice_writer.request_code(pool_id, token=token, code_method="SMS", language="en_US")
    code = control(server, "GET", f"preverified/{pool_id}", {})["code"]
    practice_writer.verify_code(pool_id, token=token, code=code)

    reading = next(
        each for each in practice_client.preverified_numbers(business_id, token=token) if each.preverified_id == pool_id
    )
    assert (reading.phone_number, reading.code_verification_status) == ("15550109977", "VERIFIED")
    assert reading.code_verification_time is not None
    assert reading.verification_expiry_time is not None
    assert (reading.verification_expiry_time - reading.code_verification_time).days == 90
    assert reading.owner_business_id == business_id
    assert reading.odd == {}

    share = {"token": token, "preverified_id": pool_id, "partner_business_id": partner_id}
    practice_writer.share_preverified_number(business_id, **share)
    ((shared_with, name),) = practice_client.preverified_partners(pool_id, token=token)
    assert shared_with == partner_id
    assert name
    practice_writer.unshare_preverified_number(business_id, **share)
    assert practice_client.preverified_partners(pool_id, token=token) == []
    with pytest.raises(BadRequest):
        practice_writer.unshare_preverified_number(business_id, **share)

    practice_writer.delete_preverified_number(pool_id, token=token)
    with pytest.raises(NotVisible):
        practice_client.preverified_number(pool_id, token=token)
