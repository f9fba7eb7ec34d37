"""Codes, PINs and last digits as people type and paste them on the desk; Meta is the practice server."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from phones.models import PhoneNumber
from tests.phones.acting import TO_REGISTER, UNVERIFIED, address, at_meta, do, token_for
from tests.phones.reading import text_of
from tests.practice import Practice

ARABIC, PERSIAN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"), str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


@pytest.mark.parametrize(
    "written",
    [
        "Your code is {a}-{b}. Don’t share it with 12 others",
        "\u200f{a} {b}\u200f",
        "Your WhatsApp code is {a}-{b}. 10 minutes",
        "{a}{b}\n12:30",
    ],
)
def test_a_code_within_a_pasted_message_is_taken_as_its_digits(
    written: str, practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(UNVERIFIED)
    do(browser, number, "request-code", code_method="SMS", language="en_US")
    code = at_meta(practice, number)["code"].translate(PERSIAN)

    page = do(browser, number, "verify-code", code=written.format(a=code[:3], b=code[3:]))

    assert "Confirm code: done." in page


def test_a_pin_in_full_width_digits_is_taken_as_its_digits(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare({**TO_REGISTER, "is_pin_enabled": True}, pin="111111")

    do(browser, number, "pin", source="typed", pin="246 813".translate(FULL_WIDTH))

    assert at_meta(practice, number)["pin"] == "246813"


def test_last_digits_in_arabic_are_taken_as_their_digits(
    practice: Practice, prepare: Callable[..., PhoneNumber], browser: Browser
) -> None:
    number = prepare(TO_REGISTER)
    do(browser, number, "register", source="generate")

    page = do(browser, number, "deregister", last_digits=number.digits[-4:].translate(ARABIC))

    assert "Deregister: done." in page


def test_what_is_not_one_run_of_six_digits_is_no_pin(prepare: Callable[..., PhoneNumber], browser: Browser) -> None:
    number = prepare({**TO_REGISTER, "is_pin_enabled": True}, pin="111111")
    token = token_for(browser, number, "pin")

    for pin in ("12345", "1234567", "123456 654321", "123456. 654321", "12 345 678", "12a3456", "۱۲۳۴۵", ""):
        sent = {"confirmation": token, "source": "typed", "pin": pin}
        page = text_of(browser.post(address(number, "pin"), sent, follow=True))
        assert "A PIN is six digits" in page, pin
