"""The pages behind a client's code link and status link; Meta is the practice server."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients import links
from clients.models import Client, StatusLink, User
from phones.models import Action, CodeLink, Onboarding, PhoneNumber
from phones.onboarding import codes
from tests.factories import make_number, make_waba, set_age
from tests.phones.onboarding.signing_up import the_number, work
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db

TOKEN_FIELD = re.compile(r'name="confirmation" value="([^"]+)"')


@pytest.fixture
def number(sign_up: Callable[..., Onboarding]) -> PhoneNumber:
    """A number that signed up and waits for its code."""
    return the_number(work(sign_up(number="unverified")))


@pytest.fixture
def link(baker: Client, lead: User) -> Any:
    """The signup link, which `number` came by."""
    return links.make_signup_link(client=baker, actor=lead)


@pytest.fixture
def address(number: PhoneNumber) -> str:
    return reverse("signup:code", args=[links.token_of(CodeLink.objects.get(number=number))])


def send(address: str, values: dict[str, str], *, token: str = "") -> str:
    """Fill the page in, and follow it; the text that comes."""
    browser = Browser()
    token = token or TOKEN_FIELD.findall(browser.get(address).content.decode())[0]
    return text_of(browser.post(address, {"confirmation": token, **values}, follow=True))


def typed(code: str) -> dict[str, str]:
    """The form with this code in it."""
    return {"what": "type", "code": code}


ASK = {"what": "ask", "code_method": "SMS", "language": "en_US"}


# --- The code page ----------------------------------------------------------------------------------------------------


def test_the_code_page_shows_nothing_but_its_number(address: str, number: PhoneNumber, baker: Client) -> None:
    make_number(make_waba(baker), display_phone_number="+1 631-555-0123")
    answer = Browser().get(address)
    page = text_of(answer)

    assert str(number) in page
    assert "631-555-0123" not in page
    assert baker.name not in page
    assert number.phone_number_id not in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "noindex" in answer["X-Robots-Tag"]


def test_a_code_that_is_asked_for_and_typed_registers_the_number(
    address: str, number: PhoneNumber, app: Practice
) -> None:
    assert "The code is on its way" in send(address, ASK)
    code = app.control("GET", f"numbers/{number.phone_number_id}")["code"]

    assert "The code was right" in send(address, typed(f"{code[:3]}-{code[3:]}"))
    number.refresh_from_db()
    assert number.status == "CONNECTED"
    page = text_of(Browser().get(address))
    assert "The number works" in page
    assert "Send the code" not in page


def test_a_wrong_code_is_told_and_can_be_typed_again(address: str, app: Practice, number: PhoneNumber) -> None:
    send(address, ASK)
    code = app.control("GET", f"numbers/{number.phone_number_id}")["code"]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    assert "This code is not right" in send(address, typed(wrong))
    assert "The code was right" in send(address, typed(code))


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "1234567"])
def test_what_is_no_code_is_sent_nowhere(address: str, app: Practice, code: str) -> None:
    browser = Browser()
    token = TOKEN_FIELD.findall(browser.get(address).content.decode())[0]
    answer = browser.post(address, {"confirmation": token, **typed(code)})

    assert answer.status_code == 422
    assert not app.calls("verify_code")


def test_a_double_click_asks_for_one_code(address: str, app: Practice) -> None:
    browser = Browser()
    token = TOKEN_FIELD.findall(browser.get(address).content.decode())[0]
    for _ in range(2):
        send(address, ASK, token=token)

    assert len(app.calls("request_code")) == 1


def test_a_form_that_is_forged_or_of_another_link_does_nothing(
    address: str, app: Practice, number: PhoneNumber, lead: User
) -> None:
    waiting = make_number(code_verification_status="NOT_VERIFIED", status="PENDING", stage="needs_code")
    other = codes.code_link_for(number=waiting, actor=lead)
    foreign = reverse("signup:code", args=[links.token_of(other)])
    tokens = ["x", "a:b:c", TOKEN_FIELD.findall(Browser().get(foreign).content.decode())[0]]

    for token in tokens:
        assert "This page was too old" in send(address, ASK, token=token)
    assert not app.calls("request_code")
    assert not Action.objects.filter(number=number).exists()


def test_a_closed_code_link_is_friendly(address: str, number: PhoneNumber) -> None:
    CodeLink.objects.update(expires_at=timezone.now() - timedelta(days=1))
    answer = Browser().get(address)

    assert answer.status_code == 410
    assert str(number) not in text_of(answer)
    assert Browser().post(address, ASK).status_code == 410
    assert Browser().get(reverse("signup:code", args=["x"])).status_code == 404


def test_the_code_page_takes_nothing_from_another_site(address: str) -> None:
    assert Browser(enforce_csrf_checks=True).post(address, ASK).status_code == 403


# --- The status page --------------------------------------------------------------------------------------------------


@pytest.fixture
def status(baker: Client, lead: User) -> str:
    return reverse("signup:status", args=[links.token_of(links.make_status_link(client=baker, actor=lead))])


def test_the_status_page_tells_each_number_and_what_to_do(status: str, number: PhoneNumber, address: str) -> None:
    make_number(number.waba, display_phone_number="+1 631-555-0123", stage="registered")
    foreign = make_number(display_phone_number="+1 631-555-0999")
    answer = Browser().get(status)
    page = text_of(answer)

    assert str(number) in page
    assert "Please confirm your number" in page
    assert address in answer.content.decode()
    assert "+1 631-555-0123" in page
    assert "The number works" in page
    assert str(foreign) not in page


def test_what_is_old_of_a_number_is_shown_to_its_client_as_old_and_not_in_green(status: str, baker: Client) -> None:
    seen = timezone.now() - timedelta(days=30)
    number = make_number(make_waba(baker), stage="registered")
    assert '<span class="tone ok">' in text_of(Browser().get(status))

    set_age(number, oldest_fact_at=seen)

    page = text_of(Browser().get(status))
    assert "tone ok" not in page
    assert f"The number works. There is nothing to do. This is what we last saw, on {seen:%-d %b %Y, %H:%M}" in page


def test_a_client_without_numbers_is_told_so(status: str) -> None:
    assert "No number yet" in text_of(Browser().get(status))


def test_the_status_page_is_for_reading_only_and_closes(status: str, lead: User) -> None:
    assert Browser().post(status).status_code == 405
    links.revoke(link=StatusLink.objects.get(), actor=lead)
    assert Browser().get(status).status_code == 410
