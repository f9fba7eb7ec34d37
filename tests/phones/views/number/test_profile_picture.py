"""A picture for the business profile of a number, through the pages and the practice server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.utils import timezone

from phones.actions import lost_answers
from phones.actions.settle import settle_all
from phones.choices import ActionState
from phones.models import Action, PhoneNumber
from tests.phones.acting import TO_REGISTER, address, confirm_page, number_page, token_for
from tests.phones.reading import text_of, value_of
from tests.pictures import jpeg, png
from tests.practice import Practice

EDGE = "whatsapp_business_profile"
ABOUT = {"about": "Bread since 1911", "vertical": "RESTAURANT"}


@pytest.fixture
def number(prepare: Callable[..., PhoneNumber], practice: Practice) -> PhoneNumber:
    practice.as_partner()
    data = [{"messaging_product": "whatsapp", **ABOUT}]
    return prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API", EDGE: {"data": data}})


def send(browser: Browser, number: PhoneNumber, content: bytes, **other: str) -> str:
    """Read the profile, fill in the form with a picture, send it, and read the page it leads to."""
    browser.post(f"{address(number, 'profile')}read/")
    data: dict[str, Any] = {"confirmation": token_for(browser, number, "profile"), **ABOUT, **other}
    data["picture"] = SimpleUploadedFile("shop.png", content, "image/gif")
    return text_of(browser.post(address(number, "profile"), data, follow=True))


@pytest.mark.parametrize("content", [png(length=4_000_000), jpeg()], ids=["png", "jpeg"])
def test_a_picture_is_uploaded_and_set_beside_what_else_changes(
    browser: Browser, practice: Practice, number: PhoneNumber, content: bytes
) -> None:
    page = send(browser, number, content, about="Fresh bread")

    assert "Edit business profile: done." in page
    assert "Edit business profile (about, picture)" in page
    assert (value_of(page, "Picture"), value_of(page, "About")) == ("Set", "Fresh bread")
    details = Action.objects.get().details
    assert (details["changes"], details["had_picture"]) == ({"about": "Fresh bread"}, False)
    assert details["picture"].endswith("640 × 640")


def test_a_picture_alone_is_a_change(browser: Browser, number: PhoneNumber) -> None:
    assert "Edit business profile (picture)" in send(browser, number, png())
    assert Action.objects.get().details["changes"] == {}


def test_what_is_no_profile_picture_is_said_at_its_field_and_nothing_is_sent(
    browser: Browser, practice: Practice, number: PhoneNumber
) -> None:
    assert "cut it to a square" in send(browser, number, png(640, 480))
    assert "no PNG or JPEG" in send(browser, number, b"GIF89a", about="Fresh bread")
    assert not Action.objects.exists()
    assert practice.calls("uploads") == []


def test_an_upload_that_fails_changes_nothing_and_leaves_nothing_open(
    browser: Browser, practice: Practice, number: PhoneNumber
) -> None:
    practice.fault({"close": True}, times=None, path_contains="upload:")

    page = send(browser, number, png(), about="Fresh bread")

    assert Action.objects.get().state == ActionState.FAILED
    assert (value_of(page, "About"), value_of(page, "Picture")) == ("Bread since 1911", "None")


@pytest.mark.parametrize(
    ("had_one", "is_done", "state"),
    [
        (False, True, ActionState.SUCCEEDED),
        (False, False, ActionState.FAILED),
        (True, True, ActionState.UNKNOWN),
    ],
)
def test_a_lost_answer_is_settled_where_there_was_no_picture_and_honest_where_there_was(
    browser: Browser, practice: Practice, number: PhoneNumber, *, had_one: bool, is_done: bool, state: str
) -> None:
    if had_one:
        send(browser, number, jpeg())
        Action.objects.all().delete()
    browser.post(f"{address(number, 'profile')}read/")
    practice.fault({"lose_reply": True} if is_done else {"close": True}, path_contains=f"/{EDGE}", method="POST")
    practice.fault({"status": 503, "body": "no"}, times=None, path_contains=EDGE, method="GET")
    data: dict[str, Any] = {"picture": SimpleUploadedFile("shop.png", png())}
    data |= {"confirmation": token_for(browser, number, "profile"), **ABOUT}
    assert "Meta’s answer was lost" in text_of(browser.post(address(number, "profile"), data, follow=True))
    practice.heal()

    Action.objects.update(sent_at=timezone.now() - lost_answers.ANSWER_LIMIT - timedelta(minutes=1))
    settle_all()

    action = Action.objects.get()
    assert (action.state, action.closed_at is None) == (state, False)
    assert ("does not show it" in number_page(browser, number)) == had_one


def test_without_an_app_no_picture_is_offered(browser: Browser, number: PhoneNumber, settings: Any) -> None:
    browser.post(f"{address(number, 'profile')}read/")
    settings.META_APP_ID = ""

    page = text_of(browser.get(confirm_page(number, "profile")))

    assert "the desk has no META_APP_ID" in page
