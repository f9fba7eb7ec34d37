"""How the tests of actions go through the pages: states of numbers, confirmations, and what Meta saw of it.

No fixtures here: they stand in `conftest.py`.
"""

from __future__ import annotations

import re
from typing import Any

from django.test import Client as Browser
from django.utils import timezone

from phones.models import PhoneNumber
from tests.phones.reading import text_of
from tests.practice import Practice

TO_REGISTER: dict[str, Any] = {
    "status": "PENDING",
    "platform_type": "NOT_APPLICABLE",
    "code_verification_status": "VERIFIED",
    "name_status": "APPROVED",
    "is_on_biz_app": False,
    "is_preverified_number": False,
    "is_pin_enabled": False,
}
JUST_SIGNED_UP: dict[str, Any] = {**TO_REGISTER, "last_onboarded_time": timezone.now()}
UNVERIFIED: dict[str, Any] = {**TO_REGISTER, "code_verification_status": "NOT_VERIFIED"}


def at_meta(practice: Practice, number: PhoneNumber) -> Any:
    """What the practice server has of a number, its PIN and code included."""
    return practice.control("GET", f"numbers/{number.phone_number_id}")


def posts(practice: Practice, number: PhoneNumber) -> list[str]:
    """The last parts of the addresses of all POSTs about a number."""
    calls = practice.calls(number.phone_number_id)
    return [call["path"].rpartition("/")[2] for call in calls if call["method"] == "POST"]


def confirm_page(number: PhoneNumber, kind: str) -> str:
    return f"/phones/{number.phone_number_id}/confirm/{kind}/"


def address(number: PhoneNumber, kind: str) -> str:
    return f"/phones/{number.phone_number_id}/{kind}/"


def token_in(page: str) -> str:
    found = re.search(r'name="confirmation" value="([^"]+)"', page)
    assert found, "no form on the page"
    return found[1]


def token_for(browser: Browser, number: PhoneNumber, kind: str) -> str:
    return token_in(text_of(browser.get(confirm_page(number, kind))))


def do(browser: Browser, number: PhoneNumber, kind: str, **data: str) -> str:
    """Open the confirmation, fill it in, send it, and read the page it leads to."""
    token = token_for(browser, number, kind)
    answer = browser.post(address(number, kind), {"confirmation": token, **data}, follow=True)
    return text_of(answer)


def number_page(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.get(f"/phones/{number.phone_number_id}/"))
