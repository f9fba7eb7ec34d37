"""What the controls tell of a number that Graph does not, and what they set."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


def test_a_number_is_shown_with_all_that_is_behind_it(start: Partner) -> None:
    partner = start()
    number = partner.number()
    found = partner.behind(number)
    assert found["values"].items() >= partner.read(number, fields="status,verified_name").items()
    assert found["waba_ids"] == [partner.wabas()[0]["id"]]
    assert found["counters"].keys() == {"register", "deregister", "request_code", "new_display_name"}
    left = datetime.fromisoformat(found["registration_window_ends"]) - datetime.now().astimezone()
    assert timedelta(days=12.9) < left < timedelta(days=13.1)
    assert found in partner.control("GET", "numbers")["numbers"]


def test_neither_pin_nor_code_is_to_be_had_from_graph(start: Partner) -> None:
    partner = start()
    for field in ("pin", "code"):
        assert partner.error(partner.number(), fields=field)["code"] == 100
    assert "certificate" not in partner.behind(partner.number())["values"]


def test_a_pin_can_be_set_as_the_owner_would_and_taken_away(start: Partner) -> None:
    partner = start()
    number = partner.number()
    partner.control("PATCH", f"numbers/{number}", {"pin": "314159"})
    found = partner.behind(number)
    assert (found["pin"], found["pin_is_known"], found["values"]["is_pin_enabled"]) == ("314159", False, True)
    partner.control("PATCH", f"numbers/{number}", {"pin": None})
    found = partner.behind(number)
    assert (found["pin"], found["values"]["is_pin_enabled"]) == (None, False)


def test_calls_can_be_used_up_and_given_back(start: Partner) -> None:
    partner = start()
    number = partner.number()
    partner.control("PATCH", f"numbers/{number}", {"calls": {"register": 10}})
    assert partner.not_registered(number)["code"] == 133016
    assert partner.behind(number)["counters"]["register"]["blocked_until"]
    partner.control("PATCH", f"numbers/{number}", {"calls": {"register": 0}})
    partner.register(number)


def test_a_number_can_be_left_half_deregistered(start: Partner) -> None:
    partner = start()
    number = partner.number()
    partner.control("PATCH", f"numbers/{number}", {"half_deregistered": True})
    assert partner.not_registered(number)["code"] == 133000
    assert partner.behind(number)["half_deregistered"]


@pytest.mark.parametrize(
    "wish",
    [
        {"pin": "12345"},
        {"pin": 123456},
        {"calls": {"dance": 1}},
        {"calls": {"register": 11}},
        {"calls": {"register": True}},
        {"calls": []},
        {"half_deregistered": "yes"},
    ],
)
def test_wrong_wishes_are_answered_with_a_sentence_and_change_nothing(start: Partner, wish: dict[str, Any]) -> None:
    partner = start()
    number = partner.number()
    before = partner.behind(number)
    url = f"{partner.url}/_practice/numbers/{number}"
    answer = partner.session.patch(url, json=wish | {"set": {"status": "ODD"}}, timeout=5)
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
    assert partner.behind(number) == before


def test_an_unknown_number_is_not_found(practice: Caller) -> None:
    assert practice.session.get(f"{practice.url}/_practice/numbers/1", timeout=5).status_code == 404
