"""Embedded Signup without a browser: what each choice leaves in the world, and what the page is told of it."""

from pathlib import Path
from typing import Any

import pytest

from portal.sandbox.controls.launch import Options, serving
from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.signing_up import exchange, sign_up, token_of

DAY = 86_400


def client_wabas(partner: Caller) -> list[str]:
    edge = f"{partner.known.business_id}/client_whatsapp_business_accounts"
    return [waba["id"] for page in partner.pages(edge, fields="id", limit=100) for waba in page["data"]]


def numbers(partner: Caller, waba_id: str) -> list[str]:
    return [each["id"] for each in partner.read(f"{waba_id}/phone_numbers", fields="id", limit=100)["data"]]


def test_a_finished_signup_leaves_a_shared_waba_and_a_number_that_registers(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner, business_name="Quayside Books", display_name="Quayside", phone_number="+49 30 23125 777")
    assert ending["message"] == {
        "type": "WA_EMBEDDED_SIGNUP",
        "event": "FINISH",
        "version": 3,
        "data": {name: ending[name] for name in ("phone_number_id", "waba_id", "business_id")},
    }
    assert ending["waba_id"] in client_wabas(partner)
    assert partner.read(ending["business_id"])["name"] == "Quayside Books"
    number = ending["phone_number_id"]
    fields = ("verified_name", "display_phone_number", "status", "platform_type", "code_verification_status")
    assert partner.values(number, *fields) == ("Quayside", "+49 3023125777", "PENDING", "NOT_APPLICABLE", "VERIFIED")
    token = token_of(partner, ending)
    partner.do(f"{number}/register", {"messaging_product": "whatsapp", "pin": "135790"}, token=token)
    assert partner.values(number, "status", "platform_type") == ("CONNECTED", "CLOUD_API")


def test_the_days_to_register_begin_with_the_end_of_the_signup(start: Partner) -> None:
    partner = start()
    number = sign_up(partner)["phone_number_id"]
    partner.forward(14 * DAY + 60)
    assert partner.not_registered(number)["code"] == 100


def test_an_unverified_number_needs_a_code_before_it_registers(start: Partner) -> None:
    partner = start()
    number = sign_up(partner, number="unverified", phone_number="+1 212 555 0177")["phone_number_id"]
    assert partner.not_registered(number)["code"] == 133006
    partner.do(f"{number}/request_code", {"code_method": "SMS", "language": "en_US"})
    partner.do(f"{number}/verify_code", {"code": partner.behind(number)["code"]})
    partner.register(number)


@pytest.mark.parametrize("choices", [{"outcome": "only_waba"}, {"number": "none"}])
def test_a_signup_without_a_number_ends_with_the_waba_only(start: Partner, choices: dict[str, str]) -> None:
    partner = start()
    ending = sign_up(partner, **choices)
    assert (ending["message"]["event"], ending["phone_number_id"]) == ("FINISH_ONLY_WABA", None)
    assert ending["message"]["data"] == {"waba_id": ending["waba_id"], "business_id": ending["business_id"]}
    assert numbers(partner, ending["waba_id"]) == []
    assert partner.read(f"{ending['waba_id']}/phone_numbers", token=token_of(partner, ending)) == {"data": []}


def test_coexistence_tells_of_the_waba_and_brings_a_number_that_the_app_keeps(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner, outcome="coexistence")
    assert ending["message"]["event"] == "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING"
    assert ending["message"]["data"] == {"waba_id": ending["waba_id"]}
    (number,) = numbers(partner, ending["waba_id"])
    assert partner.values(number, "is_on_biz_app", "status") == (True, "CONNECTED")
    assert partner.not_registered(number)["code"] in {100, 136025}


@pytest.mark.parametrize(("preverified", "status"), [("verified", "VERIFIED"), ("expired", "NOT_VERIFIED")])
def test_an_offered_number_leaves_the_pool_for_the_waba(start: Partner, preverified: str, status: str) -> None:
    partner = start()
    entry = partner.control("GET", "preverified")["preverified"][0]["id"]
    partner.control("PATCH", f"preverified/{entry}", {"state": preverified})
    ending = sign_up(partner, number="preverified", preverified_id=entry, display_name="Quayside Books")
    number = ending["message"]["data"]["phone_number_id"]
    assert number != entry
    fields = ("is_preverified_number", "code_verification_status", "verified_name")
    assert partner.values(number, *fields) == (True, status, "Quayside Books")
    assert partner.error(entry)["error_subcode"] == 33


def test_a_business_may_sign_up_again_with_another_number_on_the_same_waba(start: Partner) -> None:
    partner = start()
    first = sign_up(partner)
    second = sign_up(partner, business=first["business_id"], waba=first["waba_id"])
    assert (second["waba_id"], second["business_id"]) == (first["waba_id"], first["business_id"])
    assert set(numbers(partner, first["waba_id"])) == {second["phone_number_id"], first["phone_number_id"]}
    tokens = [token_of(partner, ending) for ending in (first, second)]
    assert tokens[0] != tokens[1]
    for token in tokens:
        assert partner.read(first["waba_id"], token=token)["id"] == first["waba_id"]


def test_a_number_whose_days_have_passed_gets_new_ones_by_signing_up_again(start: Partner) -> None:
    partner = start()
    first = sign_up(partner, phone_number="+1 212 555 0177")
    partner.forward(20 * DAY)
    assert partner.not_registered(first["phone_number_id"])["code"] == 100
    again = sign_up(partner, waba=first["waba_id"], phone_number="+12125550177")
    assert again["phone_number_id"] == first["phone_number_id"]
    partner.register(first["phone_number_id"])


def test_a_waba_that_could_not_be_read_can_be_after_signing_up_again(start: Partner) -> None:
    partner = start(wabas=55, numbers=200)
    for waba in [each for each in partner.wabas() if each["trouble"] or each["relation"] == "unshared"]:
        partner.error(waba["id"])
        sign_up(partner, waba=waba["id"], number="none")
        assert partner.read(waba["id"])["id"] == waba["id"]
        assert waba["id"] in client_wabas(partner)


@pytest.mark.parametrize(
    ("choices", "event", "keys"),
    [
        ({"outcome": "cancel", "current_step": "PHONE_NUMBER_SETUP"}, "CANCEL", {"current_step"}),
        ({"outcome": "error"}, "CANCEL", {"error_message", "error_code", "session_id", "timestamp"}),
        (
            {"outcome": "error", "error_form": "error"},
            "ERROR",
            {"error_message", "error_code", "session_id", "timestamp"},
        ),
    ],
)
def test_a_signup_that_is_left_changes_nothing(
    start: Partner, choices: dict[str, str], event: str, keys: set[str]
) -> None:
    partner = start()
    before = partner.control("GET", "book")
    ending = sign_up(partner, **choices)
    assert (ending["message"]["event"], set(ending["message"]["data"])) == (event, keys)
    assert ending["message"]["data"].get("current_step") == choices.get("current_step")
    assert (ending["code"], ending["waba_id"]) == (None, None)
    assert partner.control("GET", "book") == before


def test_a_window_that_is_closed_says_nothing(start: Partner) -> None:
    assert set(sign_up(start(), outcome="closed").values()) == {None}


def test_either_the_message_or_the_code_can_be_lost_and_the_signup_is_done_all_the_same(start: Partner) -> None:
    partner = start()
    without_code = sign_up(partner, outcome="lost_callback")
    without_message = sign_up(partner, outcome="lost_message")
    assert (without_code["code"], without_code["message"]["event"]) == (None, "FINISH")
    assert without_message["message"] is None
    assert token_of(partner, without_message)
    assert {without_code["waba_id"], without_message["waba_id"]} <= set(client_wabas(partner))


def test_granted_tokens_are_listed_without_their_texts(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner, targets="absent", expires="60_days")
    token = token_of(partner, ending)
    listed = partner.control("GET", "signups")
    (grant,) = listed["signups"]
    assert (grant["name"], grant["waba_ids"], grant["targets"]) == ("signup:1", [ending["waba_id"]], "absent")
    assert token not in str(listed)


def test_a_signup_outlives_restarts_with_its_token_and_without_its_code(tmp_path: Path) -> None:
    options = Options(port=0, still=True, wabas=3, numbers=12, state=tmp_path / "practice.json")
    with serving(options) as server:
        partner = Caller(server)
        ending, other = sign_up(partner, number="none"), sign_up(partner)
        token = token_of(partner, ending)
        partner.do(f"{other['waba_id']}/subscribed_apps")
        found = [partner.control("GET", path) for path in ("book", "signups")]
        partner.session.close()
    for _ in range(2):
        with serving(options) as server:
            partner = Caller(server)
            assert [partner.control("GET", path) for path in ("book", "signups")] == found
            assert partner.read(ending["waba_id"], token=token)["id"] == ending["waba_id"]
            assert partner.read(f"{ending['waba_id']}/subscribed_apps") == {"data": []}
            assert partner.read(f"{other['waba_id']}/subscribed_apps")["data"]
            assert exchange(partner, other["code"]).status_code == 400
            partner.forward(1)
            partner.session.close()


@pytest.mark.parametrize(
    "choices",
    [
        {"outcome": "maybe"},
        {"outcome": 1},
        {"current_step": "NOWHERE"},
        {"business": "1"},
        {"waba": "1"},
        {"business_name": "x"},
        {"display_name": "bell\x07"},
        {"phone_number": "123"},
        {"phone_number": "+0 555 0100 200"},
        {"number": "preverified"},
    ],
)
def test_choices_that_nobody_has_are_refused_and_change_nothing(start: Partner, choices: dict[str, Any]) -> None:
    partner = start()
    before = partner.control("GET", "book")
    answer = partner.session.post(f"{partner.url}/_practice/signups", json=choices, timeout=5)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert partner.control("GET", "book") == before


def test_a_number_that_somebody_has_cannot_be_brought_in(start: Partner) -> None:
    partner = start()
    sign_up(partner, phone_number="+1 212 555 0177")
    pooled = partner.control("GET", "preverified")["preverified"][0]["values"]["phone_number"]
    for taken in ("+1 (212) 555-0177", pooled):
        answer = partner.session.post(f"{partner.url}/_practice/signups", json={"phone_number": taken}, timeout=5)
        assert answer.status_code == 400


def test_a_waba_of_another_business_cannot_be_chosen(start: Partner) -> None:
    partner = start()
    mine, other = sign_up(partner), sign_up(partner)
    wish = {"business": mine["business_id"], "waba": other["waba_id"]}
    assert partner.session.post(f"{partner.url}/_practice/signups", json=wish, timeout=5).status_code == 400


def test_a_waba_that_was_taken_back_is_subscribed_to_anew(start: Partner) -> None:
    partner = start(wabas=12, numbers=24)
    waba = partner.wabas(relation="unshared")[0]["id"]
    sign_up(partner, waba=waba, number="none")
    assert partner.read(f"{waba}/subscribed_apps") == {"data": []}
