"""Connected and green is not enough: what Meta's `health_status` says of number, WABA, business and app decides too."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients import links
from clients.models import User, Waba
from phones.models import Health, PhoneNumber
from phones.numbers import standing
from phones.numbers.words import UNDER_ANOTHER_WABA
from phones.sync import health
from tests.conftest import SignIn
from tests.factories import make_listing, make_number
from tests.phones.acting import number_page
from tests.phones.listing.rows import shown
from tests.phones.reading import text_of, value_of
from tests.practice import Practice, practice_server

WORKS: dict[str, object] = {
    "status": "CONNECTED",
    "quality_rating": "GREEN",
    "platform_type": "CLOUD_API",
    "name_status": "APPROVED",
    "code_verification_status": "VERIFIED",
    "is_on_biz_app": False,
    "is_pin_enabled": True,
}
NO_PAYMENT = "There is an error with the payment method"

Prepare = Callable[..., PhoneNumber]


@pytest.fixture
def practice(db: None, settings: Settings) -> Iterator[Practice]:
    """A practice Graph server with few numbers, for the slow lane asks about each."""
    with practice_server(settings, wabas=2, numbers=4) as server:
        yield server


@pytest.fixture
def number(prepare: Prepare) -> PhoneNumber:
    """A number that is connected and green, on a client's WABA that we may read."""
    found = prepare(WORKS)
    assert (found.next_action, found.may_send) == ("Nothing to do.", "yes")
    return found


def hold_back(practice: Practice, number: PhoneNumber, **what: object) -> None:
    practice.control("POST", f"wabas/{number.waba.waba_id}/health", what)


def read_health(practice: Practice, number: PhoneNumber) -> PhoneNumber:
    """A turn of the slow lane; the number as it stands then."""
    health.gather()
    health.work(seconds=10, client=practice.client)
    number.refresh_from_db()
    return number


def test_a_connected_green_number_whose_waba_owes_a_payment_reads_blocked(
    practice: Practice, number: PhoneNumber, browser: Browser, lead: User
) -> None:
    hold_back(practice, number)

    read_health(practice, number)

    page = number_page(browser, number)
    assert f"Blocked by its WABA: {NO_PAYMENT}" in page
    assert "For the client to do: Check the payment method" in page
    assert "Nothing to do" not in page
    assert value_of(page, "May send").startswith("Can’t send")
    assert value_of(page, "WABA").startswith(f"Blocked 141006 {NO_PAYMENT}")
    assert value_of(page, "Number").startswith("Can send")
    assert (number.stage, number.move, number.may_send) == ("restricted", "client", "no")
    assert number.phone_number_id in shown(browser, queue="cant-send")
    assert f"141006</code> {NO_PAYMENT}" in text_of(browser.get(f"/wabas/{number.waba.waba_id}/"))
    link = links.make_status_link(client=number.waba.client, actor=lead)
    theirs = text_of(browser.get(reverse("signup:status", args=[links.token_of(link)])))
    assert "Held back by WhatsApp" in theirs


def test_refresh_finds_out_at_once_that_the_payment_was_settled(
    practice: Practice, number: PhoneNumber, browser: Browser
) -> None:
    hold_back(practice, number)
    read_health(practice, number)
    hold_back(practice, number, can_send_message="AVAILABLE")

    browser.post(f"/phones/{number.phone_number_id}/refresh/")

    page = number_page(browser, number)
    assert "Nothing to do." in page
    assert value_of(page, "WABA").startswith("Can send")
    assert number.phone_number_id not in shown(browser, queue="cant-send")
    # Its siblings share the WABA: the lane asks about that next, and all of them stand well again.
    read_health(practice, number)
    assert not PhoneNumber.objects.filter(waba=number.waba, status="CONNECTED", next_action__contains="141006").exists()


def test_a_limit_names_who_limits_and_what_the_number_itself_needs_comes_first(
    practice: Practice, number: PhoneNumber, prepare: Prepare, browser: Browser
) -> None:
    hold_back(practice, number, entity_type="BUSINESS", can_send_message="LIMITED")
    declined = prepare({**WORKS, "name_status": "DECLINED"})

    read_health(practice, number)
    declined.refresh_from_db()

    assert number.next_action == (
        "Limited by its business: The business has not been verified yet. Look in WhatsApp Manager with the client."
    )
    assert (number.stage, number.may_send, declined.may_send) == ("restricted", "limited", "limited")
    assert "propose another" in declined.next_action
    assert number.phone_number_id in shown(browser, may_send="limited", queue="restricted")
    assert number.phone_number_id not in shown(browser, queue="cant-send")


def test_our_blocked_app_is_our_move(practice: Practice, number: PhoneNumber) -> None:
    hold_back(practice, number, entity_type="APP", description="The app is disabled", solution="Appeal", code=141011)

    read_health(practice, number)

    assert number.next_action == "Blocked by our app: The app is disabled (code 141011). For us to do: Appeal"
    assert number.move == "us"


def test_a_word_that_nobody_knows_is_neither_green_nor_a_block(
    practice: Practice, number: PhoneNumber, browser: Browser
) -> None:
    odd: dict[str, Any] = {"can_send_message": "PAUSED", "entities": []}
    practice.change(number.phone_number_id, health_status=odd)

    read_health(practice, number)

    assert number.may_send == "unknown"
    assert "PAUSED" in number_page(browser, number)
    assert "Nothing to do" not in number.next_action


def test_a_block_that_could_not_be_read_again_for_days_becomes_cant_tell(
    practice: Practice, number: PhoneNumber, lead: User, sign_in: SignIn
) -> None:
    hold_back(practice, number)
    read_health(practice, number)

    with time_machine.travel(timezone.now() + datetime.timedelta(hours=73)):
        standing.recompute_due()
        number.refresh_from_db()
        page = number_page(sign_in(lead), number)
        assert standing.recompute_due() == 0

    assert number.may_send == "unknown"
    assert "so it may be over: read it again" in number.next_action
    assert "tone bad plain stale" in page


def test_a_health_that_can_t_be_read_harms_neither_the_sync_nor_what_was_known(
    practice: Practice, number: PhoneNumber, browser: Browser
) -> None:
    hold_back(practice, number)
    read_health(practice, number)
    before = Waba.objects.values("next_sync_at", "not_before", "last_failure").get(pk=number.waba_id)
    Health.objects.update(next_read_at=timezone.now())
    practice.fault({"graph_error": {"code": 80008}}, times=None, path_contains="")

    read_health(practice, number)

    assert Waba.objects.values("next_sync_at", "not_before", "last_failure").get(pk=number.waba_id) == before
    assert number.may_send == "no"
    page = number_page(browser, number)
    assert "Could not be read:" in page
    assert value_of(page, "WABA").startswith("Blocked 141006")


def test_a_number_that_is_not_registered_is_not_asked_about(
    practice: Practice, prepare: Prepare, browser: Browser
) -> None:
    pending = prepare({**WORKS, "status": "PENDING", "platform_type": "NOT_APPLICABLE", "is_pin_enabled": False})

    read_health(practice, pending)

    assert practice.calls(f"/{pending.phone_number_id}") == []
    assert pending.next_action == "Register it with a PIN."
    assert "Meta is asked about numbers in service" in number_page(browser, pending)


def test_the_health_of_a_waba_that_is_not_theirs_to_see_stays_unseen(
    account_manager: User, alices_waba: Waba, foreign_waba: Waba, sign_in: SignIn
) -> None:
    number = make_number(foreign_waba)
    make_listing(number, alices_waba)
    error = {"error_code": 141006, "error_description": "No payment", "possible_solution": "Pay"}
    entity = {"entity_type": "WABA", "id": foreign_waba.waba_id, "can_send_message": "BLOCKED", "errors": [error]}
    blocked = {"can_send_message": "BLOCKED", "entities": [entity], "read_at": timezone.now()}
    Health.objects.create(waba=foreign_waba, **blocked)

    page = number_page(sign_in(account_manager), number)

    # That the number can't send concerns them; what was read of the other client's WABA does not.
    assert UNDER_ANOTHER_WABA in page
    assert "Blocked by its WABA" not in page
    assert "<code>141006</code>" not in page
    assert foreign_waba.waba_id not in page
