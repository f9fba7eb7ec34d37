"""Refusals, in Graph's envelope."""

import json

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


def test_an_id_that_nobody_knows_is_not_visible(practice: Caller) -> None:
    for path in ("111111111111111", "111111111111111/phone_numbers"):
        error = practice.error(path)
        assert (error["status"], error["code"], error["error_subcode"]) == (400, 100, 33)
        assert error["type"] == "GraphMethodException"
        assert error["fbtrace_id"]


def test_two_wabas_are_listed_and_cannot_be_read(practice: Caller) -> None:
    edge = f"{practice.known.business_id}/client_whatsapp_business_accounts"
    listed = {waba["id"] for waba in practice.read(edge, limit=100)["data"]}
    failing = [waba for waba in practice.wabas() if waba["trouble"]]
    assert {waba["id"] for waba in failing} <= listed
    codes = set()
    for waba in failing:
        error = practice.error(f"{waba['id']}/phone_numbers")
        codes.add((error["code"], error.get("error_subcode")))
        assert practice.error(waba["id"])["code"] == error["code"]
        assert practice.error(waba["phone_number_ids"][0])["error_subcode"] == 33
    assert codes == {(200, None), (100, 33)}


def test_every_other_shared_waba_can_be_read(practice: Caller) -> None:
    for waba in practice.wabas(trouble=""):
        if waba["relation"] != "unshared":
            practice.read(f"{waba['id']}/phone_numbers", fields="id")


def test_a_healthy_world_has_no_failing_wabas(start: Partner) -> None:
    assert not [waba for waba in start(wabas=55, numbers=200, healthy=True).wabas() if waba["trouble"]]


def test_the_owners_token_reads_a_waba_that_the_system_user_cannot(practice: Caller) -> None:
    waba = practice.wabas(trouble="permission")[0]
    assert practice.read(f"{waba['id']}/phone_numbers", token=waba["business_token"])["data"]


def test_an_expanded_call_leaves_out_the_numbers_it_cannot_read(practice: Caller) -> None:
    edge = f"{practice.known.business_id}/client_whatsapp_business_accounts"
    expanded = practice.read(edge, fields="id,phone_numbers.limit(1){id}", limit=100)["data"]
    without = {waba["id"] for waba in expanded if "phone_numbers" not in waba}
    assert without >= {waba["id"] for waba in practice.wabas() if waba["trouble"]}


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("a/b/c", 404, 2500),
        ("123/phone_numbers/more", 404, 2500),
        ("nonsense", 404, 803),
        ("nonsense/phone_numbers", 404, 2500),
        ("", 400, 100),
    ],
)
def test_a_path_that_leads_nowhere_is_refused(practice: Caller, path: str, status: int, code: int) -> None:
    error = practice.error(path)
    assert (error["status"], error["code"]) == (status, code)


def test_an_unknown_version_is_taken_for_a_name(practice: Caller) -> None:
    headers = {"Authorization": f"Bearer {practice.known.system_user_token}"}
    answer = practice.session.get(f"{practice.url}/v99.0/123", headers=headers, timeout=5)
    assert answer.json()["error"]["code"] == 2500


def test_an_edge_that_the_node_does_not_have_is_a_nonexisting_field(practice: Caller) -> None:
    waba = practice.plain_waba()
    assert "(colours) on node type (WhatsAppBusinessAccount)" in practice.error(f"{waba['id']}/colours")["message"]
    number = waba["phone_number_ids"][0]
    assert practice.error(f"{number}/phone_numbers")["code"] == 100
    assert practice.error(f"{waba['id']}/client_whatsapp_business_accounts")["code"] == 100


def test_what_is_not_built_is_an_unsupported_request(practice: Caller) -> None:
    number = practice.plain_waba()["phone_number_ids"][0]
    for method in ("POST", "DELETE"):
        headers = {"Authorization": f"Bearer {practice.known.system_user_token}"}
        answer = practice.session.request(method, f"{practice.url}/v25.0/{number}/nowhere", headers=headers, timeout=5)
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (400, 100)
        assert error["message"].startswith(f"Unsupported {method.lower()} request")


@pytest.mark.parametrize("parameters", [{"ids": "1,2"}, {"date_format": "U"}])
def test_removed_behaviours_are_refused(practice: Caller, parameters: dict[str, str]) -> None:
    assert practice.error("", **parameters)["code"] == 100


@pytest.mark.parametrize(
    ("headers", "parameters", "word"),
    [
        ({}, {}, "Access"),
        ({"Accept-Language": "de-DE,de;q=0.9"}, {}, "Zugriff"),
        ({"Accept-Language": "pt-BR"}, {"locale": "es_ES"}, "acceso"),
        ({"Accept-Language": "ja,fr;q=0.5"}, {}, "accès"),
        ({}, {"locale": "xx_XX"}, "Access"),
    ],
)
def test_texts_for_people_come_in_their_language(
    practice: Caller, headers: dict[str, str], parameters: dict[str, str], word: str
) -> None:
    waba = practice.wabas(trouble="permission")[0]
    error = practice.error(waba["id"], headers=headers, **parameters)
    assert word in error["error_user_title"]
    assert error["error_user_msg"]


def test_error_data_is_at_times_an_object_and_at_times_text_that_holds_one(practice: Caller) -> None:
    as_text = practice.error(practice.wabas(trouble="permission")[0]["id"])["error_data"]
    assert json.loads(as_text)["messaging_product"] == "whatsapp"
    waba = practice.wabas(admits_account_mode_filter=False)[0]
    wish = '[{"field":"account_mode","operator":"EQUAL","value":"LIVE"}]'
    as_object = practice.error(f"{waba['id']}/phone_numbers", filtering=wish)["error_data"]
    assert as_object["messaging_product"] == "whatsapp"
