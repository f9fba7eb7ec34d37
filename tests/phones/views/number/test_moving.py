"""A number moves to a WABA of ours through the pages, with a practice Graph server on both sides."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.models import Waba
from phones.choices import ActionKind, ActionState
from phones.events import subscriptions
from phones.models import Action, PhoneNumber
from phones.numbers.lifecycle import Stage
from tests.phones.acting import TO_REGISTER, at_meta, do, number_page, token_in
from tests.phones.reading import text_of
from tests.practice import Practice

CONNECTED = {
    **TO_REGISTER,
    "status": "CONNECTED",
    "platform_type": "CLOUD_API",
    "verified_name": "Harbor Bakery",
    "is_pin_enabled": True,
}


@pytest.fixture
def old(prepare: Callable[..., PhoneNumber]) -> PhoneNumber:
    """A number that works on one WABA, with a PIN that its owner chose."""
    return prepare(CONNECTED, pin="123456")


@pytest.fixture
def new_home(practice: Practice, old: PhoneNumber) -> Waba:
    """Another WABA of ours that Meta has approved, whose events we get."""
    others = Waba.objects.filter(account_review_status="APPROVED").exclude(pk=old.waba_id)
    found = others.filter(waba_id__in=[one["id"] for one in practice.wabas()])[0]
    practice.writer.subscribe_app(found.waba_id, token=practice.credentials.system_user_token)
    subscriptions.check(found)
    return found


def page_of(waba: Waba, number: PhoneNumber) -> str:
    digits = str(number.display_phone_number).replace("+", "%2B").replace(" ", "%20")
    return f"{reverse('phones:move-number', args=[waba.waba_id])}?phone_number={digits}"


def move(browser: Browser, waba: Waba, number: PhoneNumber) -> str:
    page = text_of(browser.get(page_of(waba, number)))
    data = {"confirmation": token_in(page), "phone_number": str(number.display_phone_number)}
    address = reverse("phones:move-number", args=[waba.waba_id])
    return text_of(browser.post(address, data, follow=True))


def test_it_is_added_verified_and_registered_and_its_history_joins_the_former_one(
    practice: Practice, browser: Browser, old: PhoneNumber, new_home: Waba
) -> None:
    page = text_of(browser.get(page_of(new_home, old)))
    assert "It is on: the client, or the partner who has the number, turns it off" in page
    assert "Meta will most likely refuse it" in page
    assert "failed" in move(browser, new_home, old)
    assert Action.objects.get(kind=ActionKind.ADD_NUMBER).state == ActionState.FAILED

    practice.control("PATCH", f"numbers/{old.phone_number_id}", {"pin": None})
    practice.sync(old.waba.waba_id)
    assert "most likely refuse it" not in text_of(browser.get(page_of(new_home, old)))
    assert "Meta has added the number." in move(browser, new_home, old)
    practice.sync(new_home.waba_id)

    new_id = Action.objects.filter(kind=ActionKind.ADD_NUMBER).order_by("-pk")[0].details["phone_number_id"]
    new = PhoneNumber.objects.get(phone_number_id=new_id)
    assert (new.waba, new.verified_name) == (new_home, "Harbor Bakery")
    do(browser, new, "request-code", code_method="SMS", language="en_US")
    do(browser, new, "verify-code", code=at_meta(practice, new)["code"])
    do(browser, new, "register", source="generate")
    practice.sync(old.waba.waba_id)

    new.refresh_from_db()
    old.refresh_from_db()
    assert (new.stage, old.status) == (Stage.REGISTERED, "MIGRATED")
    page = number_page(browser, new)
    assert "Before it moved here" in page
    assert f"<code>{old.phone_number_id}</code>" in page
    assert "moved from another WABA" in text_of(browser.get(reverse("phones:waba", args=[new_home.waba_id])))
    assert "Before it moved here" not in number_page(browser, old)


def test_a_number_of_another_partner_is_not_seen_and_one_that_is_here_goes_no_further(
    practice: Practice, browser: Browser, old: PhoneNumber, new_home: Waba
) -> None:
    # Nobody has read it, as nobody here may read a WABA of another partner.
    theirs = practice.control("POST", f"wabas/{old.waba.waba_id}/numbers", {"set": CONNECTED})
    number = PhoneNumber(display_phone_number=theirs["display_phone_number"])

    page = text_of(browser.get(page_of(new_home, number)))
    assert "The desk can’t see this: ask the client, or the partner who has the number now." in page
    assert "failed" in move(browser, new_home, number)
    practice.control("PATCH", f"numbers/{theirs['id']}", {"pin": None})
    assert "Meta has added the number." in move(browser, new_home, number)
    Waba.objects.filter(pk=new_home.pk).update(business_verification_status="pending")
    page = text_of(browser.get(page_of(new_home, number)))
    assert "and Meta allows 2 until it is verified." in page
    assert "Meta says: verification in review." in page
    address = reverse("phones:move-number", args=[old.waba.waba_id])
    assert "Start with the country code" in text_of(browser.get(f"{address}?phone_number=12345"))
    assert 'name="confirmation"' not in text_of(browser.get(address))
    before = Action.objects.count()
    assert "This WABA has that number already." in move(browser, old.waba, old)
    assert Action.objects.count() == before
