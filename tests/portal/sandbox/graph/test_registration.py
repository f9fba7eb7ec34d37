"""Registering and deregistering."""

from time import time
from typing import Any

import pytest

from portal.sandbox.world.world import timestamp
from tests.portal.sandbox.conftest import REGISTERED, Caller, Partner

DAY = 86_400
STATE = ("status", "platform_type", "is_pin_enabled")


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=20)


def test_a_number_that_is_ready_is_registered_and_takes_the_pin(partner: Caller) -> None:
    number = partner.number()
    assert partner.register(number, "012345")["success"] in (True, "true")
    assert partner.values(number, *STATE) == ("CONNECTED", "CLOUD_API", True)
    assert partner.values(number, "throughput") == ({"level": "STANDARD"},)
    behind = partner.behind(number)
    assert (behind["pin"], behind["pin_is_known"]) == ("012345", True)


@pytest.mark.parametrize("way", ["data", "params"])
def test_parameters_may_come_as_a_form_or_in_the_address(partner: Caller, way: str) -> None:
    number = partner.number()
    sent: Any = {way: {"messaging_product": "whatsapp", "pin": "246810"}}
    assert partner.do(f"{number}/register", **sent)
    assert partner.behind(number)["pin"] == "246810"


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        {"pin": "246810"},
        {"messaging_product": "messenger", "pin": "246810"},
        {"messaging_product": "whatsapp"},
        {"messaging_product": "whatsapp", "pin": 246810},
        {"messaging_product": "whatsapp", "pin": "24681"},
        {"messaging_product": "whatsapp", "pin": "24681０"},
        {"messaging_product": "whatsapp", "pin": {"is": "246810"}},
        {"messaging_product": "whatsapp", "pin": "246810", "data_localization_region": "XX"},
        {"messaging_product": "whatsapp", "pin": "246810", "data_localization_region": []},
    ],
)
def test_wrong_parameters_are_refused_and_not_counted(partner: Caller, body: object) -> None:
    number = partner.number()
    error = partner.refusal(f"{number}/register", body)
    assert (error["status"], error["code"]) == (400, 100)
    assert partner.behind(number)["counters"]["register"]["used"] == 0


def test_a_region_is_kept_until_the_number_is_deregistered(partner: Caller) -> None:
    number = partner.number()
    partner.register(number, data_localization_region="CH")
    partner.register(number, data_localization_region="DE")
    assert partner.behind(number)["data_localization_region"] == "CH"
    partner.do(f"{number}/deregister")
    assert partner.behind(number)["data_localization_region"] is None


@pytest.mark.parametrize("status", ["NOT_VERIFIED", "EXPIRED"])
def test_a_number_has_to_be_verified_first(partner: Caller, status: str) -> None:
    number = partner.number(code_verification_status=status)
    assert partner.not_registered(number)["code"] == 133006
    assert partner.values(number, *STATE) == ("PENDING", "NOT_APPLICABLE", False)


@pytest.mark.parametrize("name_status", ["DECLINED", "NONE", "EXPIRED", "PENDING_REVIEW", "NON_EXISTS"])
def test_without_a_certificate_for_its_name_a_number_is_refused(partner: Caller, name_status: str) -> None:
    number = partner.number(name_status=name_status)
    error = partner.not_registered(number)
    assert (error["status"], error["code"], error["error_subcode"]) == (400, 100, 2388001)
    assert "Cannot Create Certificate" in error["message"]
    spoken = partner.refusal(
        f"{number}/register",
        {"messaging_product": "whatsapp", "pin": "246810"},
        headers={"Accept-Language": "de"},
    )
    assert "Zertifikat" in spoken["error_user_title"]


@pytest.mark.parametrize(("pool", "days"), [(False, 14), (True, 90)])
def test_a_number_whose_window_has_passed_goes_through_signup_again(partner: Caller, pool: bool, days: int) -> None:
    onboarded = time() - days * DAY
    late = partner.number(0, is_preverified_number=pool, last_onboarded_time=timestamp(onboarded - 60))
    error = partner.not_registered(late)
    assert error["code"] == 100
    assert "go through it again" in error["message"]
    just = partner.number(1, is_preverified_number=pool, last_onboarded_time=int(onboarded + 600))
    partner.register(just)


def test_a_number_that_no_signup_brought_has_no_window(partner: Caller) -> None:
    number = partner.number()
    partner.control("PATCH", f"numbers/{number}", {"unset": ["last_onboarded_time"]})
    assert partner.behind(number)["registration_window_ends"] is None
    partner.register(number)


def test_a_pin_that_is_set_has_to_match(partner: Caller) -> None:
    number = partner.number(is_pin_enabled=True)
    pin = partner.behind(number)["pin"]
    assert partner.behind(number)["pin_is_known"] is False
    wrong = "000000" if pin != "000000" else "111111"
    error = partner.not_registered(number, wrong)
    assert (error["status"], error["code"]) == (400, 133005)
    partner.register(number, pin)
    assert partner.behind(number)["pin"] == pin


def test_a_registered_number_is_registered_again_and_keeps_its_pin(partner: Caller) -> None:
    number = partner.number(**REGISTERED, code_verification_status="EXPIRED", last_onboarded_time=None)
    pin = partner.behind(number)["pin"]
    partner.register(number, pin)
    assert partner.behind(number)["pin"] == pin
    assert partner.values(number, *STATE) == ("CONNECTED", "CLOUD_API", True)


def test_a_registered_number_in_trouble_stays_in_trouble(partner: Caller) -> None:
    number = partner.number(**REGISTERED | {"status": "FLAGGED"})
    partner.register(number, partner.behind(number)["pin"])
    assert partner.values(number, "status") == ("FLAGGED",)


def test_a_number_that_two_wabas_list_is_registered_with_any_pin_and_keeps_its_own(start: Partner) -> None:
    partner = start(wabas=55, numbers=200)
    numbers = partner.control("GET", "numbers")["numbers"]
    shared = next(number for number in numbers if len(number["waba_ids"]) > 1)
    change = {"set": {**REGISTERED, "is_on_biz_app": False}}
    partner.control("PATCH", f"numbers/{shared['id']}", change)
    pin = partner.behind(shared["id"])["pin"]
    partner.register(shared["id"], "000000")
    assert partner.behind(shared["id"])["pin"] == pin


def test_the_eleventh_call_in_72_hours_blocks_the_number_for_72_hours(partner: Caller) -> None:
    number = partner.number()
    for _ in range(10):
        partner.register(number)
    error = partner.not_registered(number)
    assert (error["status"], error["code"], error["is_transient"]) == (400, 133016, True)
    assert "72 hours" in error["error_data"]["details"]
    partner.forward(71.5 * 3600)
    assert partner.not_registered(number)["code"] == 133016
    partner.forward(3600)
    partner.register(number)


def test_calls_that_were_refused_count_as_well_and_the_number_may_be_another(partner: Caller) -> None:
    number = partner.number(code_verification_status="NOT_VERIFIED")
    for _ in range(10):
        assert partner.not_registered(number)["code"] == 133006
    partner.control("PATCH", f"numbers/{number}", {"set": {"code_verification_status": "VERIFIED"}})
    assert partner.not_registered(number)["code"] == 133016
    partner.register(partner.number(1))


def test_the_window_of_the_calls_moves(partner: Caller) -> None:
    number = partner.number()
    for _ in range(5):
        partner.register(number)
    partner.forward(40 * 3600)
    for _ in range(5):
        partner.register(number)
    partner.forward(33 * 3600)
    assert partner.behind(number)["counters"]["register"] == {"used": 5, "most": 10, "blocked_until": None}
    for _ in range(5):
        partner.register(number)
    assert partner.not_registered(number)["code"] == 133016


def test_deregistering_has_a_counter_of_its_own(partner: Caller) -> None:
    number = partner.number(**REGISTERED)
    partner.control("PATCH", f"numbers/{number}", {"calls": {"register": 10}})
    partner.do(f"{number}/deregister")
    for _ in range(9):
        assert partner.refusal(f"{number}/deregister")["error_subcode"] == 2207051
    error = partner.refusal(f"{number}/deregister")
    assert (error["code"], error["is_transient"]) == (133016, True)


def test_numbers_of_the_business_app_are_refused_in_three_ways(partner: Caller) -> None:
    found = {}
    for place in range(20):
        number = partner.number(place, is_on_biz_app=True)
        error = partner.not_registered(number)
        assert "SMB" in error["message"]
        found[error["code"]] = partner.refusal(f"{number}/deregister")["code"]
    assert found == {100: 100, 136025: 100}
    held = partner.number(is_on_biz_app=True, platform_type="ON_PREMISE", status="DISCONNECTED")
    error = partner.not_registered(held)
    assert (error["code"], "Missing Permission" in error["message"]) == (100, True)


def test_a_locked_account_and_a_deleted_number_are_refused(partner: Caller) -> None:
    banned = partner.number(0, **REGISTERED | {"status": "BANNED"})
    error = partner.not_registered(banned)
    assert (error["status"], error["code"]) == (403, 131031)
    deleted = partner.number(1, status="DELETED")
    assert partner.not_registered(deleted)["code"] == 133015
    partner.forward(200)
    assert "seconds" in partner.not_registered(deleted)["error_data"]["details"]
    partner.forward(101)
    partner.register(deleted)
    assert partner.values(deleted, "status") == ("CONNECTED",)


def test_a_deregistered_number_reads_differently_from_number_to_number(partner: Caller) -> None:
    found = set()
    for place in range(20):
        number = partner.number(place, **REGISTERED)
        assert partner.do(f"{number}/deregister")["success"] in (True, "true")
        found.add(partner.values(number, *STATE))
    assert found == {("DISCONNECTED", "NOT_APPLICABLE", True), ("PENDING", "NOT_APPLICABLE", True)}


def test_a_deregistered_number_comes_back_with_its_pin_however_old_its_signup_is(partner: Caller) -> None:
    for place in range(6):
        number = partner.number(place, **REGISTERED, last_onboarded_time=timestamp(time() - 300 * DAY))
        pin = partner.behind(number)["pin"]
        partner.do(f"{number}/deregister")
        partner.register(number, pin)
        assert partner.values(number, *STATE) == ("CONNECTED", "CLOUD_API", True)


def test_what_is_not_registered_cannot_be_deregistered(partner: Caller) -> None:
    error = partner.refusal(f"{partner.number()}/deregister")
    assert (error["code"], error["error_subcode"]) == (100, 2207051)


def test_a_deregistration_that_stops_half_way_has_to_be_done_again(partner: Caller) -> None:
    number = partner.number(**REGISTERED)
    pin = partner.behind(number)["pin"]
    partner.fault({"interrupt": True}, path_contains="deregister")
    assert partner.refusal(f"{number}/deregister")["status"] == 500
    assert partner.values(number, "status", "platform_type") == ("CONNECTED", "NOT_APPLICABLE")
    error = partner.not_registered(number, pin)
    assert (error["status"], error["code"]) == (500, 133000)
    partner.do(f"{number}/deregister")
    partner.register(number, pin)


@pytest.mark.parametrize(("code", "status"), [(133004, 503), (131045, 500)])
def test_failures_without_a_cause_come_on_demand_and_change_nothing(partner: Caller, code: int, status: int) -> None:
    number = partner.number()
    partner.fault({"graph_error": {"code": code}, "status": status}, path_contains="/register")
    error = partner.not_registered(number)
    assert (error["status"], error["code"]) == (status, code)
    assert partner.behind(number)["counters"]["register"]["used"] == 0
    partner.register(number)


def test_the_numbers_own_business_token_may_act_on_it_and_no_other_one(start: Partner) -> None:
    partner = start()
    own, other, _ = partner.wabas()
    number = partner.number()
    body = {"messaging_product": "whatsapp", "pin": "246810"}
    app = f"{partner.known.app_id}|{partner.known.app_secret}"
    for token in (other["business_token"], app):
        for edge in ("", "/register", "/deregister", "/request_code", "/verify_code"):
            error = partner.refusal(f"{number}{edge}", body, token=token)
            assert (error["code"], error["error_subcode"]) == (100, 33)
    assert partner.do(f"{number}/register", body, token=own["business_token"])


def test_registering_needs_the_messaging_permission(partner: Caller) -> None:
    number = partner.number()
    partner.control("POST", "tokens/system_user", {"state": "no_messaging"})
    assert (partner.not_registered(number)["code"], partner.refusal(f"{number}/deregister")["code"]) == (200, 200)
    inspected = partner.read("debug_token", input_token=partner.known.system_user_token)["data"]
    assert inspected["is_valid"]
    assert "whatsapp_business_messaging" not in inspected["scopes"]
    partner.do(number, {"pin": "246810"})


def test_what_is_no_number_cannot_be_acted_on(partner: Caller) -> None:
    body = {"messaging_product": "whatsapp", "pin": "246810"}
    for node in (partner.wabas()[0]["id"], partner.known.business_id):
        for edge in ("", "/register", "/deregister", "/request_code", "/verify_code"):
            error = partner.refusal(f"{node}{edge}", body)
            assert (error["code"], error["error_subcode"]) == (100, 33)


def test_reading_never_acts(partner: Caller) -> None:
    number = partner.number()
    parameters = {"messaging_product": "whatsapp", "pin": "246810"}
    for edge in ("register", "deregister", "request_code", "verify_code"):
        assert partner.error(f"{number}/{edge}", **parameters)["code"] == 100
    partner.read(number, pin="246810", new_display_name="Harbor Coffee")
    behind = partner.behind(number)
    assert (behind["pin"], behind["values"]["status"], behind["review_ends"]) == (None, "PENDING", None)


def test_some_numbers_answer_as_older_replies_did(start: Partner) -> None:
    partner = start(wabas=1, numbers=60)
    numbers = partner.wabas()[0]["phone_number_ids"]
    answers = [partner.do(number, {"pin": "246810"})["success"] for number in numbers]
    assert {True, "true"} == set(answers)
    assert answers == [partner.do(number, {"pin": "246810"})["success"] for number in numbers]
    assert answers.count("true") < 20


def test_what_was_done_is_in_the_log_of_changes_without_the_pin(partner: Caller) -> None:
    number = partner.number()
    partner.register(number, "975310")
    changes = partner.control("GET", "changes")
    assert [entry["kind"] for entry in changes["changes"]][-2:] == ["pin_set", "registered"]
    assert "975310" not in str(changes)
