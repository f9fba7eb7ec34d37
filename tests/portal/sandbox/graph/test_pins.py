"""The PIN of two-step verification: guessing it, and setting it."""

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=4)


@pytest.fixture
def number(partner: Caller) -> str:
    number = partner.number()
    partner.control("PATCH", f"numbers/{number}", {"pin": "314159"})
    return number


def test_two_wrong_pins_in_quick_succession_call_for_a_pause(partner: Caller, number: str) -> None:
    assert partner.not_registered(number, "000000")["code"] == 133005
    error = partner.not_registered(number, "111111")
    assert (error["code"], error["error_data"]["details"][-25:]) == (133009, " Try again in 60 seconds.")
    assert partner.not_registered(number, "314159")["code"] == 133009
    partner.forward(61)
    partner.register(number, "314159")


def test_wrong_pins_with_time_between_them_are_only_wrong(partner: Caller, number: str) -> None:
    for _ in range(3):
        assert partner.not_registered(number, "000000")["code"] == 133005
        partner.forward(31)
    partner.register(number, "314159")
    assert partner.behind(number)["wrong_pins"] == 0


def test_the_fifth_wrong_pin_is_one_too_many(partner: Caller, number: str) -> None:
    for _ in range(4):
        assert partner.not_registered(number, "000000")["code"] == 133005
        partner.forward(31)
    error = partner.not_registered(number, "000000")
    assert (error["status"], error["code"]) == (400, 133008)
    assert "Try again in 60 minutes." in error["error_data"]["details"]
    partner.forward(1800)
    assert "Try again in 30 minutes." in partner.not_registered(number, "314159")["error_data"]["details"]
    assert partner.behind(number)["pin_locked_until"]
    partner.forward(1801)
    partner.register(number, "314159")


def test_guesses_are_forgiven_after_a_day_but_count_as_calls(partner: Caller, number: str) -> None:
    for _ in range(4):
        partner.not_registered(number, "000000")
        partner.forward(31)
    partner.forward(86_400)
    assert partner.not_registered(number, "000000")["code"] == 133005
    assert partner.behind(number)["counters"]["register"]["used"] == 5


def test_a_guess_is_not_wasted_on_a_number_that_cannot_be_registered(partner: Caller, number: str) -> None:
    partner.control("PATCH", f"numbers/{number}", {"set": {"code_verification_status": "EXPIRED"}})
    assert partner.not_registered(number, "000000")["code"] == 133006
    assert partner.behind(number)["wrong_pins"] == 0


@pytest.mark.parametrize("way", ["json", "data", "params"])
def test_the_pin_is_set_by_a_body_a_form_or_the_address(partner: Caller, number: str, way: str) -> None:
    headers = {"Authorization": f"Bearer {partner.known.system_user_token}"}
    url = f"{partner.url}/v25.0/{number}"
    answer = partner.session.request("POST", url, headers=headers, timeout=5, **{way: {"pin": "042917"}})  # type: ignore[arg-type]  # one keyword or another
    assert answer.json()["success"] in (True, "true")
    behind = partner.behind(number)
    assert (behind["pin"], behind["pin_is_known"]) == ("042917", True)


def test_a_new_pin_ends_the_pause_and_is_the_one_to_register_with(partner: Caller, number: str) -> None:
    partner.not_registered(number, "000000")
    assert partner.not_registered(number, "000000")["code"] == 133009
    partner.do(number, {"pin": "042917"})
    partner.register(number, "042917")


def test_a_new_pin_turns_two_step_verification_on(partner: Caller) -> None:
    number = partner.number()
    assert partner.behind(number)["pin"] is None
    partner.do(number, {"pin": "042917"})
    assert partner.values(number, "is_pin_enabled") == (True,)


@pytest.mark.parametrize("pin", [42917, "42917", "0429170", "04291a", "", {}, ["042917"], True])
def test_what_is_not_six_digits_is_no_pin(partner: Caller, number: str, pin: object) -> None:
    assert partner.refusal(number, {"pin": pin})["code"] == 100
    assert partner.behind(number)["pin"] == "314159"


def test_a_number_that_hides_whether_two_step_verification_is_on_has_it_on(partner: Caller) -> None:
    number = partner.number(status="CONNECTED", platform_type="CLOUD_API")
    partner.control("PATCH", f"numbers/{number}", {"unset": ["is_pin_enabled"]})
    assert partner.not_registered(number, "000000")["code"] == 133005
