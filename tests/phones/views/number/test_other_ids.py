"""A number that Meta gave a new id: its pages lead to each other, history says it, search shows the living one."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_number
from tests.phones.reading import shown_to, text_of
from tests.practice import Practice

DIGITS = "+1 555-010-0001"


@pytest.fixture
def gone(alices_waba: Waba) -> PhoneNumber:
    """Missing and signed up lately, so that it would come first by the usual order."""
    now = timezone.now()
    return make_number(
        alices_waba, display_phone_number=DIGITS, missing_since=now, gone_at=now, last_onboarded_time=now, synced_at=now
    )


@pytest.fixture
def living(alices_waba: Waba) -> PhoneNumber:
    return make_number(alices_waba, display_phone_number=DIGITS, last_onboarded_time=None)


def page_of(number: PhoneNumber) -> str:
    return f"/phones/{number.phone_number_id}/"


def test_pages_of_the_same_digits_lead_to_each_other(desk: Browser, gone: PhoneNumber, living: PhoneNumber) -> None:
    old, new = text_of(desk.get(page_of(gone))), text_of(desk.get(page_of(living)))

    assert "The same number is there under another id:" in old
    assert f'href="{page_of(living)}"' in old
    assert "The same number has another id, too:" in new
    assert f'href="{page_of(gone)}"' in new


def test_pages_of_a_number_that_meta_spells_in_two_ways_lead_to_each_other(desk: Browser, alices_waba: Waba) -> None:
    former, current = "+52 1 55 1234 5678", "+52 55 1234 5678"
    old = make_number(alices_waba, display_phone_number=former, missing_since=timezone.now())
    new = make_number(alices_waba, display_phone_number=current)

    assert f'href="{page_of(new)}"' in text_of(desk.get(page_of(old)))
    assert f'href="{page_of(old)}"' in text_of(desk.get(page_of(new)))


def test_nobody_is_led_to_a_number_that_is_not_theirs_to_see(
    account_manager: User, gone: PhoneNumber, foreign_waba: Waba, sign_in: SignIn
) -> None:
    theirs = make_number(foreign_waba, display_phone_number=DIGITS)

    page = shown_to(account_manager, page_of(gone), sign_in)
    assert theirs.phone_number_id not in page
    assert "The same number" not in page


def test_search_shows_the_living_one_first_on_whatever_page_and_in_the_file(
    desk: Browser, gone: PhoneNumber, living: PhoneNumber
) -> None:
    now = timezone.now()
    others = [
        make_number(gone.waba, display_phone_number=f"+1 555-010-000{n}", last_onboarded_time=now - timedelta(n))
        for n in (2, 3)
    ]
    older_gone = make_number(gone.waba, display_phone_number=DIGITS, missing_since=now, last_onboarded_time=None)
    expected = [number.phone_number_id for number in (*others, living, gone, older_gone)]

    address, pages = "/phones/?q=555010000&per_page=2", []
    while address:
        shown = text_of(desk.get(address))
        pages.append(re.findall(r'data-phone-number-id="(\d+)"', shown))
        following = re.search(r'rel="next"[^>]* href="([^"]+)"', shown)
        address = html.unescape(following[1]) if following else ""
        back = re.search(r'rel="prev"[^>]* href="([^"]+)"', shown)
        if back:
            before = re.findall(r'data-phone-number-id="(\d+)"', text_of(desk.get(html.unescape(back[1]))))
            assert before == pages[-2]

    assert pages == [expected[:2], expected[2:4], expected[4:]]
    file = b"".join(desk.get("/phones/export.csv", {"q": "555010000", "columns": "phone_number_id"})).decode()
    assert re.findall(r"(\d{6,})\s*$", file, re.MULTILINE) == expected


def test_a_number_that_was_added_anew_says_so_in_both_histories(
    practice: Practice, browser: Browser, other_manager: User, sign_in: SignIn
) -> None:
    practice.sync()
    old = PhoneNumber.objects.filter(waba__waba_id=practice.wabas()[0]["id"]).first()
    assert old is not None
    waba = f"wabas/{old.waba.waba_id}/numbers"
    practice.control("DELETE", f"{waba}/{old.phone_number_id}")
    made = practice.control("POST", waba, {"set": {"display_phone_number": old.display_phone_number}})
    practice.sync()

    new = PhoneNumber.objects.get(phone_number_id=made["id"])
    for number in (old, new):
        page = text_of(browser.get(page_of(number)))
        assert "The same number under another id" in page.partition('id="history"')[2]
        assert old.phone_number_id in page
        assert new.phone_number_id in page

    # Moved to another's client, the new one is named to nobody who may not see it.
    elsewhere = make_number().waba
    new.listings.update(waba=elsewhere)
    PhoneNumber.objects.filter(pk=new.pk).update(waba=elsewhere)
    old.waba.client.owner = other_manager
    old.waba.client.save()
    page = shown_to(other_manager, page_of(old), sign_in)
    assert "The same number under another id" in page
    assert "an id elsewhere" in page
    assert new.phone_number_id not in page
