"""Asking for a one-time code, and entering it."""

from typing import Any

import pytest

from tests.portal.sandbox.conftest import Caller, Partner

SMS = {"code_method": "SMS", "language": "en_US"}
VOICE = {"code_method": "VOICE", "language": "de"}


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=20)


@pytest.fixture
def number(partner: Caller) -> str:
    return partner.number(code_verification_status="NOT_VERIFIED", display_phone_number="+44 7700 900123")


def sent(partner: Caller, number: str, how: dict[str, str] = SMS) -> str:
    assert partner.do(f"{number}/request_code", how)["success"] in (True, "true")
    code: str = partner.behind(number)["code"]
    return code


def other_than(code: str) -> str:
    return "000000" if code != "000000" else "111111"


def guess(partner: Caller, number: str, code: str) -> Any:
    return partner.refusal(f"{number}/verify_code", {"code": code})


def test_a_code_that_was_sent_verifies_the_number(partner: Caller, number: str) -> None:
    code = sent(partner, number)
    assert partner.do(f"{number}/verify_code", {"code": code})["success"] in (True, "true")
    assert partner.values(number, "code_verification_status") == ("VERIFIED",)
    assert partner.behind(number)["code"] is None
    partner.register(number)


def test_some_replies_repeat_the_id(partner: Caller) -> None:
    found = set()
    for place in range(20):
        number = partner.number(place, code_verification_status="EXPIRED")
        reply = partner.do(f"{number}/verify_code", {"code": sent(partner, number, VOICE)})
        found.add(reply.get("id") == number)
    assert found == {True, False}


def test_a_wrong_code_does_not_use_the_right_one_up(partner: Caller, number: str) -> None:
    code = sent(partner, number)
    error = guess(partner, number, other_than(code))
    assert (error["status"], error["code"], error["error_subcode"]) == (400, 136025, 2388093)
    partner.do(f"{number}/verify_code", {"code": code})


def test_a_code_works_once_and_for_ten_minutes(partner: Caller, number: str) -> None:
    code = sent(partner, number)
    partner.forward(601)
    assert partner.behind(number)["code"] is None
    error = guess(partner, number, code)
    assert (error["code"], "error_subcode" in error) == (136025, False)
    code = sent(partner, number)
    partner.do(f"{number}/verify_code", {"code": code})
    assert guess(partner, number, code)["code"] == 136025


def test_a_new_code_takes_the_place_of_the_old_one(partner: Caller, number: str) -> None:
    old = sent(partner, number)
    new = sent(partner, number)
    assert old != new
    assert guess(partner, number, old)["error_subcode"] == 2388093
    partner.do(f"{number}/verify_code", {"code": new})


def test_after_five_wrong_codes_there_is_a_wait_of_twelve_hours(partner: Caller, number: str) -> None:
    code = sent(partner, number)
    for _ in range(4):
        assert guess(partner, number, other_than(code))["error_subcode"] == 2388093
    assert "Try again in 12 hours." in guess(partner, number, other_than(code))["error_data"]["details"]
    assert "hours" in guess(partner, number, sent(partner, number))["error_data"]["details"]
    partner.forward(12 * 3600 + 1)
    partner.do(f"{number}/verify_code", {"code": sent(partner, number)})


def test_a_number_that_is_verified_needs_no_code(partner: Caller) -> None:
    error = partner.refusal(f"{partner.number()}/request_code", SMS)
    assert (error["code"], "error_subcode" in error) == (136024, False)


@pytest.mark.parametrize("display", ["+44 20 7946 0123", "493023125001", "+33 (1) 99 00 00 01"])
def test_a_landline_takes_calls_only(partner: Caller, number: str, display: str) -> None:
    partner.control("PATCH", f"numbers/{number}", {"set": {"display_phone_number": display}})
    assert partner.behind(number)["takes_calls_only"]
    error = partner.refusal(f"{number}/request_code", SMS)
    assert (error["code"], error["error_subcode"], error["is_transient"]) == (136024, 2388091, False)
    assert error["error_user_title"]
    partner.do(f"{number}/verify_code", {"code": sent(partner, number, VOICE)})


def test_the_eleventh_code_in_72_hours_is_too_many(partner: Caller, number: str) -> None:
    for _ in range(10):
        sent(partner, number)
    error = partner.refusal(f"{number}/request_code", SMS)
    assert (error["code"], error["error_subcode"]) == (136024, 2388367)
    partner.forward(70 * 3600)
    assert partner.refusal(f"{number}/request_code", VOICE)["error_subcode"] == 2388367
    partner.forward(3 * 3600)
    sent(partner, number)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code_method": "SMS"},
        {"language": "en_US"},
        {"code_method": "PIGEON", "language": "en_US"},
        {"code_method": ["SMS"], "language": "en_US"},
        {"code_method": "SMS", "language": "English!"},
        {"code_method": "SMS", "language": 1},
    ],
)
def test_a_request_that_makes_no_sense_is_refused_and_not_counted(
    partner: Caller, number: str, body: dict[str, object]
) -> None:
    assert partner.refusal(f"{number}/request_code", body)["code"] == 100
    assert partner.behind(number)["counters"]["request_code"]["used"] == 0


@pytest.mark.parametrize("code", [None, "", "123-830", "12383", 123830, "１２３８３０", []])
def test_what_is_not_six_digits_is_no_code_and_no_guess(partner: Caller, number: str, code: object) -> None:
    sent(partner, number)
    assert partner.refusal(f"{number}/verify_code", {"code": code})["code"] == 100
    assert partner.behind(number)["wrong_codes"] == 0


def test_the_name_of_a_number_is_looked_at_once_the_number_is_verified(partner: Caller) -> None:
    number = partner.number(code_verification_status="NOT_VERIFIED", name_status="PENDING_REVIEW")
    partner.do(f"{number}/verify_code", {"code": sent(partner, number, VOICE)})
    assert partner.not_registered(number)["error_subcode"] == 2388001
    partner.forward(61)
    assert partner.values(number, "name_status") == ("APPROVED",)
    partner.register(number)


def test_neither_codes_nor_pins_are_in_the_log(partner: Caller, number: str) -> None:
    code = sent(partner, number)
    partner.do(f"{number}/verify_code", {"code": code})
    partner.register(number, "975310")
    log = partner.control("GET", "log")["requests"]
    assert [(entry["method"], entry["withheld"]) for entry in log] == [
        ("POST", []),
        ("POST", ["code"]),
        ("POST", ["pin"]),
    ]
    assert (log[0]["query"], log[2]["query"]) == (SMS, {"messaging_product": "whatsapp"})
    assert code not in str(partner.control("GET", "changes"))


def test_a_call_with_a_menu_can_be_asked_for_since_v26(start: Partner) -> None:
    partner = start()
    number_id = partner.number(code_verification_status="NOT_VERIFIED")
    menu = {"code_method": "IVR", "language": "en_US"}
    assert partner.refusal(f"{number_id}/request_code", menu)["code"] == 100
    assert partner.do(f"../v26.0/{number_id}/request_code", menu)["success"] in (True, "true")
    assert partner.behind(number_id)["code"]
