"""Replies that never arrive: whether the number was changed all the same is another matter."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.portal.sandbox.conftest import Caller, Partner

BODY = {"messaging_product": "whatsapp", "pin": "246810"}


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start()


def status(partner: Caller, number: str) -> Any:
    return partner.behind(number)["values"]["status"]


def wait_for(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < give_up_at


def test_a_reply_lost_after_the_effect(partner: Caller) -> None:
    number = partner.number()
    partner.fault({"lose_reply": True}, method="POST", path_contains="/register")
    with pytest.raises(requests.ConnectionError):
        partner.post(f"{number}/register", BODY)
    assert status(partner, number) == "CONNECTED"
    assert partner.behind(number)["counters"]["register"]["used"] == 1
    assert partner.control("GET", "log")["requests"][-1]["status"] is None


def test_a_connection_closed_before_the_effect(partner: Caller) -> None:
    number = partner.number()
    partner.fault({"close": True}, path_contains="/register")
    with pytest.raises(requests.ConnectionError):
        partner.post(f"{number}/register", BODY)
    assert status(partner, number) == "PENDING"
    assert partner.behind(number)["counters"]["register"]["used"] == 0


@pytest.mark.parametrize(("carry_out", "expected"), [(True, "CONNECTED"), (False, "PENDING")])
def test_an_error_of_the_gateway_after_or_before_the_effect(partner: Caller, carry_out: bool, expected: str) -> None:
    number = partner.number()
    partner.fault({"status": 502, "body": "<html>", "carry_out": carry_out}, path_contains="/register")
    assert partner.post(f"{number}/register", BODY).status_code == 502
    assert status(partner, number) == expected


@pytest.mark.parametrize(("when", "meanwhile"), [("hold", "CONNECTED"), ("hold_before", "PENDING")])
def test_a_reply_held_back_after_or_before_the_effect(partner: Caller, when: str, meanwhile: str) -> None:
    number = partner.number()
    partner.fault({when: True}, path_contains="/register")
    found: list[Any] = []
    headers = {"Authorization": f"Bearer {partner.known.system_user_token}"}
    url = f"{partner.url}/v25.0/{number}/register"
    caller = threading.Thread(
        target=lambda: found.append(requests.post(url, json=BODY, headers=headers, timeout=5).json())
    )
    caller.start()
    wait_for(lambda: bool(partner.control("GET", "log")["in_flight"] == 1))
    assert status(partner, number) == meanwhile
    partner.control("POST", "release")
    caller.join()
    assert found[0]["success"] in (True, "true")
    assert status(partner, number) == "CONNECTED"


@pytest.mark.parametrize(("when", "expected"), [("hold", "CONNECTED"), ("hold_before", "PENDING")])
def test_a_client_that_gives_up_waiting(partner: Caller, when: str, expected: str) -> None:
    number = partner.number()
    partner.fault({when: True}, path_contains="/register")
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{partner.url}/v25.0/{number}/register",
            json=BODY | {"access_token": partner.known.system_user_token},
            timeout=0.2,
        )
    wait_for(lambda: bool(partner.control("GET", "log")["in_flight"] == 0))
    partner.control("POST", "release")
    assert status(partner, number) == expected


def test_the_replies_to_all_posts_can_be_lost_for_a_demonstration(start: Partner) -> None:
    partner = start(lose_replies=True)
    number = partner.number()
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            partner.post(f"{number}/register", BODY)
    assert partner.values(number, "status") == ("CONNECTED",)
    assert partner.behind(number)["counters"]["register"]["used"] == 2
