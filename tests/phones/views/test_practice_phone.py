"""What a demo shows so that every job can be finished in it: what the practice phones received, and one callback."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils.html import strip_tags
from pytest_django import Settings

from clients import links
from clients.models import User, Waba
from phones.choices import ActionKind
from phones.models import PhoneNumber
from phones.onboarding.codes import code_link_for
from tests.phones.acting import TO_REGISTER, UNVERIFIED, at_meta
from tests.phones.pool.pooling import in_state
from tests.phones.reading import text_of
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db

Prepare = Callable[..., PhoneNumber]


def words_at(browser: Browser, route: str, *args: str) -> str:
    """The words of a page, without its markup."""
    answer = browser.get(reverse(route, args=args))
    assert answer.status_code == 200
    return " ".join(strip_tags(text_of(answer).replace("<", " <")).split())


def shown(browser: Browser, number: PhoneNumber, kind: ActionKind) -> str:
    return words_at(browser, "phones:confirm", number.phone_number_id, kind.value)


def send_code(practice: Practice, node_id: str) -> None:
    """Have Meta send a code, as if somebody else had asked."""
    token = practice.credentials.system_user_token
    practice.writer.request_code(node_id, token=token, code_method="SMS", language="en_US")


def test_a_demo_shows_the_code_that_the_practice_phone_received_where_one_is_typed(
    practice: Practice, prepare: Prepare, browser: Browser, lead: User, settings: Settings
) -> None:
    settings.DEMO = True
    number = prepare(UNVERIFIED)
    assert "The practice phone has no code that works" in shown(browser, number, ActionKind.VERIFY_CODE)
    send_code(practice, number.phone_number_id)
    hint = f"Practice SMS: {at_meta(practice, number)['code']}"
    assert hint in shown(browser, number, ActionKind.VERIFY_CODE)
    assert hint in words_at(Browser(), "signup:code", links.token_of(code_link_for(number=number, actor=lead)))


def test_a_demo_shows_the_code_of_a_number_of_the_pool(
    practice: Practice, browser: Browser, settings: Settings
) -> None:
    settings.DEMO = True
    row = in_state(practice, "unverified")
    send_code(practice, row.preverified_id)
    code = practice.control("GET", f"preverified/{row.preverified_id}")["code"]
    page = words_at(browser, "preverified:confirm", row.preverified_id, ActionKind.VERIFY_CODE.value)
    assert f"Practice SMS: {code}" in page


def test_a_demo_shows_the_pin_of_the_practice_number_where_one_is_typed(
    practice: Practice, prepare: Prepare, browser: Browser, settings: Settings
) -> None:
    settings.DEMO = True
    number = prepare(TO_REGISTER)
    assert "The practice number has no PIN" in shown(browser, number, ActionKind.REGISTER)
    practice.control("PATCH", f"numbers/{number.phone_number_id}", {"pin": "204816"})
    assert "Practice PIN: 204816" in shown(browser, number, ActionKind.REGISTER)
    assert "Practice" not in shown(browser, number, ActionKind.DISPLAY_NAME).replace("Practice data", "")


def test_a_demo_shows_the_token_with_which_a_waba_of_the_practice_data_is_connected(
    practice: Practice, browser: Browser, settings: Settings
) -> None:
    practice.sync()
    waba = Waba.objects.filter(credential__isnull=False, current_numbers__isnull=False).first()
    assert waba is not None
    assert "Practice token" not in words_at(browser, "phones:connect-waba", str(waba.client_id))
    settings.DEMO = True
    page = words_at(browser, "phones:connect-waba", str(waba.client_id))
    token = page.partition("Practice token, which reads every WABA of the practice data: ")[2].split()[0]
    given = {"waba_id": waba.waba_id, "token": token}
    answer = browser.post(reverse("phones:connect-waba", args=[waba.client_id]), given, follow=True)
    assert "is connected, and its numbers are read next" in text_of(answer)


@pytest.mark.parametrize("way", ["no demo", "Meta itself", "no practice server"])
def test_outside_a_demo_no_page_shows_what_a_phone_received(
    practice: Practice, prepare: Prepare, browser: Browser, settings: Settings, way: str
) -> None:
    number = prepare(UNVERIFIED)
    send_code(practice, number.phone_number_id)
    settings.DEMO = way != "no demo"
    if way == "Meta itself":
        settings.GRAPH_API_URL = "https://graph.facebook.com"
    if way == "no practice server":
        settings.GRAPH_API_URL = "http://127.0.0.1:9"
    page = shown(browser, number, ActionKind.VERIFY_CODE)
    assert at_meta(practice, number)["code"] not in page
    assert "practice phone" not in page


def test_in_a_demo_the_callback_is_this_desk_on_the_events_page_and_on_a_number(
    lead: User, browser: Browser, settings: Settings
) -> None:
    address = f"{settings.PUBLIC_URL}{reverse('phones:webhook')}"
    with practice_server(settings, wabas=1, numbers=2, webhook=address) as practice:
        practice.as_partner()
        practice.sync()
        browser.post(reverse("phones:callback-check"))
        events = words_at(browser, "phones:events")
        pages = [
            words_at(browser, "phones:number", number.phone_number_id)
            for number in PhoneNumber.objects.exclude(webhook_configuration=None)
        ]
    assert "Meta says The same" in events
    assert pages
    assert all("This desk." in page and address in page for page in pages)
