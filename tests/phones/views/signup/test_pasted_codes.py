"""Codes as clients type and paste them on their page; Meta is the practice server."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import links
from phones.models import CodeLink, Onboarding
from tests.phones.acting import at_meta, token_in
from tests.phones.onboarding.signing_up import the_number, work
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def test_a_client_may_paste_the_whole_message_in_arabic_digits(
    sign_up: Callable[..., Onboarding], app: Practice
) -> None:
    number = the_number(work(sign_up(number="unverified")))
    address = reverse("signup:code", args=[links.token_of(CodeLink.objects.get(number=number))])
    browser = Browser()

    def send(**values: str) -> str:
        token = token_in(text_of(browser.get(address)))
        return text_of(browser.post(address, {"confirmation": token, **values}, follow=True))

    send(what="ask", code_method="SMS", language="en_US")
    code = at_meta(app, number)["code"].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))

    assert "The code was right" in send(what="type", code=f"رمزك هو {code[:3]}-{code[3:]} لا تشاركه")


def test_a_wrong_code_brings_the_clients_code_field_again_focused_with_its_minutes(
    sign_up: Callable[..., Onboarding], app: Practice
) -> None:
    number = the_number(work(sign_up(number="unverified")))
    address = reverse("signup:code", args=[links.token_of(CodeLink.objects.get(number=number))])
    browser = Browser()
    page = text_of(browser.get(address))
    assert "autofocus" not in page

    for values in (
        {"what": "ask", "code_method": "SMS", "language": "en_US"},
        {"what": "type", "code": "000000" if at_meta(app, number)["code"] != "000000" else "111111"},
    ):
        page = text_of(browser.post(address, {"confirmation": token_in(page), **values}, follow=True))

    assert "This code is not right" in page
    assert re.search(r'<input[^>]*name="code"[^>]*autofocus', page)
    assert re.search(r"yours for (9|10) minutes more", page)
