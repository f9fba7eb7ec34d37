"""The control endpoints under /_practice/."""

from typing import Any

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


def listed(partner: Caller, waba_id: str) -> set[str]:
    pages = partner.pages(f"{waba_id}/phone_numbers", fields="id", limit=100)
    return {number["id"] for page in pages for number in page["data"]}


def test_the_log_tells_which_requests_came_in_order_and_without_secrets(start: Partner) -> None:
    partner = start()
    waba = partner.wabas()[0]
    partner.read(waba["id"], fields="id", token="", access_token=partner.known.system_user_token)
    partner.error("1", token="EAAnonsense", appsecret_proof="secret", input_token="secret")
    log = partner.control("GET", "log")
    first, second = log["requests"]
    assert (first["method"], first["path"], first["query"]) == ("GET", f"/v25.0/{waba['id']}", {"fields": "id"})
    assert (first["token"], first["status"], first["in_flight"]) == ("system_user", 200, False)
    assert (second["token"], second["status"], second["query"]) == (None, 401, {})
    assert second["order"] == first["order"] + 1
    assert log["in_flight"] == 0


def test_the_log_can_be_cleared(start: Partner) -> None:
    partner = start()
    partner.read(partner.known.business_id)
    assert partner.control("POST", "log/clear") == {"cleared": 1}
    assert partner.control("GET", "log")["requests"] == []


def test_the_book_tells_what_graph_would_return(practice: Caller) -> None:
    found = practice.control("GET", "book")
    waba = practice.plain_waba()
    fields = "status,quality_rating,verified_name,name_status,throughput,last_onboarded_time,account_mode"
    for number in practice.read(f"{waba['id']}/phone_numbers", fields=fields)["data"]:
        assert found["phone_numbers"][number["id"]].items() >= number.items()


def test_values_of_a_number_are_set_and_unset(start: Partner) -> None:
    partner = start()
    number = partner.wabas()[0]["phone_number_ids"][0]
    change = {"set": {"quality_rating": "RED", "username": None}, "unset": ["throughput", "verified_name"]}
    partner.control("PATCH", f"numbers/{number}", change)
    found = partner.read(number, fields="quality_rating,username,throughput,verified_name")
    assert found == {"quality_rating": "RED", "username": None, "id": number}
    partner.control("PATCH", f"numbers/{number}", {"set": {"throughput": {"level": "HIGH"}}})
    assert partner.read(number, fields="throughput")["throughput"] == {"level": "HIGH"}


def test_a_number_can_be_added_as_whatsapp_manager_would(start: Partner) -> None:
    partner = start()
    waba_id = partner.wabas()[0]["id"]
    added = partner.control("POST", f"wabas/{waba_id}/numbers", {"set": {"verified_name": "Added by hand"}})
    assert (added["status"], added["code_verification_status"]) == ("PENDING", "NOT_VERIFIED")
    assert "last_onboarded_time" not in added
    assert added["id"] in listed(partner, waba_id)
    assert partner.read(added["id"])["verified_name"] == "Added by hand"


def test_a_number_taken_off_its_waba_is_not_visible_any_more(start: Partner) -> None:
    partner = start()
    waba = partner.wabas()[0]
    number = waba["phone_number_ids"][0]
    partner.control("DELETE", f"wabas/{waba['id']}/numbers/{number}")
    assert number not in listed(partner, waba["id"])
    assert partner.error(number)["error_subcode"] == 33


def test_a_number_moves_from_one_waba_to_another(start: Partner) -> None:
    partner = start()
    one, other, _ = partner.wabas()
    number = one["phone_number_ids"][0]
    move = {"phone_number_id": number, "from_waba_id": one["id"], "to_waba_id": other["id"]}
    assert partner.control("POST", "move", move)["waba_ids"] == [other["id"]]
    assert number not in listed(partner, one["id"])
    assert number in listed(partner, other["id"])
    assert partner.read(number)["id"] == number


def test_a_new_client_shares_a_waba(start: Partner) -> None:
    partner = start()
    waba = partner.control("POST", "wabas", {"name": "Fresh", "numbers": 2})
    edge = f"{partner.known.business_id}/client_whatsapp_business_accounts"
    assert {"id": waba["id"], "name": "Fresh"} in partner.read(edge, fields="id,name")["data"]
    assert listed(partner, waba["id"]) == set(waba["phone_number_ids"])
    assert partner.read(f"{waba['id']}/phone_numbers", token=waba["business_token"])["data"]


def test_tokens_are_listed_with_their_state(start: Partner) -> None:
    partner = start()
    waba = partner.wabas()[0]
    partner.control("POST", f"tokens/{waba['id']}", {"state": "revoked"})
    tokens = {token["name"]: token for token in partner.control("GET", "tokens")["tokens"]}
    assert tokens[f"waba:{waba['id']}"] == {
        "name": f"waba:{waba['id']}",
        "token": waba["business_token"],
        "waba_id": waba["id"],
        "state": "revoked",
    }
    assert tokens["system_user"]["state"] == "valid"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nowhere", None, 404),
        ("POST", "book", None, 404),
        ("PATCH", "numbers/1", {"set": {}}, 404),
        ("POST", "wabas/1/numbers", {}, 404),
        ("DELETE", "wabas/1/numbers/2", None, 404),
        ("POST", "move", {}, 404),
        ("POST", "wabas", {"numbers": -1}, 400),
        ("POST", "tokens/system_user", {"state": "lost"}, 400),
        ("POST", "tokens/nobody", {"state": "valid"}, 404),
        ("POST", "clock", {}, 400),
        ("POST", "faults", {"answer": {}}, 400),
        ("POST", "faults", {"answer": {"hold": "yes"}}, 400),
        ("POST", "faults", {"answer": {"hold": True}, "times": 0}, 400),
        ("POST", "faults", {"answer": {"hold": True}, "match": {"colour": "red"}}, 400),
    ],
)
def test_wrong_use_is_answered_with_a_sentence(
    practice: Caller, method: str, path: str, body: Any, status: int
) -> None:
    answer = practice.session.request(method, f"{practice.url}/_practice/{path}", json=body, timeout=5)
    assert answer.status_code == status
    assert answer.json()["error"]


@pytest.mark.parametrize("headers", [{"Host": "practice.example:80"}, {"Origin": "http://page.example"}])
def test_controls_answer_neither_other_hosts_nor_web_pages(practice: Caller, headers: dict[str, str]) -> None:
    assert practice.session.get(f"{practice.url}/_practice/book", headers=headers, timeout=5).status_code == 403


def test_controls_are_not_under_a_version(practice: Caller) -> None:
    assert practice.get("_practice/book").status_code == 404
