"""Several calls in one: POST / with a batch."""

import json
from typing import Any

import pytest

from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.graph.test_tokens import proof
from tests.portal.sandbox.signing_up import granted_token


def send(partner: Caller, *calls: object, path: str = "", token: str = "", **more: object) -> Any:
    """The answers to a batch that must be taken: the status and the body of each, or None."""
    sent = {"access_token": token or partner.known.system_user_token, "batch": json.dumps(calls), **more}
    answer = partner.session.post(f"{partner.url}/v25.0/{path}", data=sent, timeout=5)
    assert answer.status_code == 200, answer.text
    return [each and (each["code"], json.loads(each["body"])) for each in answer.json()]


def test_each_call_of_a_batch_is_answered_as_if_it_had_come_alone(start: Partner) -> None:
    partner = start()
    waba, number_id = partner.wabas()[0], partner.number()
    read, listed, missing, renamed = send(
        partner,
        {"method": "GET", "relative_url": f"v24.0/{waba['id']}?fields=name"},
        {"method": "GET", "relative_url": f"/{waba['id']}/phone_numbers?limit=2&fields=status"},
        {"method": "GET", "relative_url": "123"},
        {"method": "POST", "relative_url": number_id, "body": "new_display_name=Harbor%20Bakery%202"},
        path="me",
    )
    assert read == (200, {"name": waba["values"]["name"], "id": waba["id"]})
    assert [each.keys() for each in listed[1]["data"]] == [{"status", "id"}] * 2
    assert (missing[0], missing[1]["error"]["error_subcode"]) == (400, 33)
    assert (renamed[0], str(renamed[1]["success"]).lower()) == (200, "true")
    assert partner.values(number_id, "new_display_name") == ("Harbor Bakery 2",)


def test_a_call_in_a_batch_has_the_batchs_token_and_proof_unless_it_brings_its_own(start: Partner) -> None:
    partner = start(require_proof=True)
    known, own = partner.known, granted_token(partner)
    read = {"method": "GET", "relative_url": known.business_id}
    with_own = {"method": "GET", "relative_url": f"{known.business_id}?access_token={own}"}
    answers = send(partner, read, with_own, appsecret_proof=proof(partner, known.system_user_token))
    assert [code for code, _ in answers] == [200, 400]
    with_proof = with_own["relative_url"] + f"&appsecret_proof={proof(partner, own)}"
    ((code, _),) = send(
        partner,
        {"method": "GET", "relative_url": with_proof},
        appsecret_proof=proof(partner, known.system_user_token),
    )
    assert code == 200


def test_answers_in_a_batch_can_go_without_headers_or_be_left_out(start: Partner) -> None:
    partner = start()
    call = {"method": "GET", "relative_url": partner.known.business_id}
    quiet = call | {"omit_response_on_success": True}
    assert send(partner, call, quiet)[1] is None
    sent = {"access_token": partner.known.system_user_token, "batch": json.dumps([call])}
    with_headers = partner.session.post(partner.url, data=sent, timeout=5).json()[0]
    assert {"name": "facebook-api-version", "value": "v25.0"} in with_headers["headers"]
    without = partner.session.post(partner.url, data=sent | {"include_headers": "false"}, timeout=5).json()[0]
    assert without.keys() == {"code", "body"}


def test_each_call_in_a_batch_counts_against_the_quota(start: Partner) -> None:
    partner = start(quota=0.01)
    waba = min(partner.wabas(), key=lambda waba: len(waba["phone_number_ids"]))
    calls = [{"method": "GET", "relative_url": waba["id"]}] * 50
    codes = [body.get("error", {}).get("code") for _, body in send(partner, *calls)]
    assert codes[0] is None
    assert 80008 in {*codes, *(body.get("error", {}).get("code") for _, body in send(partner, *calls))}


@pytest.mark.parametrize(
    "calls",
    [
        "nonsense",
        "{}",
        "[]",
        json.dumps([{"method": "GET", "relative_url": "1"}] * 51),
        json.dumps([{"relative_url": "1"}]),
        json.dumps([{"method": "GET"}]),
        json.dumps([{"method": "GET", "relative_url": "1", "depends_on": "first"}]),
    ],
)
def test_what_is_no_batch_is_refused_as_a_whole(practice: Caller, calls: str) -> None:
    assert practice.refusal("", {"batch": calls})["type"] == "GraphBatchException"
    assert practice.refusal("", {"batch": calls}, token="EAAnonsense")["code"] == 190


def test_a_batch_holds_no_batch_and_makes_no_handshake(practice: Caller) -> None:
    inner = {"method": "POST", "relative_url": "", "body": "batch=[]"}
    app = f"{practice.known.app_id}|{practice.known.app_secret}"
    callback = "object=whatsapp_business_account&callback_url=https://crm.example/&verify_token=hush"
    subscribe = {
        "method": "POST",
        "relative_url": f"{practice.known.app_id}/subscriptions",
        "body": f"access_token={app}&{callback}",
    }
    nested, subscribed = send(practice, inner, subscribe)
    assert nested[1]["error"]["error_subcode"] == 33
    assert subscribed[1]["error"]["code"] == 2200


def test_the_log_shows_nothing_of_what_a_batch_holds(start: Partner) -> None:
    partner = start()
    send(partner, {"method": "POST", "relative_url": "1/verify_code", "body": "code=123456"})
    assert "123456" not in str(partner.control("GET", "log"))
