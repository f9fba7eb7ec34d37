"""What Meta says of a number beside its state, on its page, with a practice Graph server behind it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from phones.models import NumberDetails, PhoneNumber
from phones.sync import details
from tests.phones.acting import TO_REGISTER, address, confirm_page, number_page
from tests.phones.reading import text_of, value_of
from tests.practice import Practice


@pytest.fixture
def number(prepare: Callable[..., PhoneNumber]) -> PhoneNumber:
    return prepare(
        {
            **TO_REGISTER,
            "status": "CONNECTED",
            "platform_type": "CLOUD_API",
            "username": "harbor_bakery",
            "search_visibility": "NON_VISIBLE",
            "quality_rating": "RED",
            "quality_score": {"score": "RED", "reasons": ["BLOCKS", "REPORTS"]},
            "official_business_account": {"oba_status": "REJECTED", "status_message": "Not notable."},
            "conversational_automation": {"enable_welcome_message": True, "prompts": ["Open?", "Where?"]},
            "settings": {"calling": {"status": "ENABLED", "call_hours": {"status": "ENABLED"}}},
        }
    )


def read(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.post(f"{address(number, 'details')}read/", follow=True))


def test_the_page_shows_them_in_words_once_they_were_read(browser: Browser, number: PhoneNumber) -> None:
    assert "Not read yet: username" in number_page(browser, number)

    page = read(browser, number)

    assert "Read from Meta just now." in page
    assert re.match(r"@harbor_bakery, (people see it|reserved, people do not see it yet)", value_of(page, "Username"))
    assert value_of(page, "Official account").startswith("Declined: it can be asked for again 30 days after")
    assert value_of(page, "Search in WhatsApp") == "Not found by its name"
    assert value_of(page, "Quality score") == "Low · BLOCKS, REPORTS"
    assert value_of(page, "Automation") == "Welcome message on, 2 ice breakers"
    assert value_of(page, "Calls") == "On, within hours"
    assert value_of(page, "Storage") == "Where Meta keeps it by default"
    assert value_of(page, "Identity check") == "Off"


def test_of_whom_a_number_blocks_and_of_a_business_in_india_no_person_is_kept(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    assert value_of(read(browser, number), "Blocked people") == "Nobody"
    assert not practice.calls("business_compliance_info"), "it is no number of India"
    officer = {"name": "Chandravati P.", "email": "officer@lucky.example"}
    told = {"entity_name": "Lucky", "entity_type": "PRIVATE_COMPANY", "is_registered": True}
    practice.change(
        number.phone_number_id,
        block_users=[f"91990000{place:04}" for place in range(101)],
        business_compliance_info={**told, "grievance_officer_details": officer},
    )
    PhoneNumber.objects.update(digits="919900001234")

    page = read(browser, number)

    assert value_of(page, "Blocked people") == "100 or more"
    said = value_of(page, "Business details for India")
    assert said == "Lucky · Private company · registered · no customer care"
    kept = str(NumberDetails.objects.get().parts)
    assert "919900" not in kept
    assert "Chandravati" not in kept
    assert "officer@" not in kept


def test_a_part_that_cannot_be_read_says_why_and_the_others_are_read(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    practice.change(number.phone_number_id, search_visibility="VISIBLE")
    practice.fault({"graph_error": {"code": 200, "message": "no"}}, times=None, path_contains="settings")

    page = read(browser, number)

    assert "Not all of it could be read" in page
    assert "Settings could not be read:" in page
    assert value_of(page, "Search in WhatsApp") == "Found by its name"
    assert value_of(page, "Calls") == "On, within hours"


def test_after_a_refusal_of_the_token_no_other_part_is_asked_for(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    practice.fault({"graph_error": {"code": 190, "message": "expired"}}, times=None, method="GET")
    practice.control("POST", "log/clear")

    page = read(browser, number)

    assert "could not be read" in page
    assert len(practice.calls(number.phone_number_id)) == 1
    assert NumberDetails.objects.get().parts.keys() == {"node"}


def test_what_was_asked_for_before_the_latest_reading_changes_nothing_of_it(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    before, moment = timezone.now(), timedelta(minutes=1)
    read(browser, number)
    for said in ({"values": {}, "at": before.isoformat()}, {"failure": {"error_kind": "unreachable"}}):
        details.keep(number, {"username": (said, before)})
    assert value_of(number_page(browser, number), "Username").startswith("@harbor_bakery")
    assert "could not be read" not in number_page(browser, number)

    # A time that has not come was written by a wrong clock.
    wrong = {"values": {}, "at": (timezone.now() + moment).isoformat()}
    details.keep(number, {"username": (wrong, timezone.now() + moment)})
    assert value_of(read(browser, number), "Username").startswith("@harbor_bakery")


def test_the_list_that_a_person_came_from_goes_along_to_what_is_changed(browser: Browser, number: PhoneNumber) -> None:
    read(browser, number)
    browser.post(f"{address(number, 'profile')}read/")

    page = text_of(browser.get(f"/phones/{number.phone_number_id}/?from=%2Fphones%2F%3Fqueue%3Dstale"))

    for kind in ("username", "drop-username", "profile"):
        assert f'href="{confirm_page(number, kind)}?from=' in page
        assert f'href="{confirm_page(number, kind)}"' not in page
