"""What goes to Graph and what a caller gets when all is well."""

import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from portal.graph import GraphClient, Meter, TokenDead
from portal.graph.reads.accounts import WABA
from portal.graph.reads.numbers import PHONE_NUMBER, NumberReading
from tests.portal.graph.conftest import MakeClient
from tests.scripted_graph import ScriptedGraph, answer, gzipped, number, page, page_value

TOKEN = "EAAscriptedtoken0123456789"
WABA_ID = "100000000000001"
NUMBER_ID = "200000000000001"
BUSINESS_ID = "300000000000001"


def test_a_listing_asks_the_edge_of_the_waba_for_all_fields(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page(number()))

    listing = client.phone_numbers(WABA_ID, token=TOKEN)

    (request,) = graph.requests
    assert request.method == "GET"
    assert request.path == f"/v25.0/{WABA_ID}/phone_numbers"
    assert request.fields == [*PHONE_NUMBER.core, *PHONE_NUMBER.extra]
    assert request.query.keys() == {"fields", "limit"}
    assert request.query["limit"] == "100"
    assert listing.pages == 1
    assert [found.phone_number_id for found in listing.numbers] == [NUMBER_ID]


def test_certificates_and_funding_are_never_asked_for() -> None:
    asked = {*PHONE_NUMBER.core, *PHONE_NUMBER.extra, *WABA.core, *WABA.extra}
    assert not asked & {"certificate", "new_certificate", "primary_funding_id"}


def test_the_token_travels_in_the_header_only(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer(number()))

    client.phone_number(NUMBER_ID, token=TOKEN)

    (request,) = graph.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert TOKEN not in request.target


def test_a_call_says_who_asks_and_what_it_understands(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer(number()))

    client.phone_number(NUMBER_ID, token=TOKEN)

    headers = graph.requests[0].headers
    assert headers["user-agent"].startswith("Numberdesk/")
    assert headers["accept"] == "application/json"
    assert headers["accept-encoding"] == "gzip"
    assert "cookie" not in headers


def test_every_call_is_signed_once_there_is_an_app_secret(graph: ScriptedGraph, make_client: MakeClient) -> None:
    graph.script(page(number(), after="c1"), page())

    make_client(app_secret="app-secret").phone_numbers(WABA_ID, token=TOKEN)

    proof = hmac.new(b"app-secret", TOKEN.encode(), hashlib.sha256).hexdigest()
    assert [request.query["appsecret_proof"] for request in graph.requests] == [proof, proof]


def test_a_listing_can_be_narrowed_to_an_account_mode(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(page())

    client.phone_numbers(WABA_ID, token=TOKEN, account_mode="SANDBOX")

    wanted = [{"field": "account_mode", "operator": "EQUAL", "value": "SANDBOX"}]
    assert json.loads(graph.requests[0].query["filtering"]) == wanted


def test_one_number_is_read_from_its_node(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer(number(last_onboarded_time="2026-03-04T09:08:07+0000", is_pin_enabled="true")))

    reading = client.phone_number(NUMBER_ID, token=TOKEN)

    assert graph.requests[0].path == f"/v25.0/{NUMBER_ID}"
    assert reading.phone_number_id == NUMBER_ID
    assert reading.values["throughput"] == "STANDARD"
    assert reading.values["last_onboarded_time"] == datetime(2026, 3, 4, 9, 8, 7, tzinfo=UTC)
    assert reading.values["is_pin_enabled"] is True


def test_a_waba_is_read_with_its_owner(graph: ScriptedGraph, client: GraphClient) -> None:
    owner = {"id": BUSINESS_ID, "name": "Harbor Foods"}
    graph.script(
        answer(
            {
                "id": WABA_ID,
                "name": "Harbor",
                "timezone_id": 1,
                "creation_time": 1772615287,
                "owner_business_info": owner,
            }
        )
    )

    reading = client.waba(WABA_ID, token=TOKEN)

    assert graph.requests[0].fields == [*WABA.core, *WABA.extra]
    assert (reading.waba_id, reading.owner_business_id, reading.owner_business_name) == (
        WABA_ID,
        BUSINESS_ID,
        "Harbor Foods",
    )
    assert reading.values["timezone_id"] == "1"
    assert reading.values["creation_time"] == datetime.fromtimestamp(1772615287, UTC)


def test_a_waba_without_a_known_owner_has_none(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(answer({"id": WABA_ID, "name": "Harbor"}))

    reading = client.waba(WABA_ID, token=TOKEN)

    assert (reading.owner_business_id, reading.owner_business_name) == (None, None)


@pytest.mark.parametrize(
    ("method", "edge"),
    [
        ("client_wabas", "client_whatsapp_business_accounts"),
        ("owned_wabas", "owned_whatsapp_business_accounts"),
    ],
)
def test_the_wabas_of_a_business_come_page_by_page(
    graph: ScriptedGraph, client: GraphClient, method: str, edge: str
) -> None:
    graph.script(page({"id": "11"}, {"id": "12"}, after="c1"), page({"id": "12"}, {"id": "13"}))

    pages = getattr(client, method)(BUSINESS_ID, token=TOKEN)
    assert graph.requests == []

    assert [waba.waba_id for waba in next(pages)] == ["11", "12"]
    assert len(graph.requests) == 1
    assert [[waba.waba_id for waba in rest] for rest in pages] == [["13"]]
    assert graph.requests[1].path == f"/v25.0/{BUSINESS_ID}/{edge}"
    assert graph.requests[1].query["after"] == "c1"


def test_a_token_is_inspected(graph: ScriptedGraph, client: GraphClient) -> None:
    data = {
        "app_id": "400000000000001",
        "application": "Example Portal",
        "type": "SYSTEM_USER",
        "is_valid": True,
        "expires_at": 0,
        "issued_at": 1772615287,
        "scopes": ["whatsapp_business_management", "whatsapp_business_messaging"],
        "granular_scopes": [
            {"scope": "whatsapp_business_management", "target_ids": ["12", 11]},
            {"scope": "whatsapp_business_messaging"},
        ],
        "user_id": "600000000000001",
    }
    graph.script(answer({"data": data}))

    facts = client.debug_token("EAAcustomer", token="4000001|appsecret")

    assert graph.requests[0].path == "/v25.0/debug_token"
    assert graph.requests[0].query == {"input_token": "EAAcustomer"}
    assert facts.is_valid
    assert (facts.app_id, facts.type, facts.user_id) == ("400000000000001", "SYSTEM_USER", "600000000000001")
    assert facts.expires_at is None
    assert facts.issued_at == datetime.fromtimestamp(1772615287, UTC)
    assert facts.waba_ids == ("12", "11")
    assert facts.scopes == ("whatsapp_business_management", "whatsapp_business_messaging")


def test_an_invalid_token_is_a_fact_and_not_an_error(graph: ScriptedGraph, client: GraphClient) -> None:
    trouble = {"code": 190, "subcode": 463, "message": "expired"}
    graph.script(answer({"data": {"is_valid": False, "error": trouble, "scopes": []}}))

    facts = client.debug_token("EAAcustomer", token="4000001|appsecret")

    assert (facts.is_valid, facts.error_code, facts.error_subcode, facts.waba_ids) == (False, 190, 463, ())


def test_a_meter_counts_calls_and_keeps_the_worst_figures(graph: ScriptedGraph, client: GraphClient) -> None:
    def used(percent: int, minutes: int) -> dict[str, str]:
        entry = {"call_count": percent, "total_time": 1, "estimated_time_to_regain_access": minutes}
        return {
            "X-App-Usage": json.dumps({"call_count": 3, "total_cputime": percent}),
            "X-Business-Use-Case-Usage": json.dumps({WABA_ID: [entry]}),
        }

    graph.script(
        answer(page_value(number("1"), after="c1"), headers=used(96, 2)), answer(page_value(), headers=used(40, 0))
    )
    meter = Meter()

    client.phone_numbers(WABA_ID, token=TOKEN, meter=meter)

    assert meter.calls == 2
    assert meter.usage.app_percent == 96
    assert meter.usage.object_percent == {WABA_ID: 96}
    assert meter.usage.regain_minutes == {WABA_ID: 2}
    assert meter.usage.worst_percent() == 96


def test_connections_are_used_again(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.script(
        page(number("1"), after="c1"), gzipped(json.dumps(page_value(number("2"), after="c2")).encode()), page()
    )

    client.phone_numbers(WABA_ID, token=TOKEN)

    assert graph.connections == 1


def test_threads_share_a_client(graph: ScriptedGraph, client: GraphClient) -> None:
    graph.always(lambda request: answer(number(request.path.rpartition("/")[2])))

    def read(node_id: int) -> NumberReading:
        return client.phone_number(str(node_id), token=TOKEN)

    with ThreadPoolExecutor(16) as pool:
        readings = list(pool.map(read, range(1, 201)))

    assert [reading.phone_number_id for reading in readings] == [str(each) for each in range(1, 201)]
    assert graph.connections <= 16


@pytest.mark.parametrize("wrong", ["", "1/../2", "1?fields=name", "me", "1\n", "１２", "-1", "1" * 40])
def test_an_id_that_is_not_made_of_digits_is_refused(client: GraphClient, wrong: str) -> None:
    for method in (client.phone_numbers, client.phone_number, client.waba, client.client_wabas, client.owned_wabas):
        with pytest.raises(ValueError, match="digits"):
            method(wrong, token=TOKEN)


def test_an_account_mode_that_is_not_a_word_is_refused(client: GraphClient) -> None:
    with pytest.raises(ValueError, match="capitals"):
        client.phone_numbers(WABA_ID, token=TOKEN, account_mode='LIVE"}]')


@pytest.mark.parametrize("token", ["", "EAA with a blank", "EAA\r\nX-Evil: 1", "EAAü", "\ufeffEAA"])
def test_a_token_that_fits_in_no_header_is_dead_without_a_call(client: GraphClient, token: str) -> None:
    meter = Meter()

    with pytest.raises(TokenDead) as caught:
        client.phone_number(NUMBER_ID, token=token, meter=meter)

    assert meter.calls == 0
    assert caught.value.code is None
    assert not token or token not in str(caught.value)
