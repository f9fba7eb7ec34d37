"""Verified, registered and may send are three answers, and trouble comes before everything that is well."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import links
from clients.models import Client, User, Waba
from phones.models import PhoneNumber
from phones.numbers.standing import recompute, recompute_due
from tests.conftest import SignIn
from tests.factories import make_number
from tests.phones.acting import confirm_page, number_page
from tests.phones.reading import shown_to, text_of, value_of

IN_TROUBLE = ("FLAGGED", "RESTRICTED", "RATE_LIMITED", "BANNED")


def made(waba: Waba, **facts: Any) -> PhoneNumber:
    number = make_number(waba, **facts)
    recompute([number.pk])
    number.refresh_from_db()
    return number


def listed(browser: Browser, query: str) -> list[str]:
    return re.findall(r'<tr data-phone-number-id="(\d+)"', text_of(browser.get(f"/phones/?{query}")))


def page_of_client(browser: Browser, number: PhoneNumber) -> str:
    """The row of `number` on the desk's page of its client."""
    page = text_of(browser.get(f"/clients/{number.waba.client_id}/"))
    return page.partition(f'data-phone-number-id="{number.phone_number_id}"')[2].partition("</tr>")[0]


def page_of_the_client(client: Client, actor: User, browser: Browser) -> str:
    link = links.make_status_link(client=client, actor=actor)
    return text_of(browser.get(reverse("signup:status", args=[links.token_of(link)])))


def test_the_page_gives_each_question_its_own_answer_and_the_clients_page_is_green_only_for_may_send(
    account_manager: User, alices_client: Client, alices_waba: Waba, sign_in: SignIn
) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({}, "Registered", "May send"),
        ({"platform_type": None}, "Can’t tell", "Can’t tell"),
        ({"platform_type": "SOMETHING_NEW"}, "Can’t tell", "Can’t tell"),
        ({"status": None}, "Registered", "Can’t tell"),
        ({"status": "FLAGGED", "code_verification_status": "EXPIRED"}, "Registered", "Limited"),
        ({"status": "BANNED"}, "Registered", "Can’t send"),
        ({"platform_type": "ON_PREMISE"}, "Not registered", "Can’t send"),
    ]
    for facts, registered, sends in cases:
        number = made(alices_waba, **facts)
        page = shown_to(account_manager, f"/phones/{number.phone_number_id}/", sign_in)
        assert value_of(page, "Registration").startswith(registered), facts
        assert value_of(page, "May send").startswith(sends), facts
        theirs = page_of_the_client(alices_client, account_manager, sign_in(account_manager))
        said = theirs.partition(str(number))[2].partition("</li>")[0]
        assert ("tone ok" in said) == (sends == "May send"), facts
        assert "confirm your number" not in said, facts
        row = page_of_client(sign_in(account_manager), number)
        assert f"<span>{sends}</span></span></span>" in row, facts


def test_the_list_and_the_file_answer_the_same_questions(
    administrator: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    works = made(alices_waba)
    flagged = made(alices_waba, status="FLAGGED")
    silent = made(alices_waba, platform_type=None)
    pending = made(alices_waba, status="PENDING", platform_type="NOT_APPLICABLE")
    browser = sign_in(administrator)

    assert listed(browser, "may_send=limited") == [flagged.phone_number_id]
    assert set(listed(browser, "may_send=no&may_send=unknown")) == {silent.phone_number_id, pending.phone_number_id}
    assert listed(browser, "registered=unknown") == [silent.phone_number_id]
    assert set(listed(browser, "registered=yes")) == {works.phone_number_id, flagged.phone_number_id}
    assert listed(browser, "queue=not-registered") == [pending.phone_number_id]
    assert listed(browser, "registered=perhaps") == listed(browser, "may_send=perhaps") == []
    text = b"".join(browser.get("/phones/export.csv?sort=phone_number_id").streaming_content).decode()  # type: ignore[attr-defined] # it streams
    rows = [(row["registered"], row["may_send"]) for row in csv.DictReader(io.StringIO(text, newline=""))]
    assert rows == [("yes", "yes"), ("yes", "limited"), ("unknown", "unknown"), ("no", "no")]


@pytest.mark.parametrize("status", IN_TROUBLE)
def test_a_registered_number_in_trouble_is_sent_to_no_code_and_no_signup(
    status: str, account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = made(alices_waba, status=status, code_verification_status="NOT_VERIFIED")
    browser = sign_in(account_manager)

    page = number_page(browser, number)
    assert number.stage == "restricted"
    assert "Request a code" not in page
    assert "signup link" not in page
    assert "no code is needed" in text_of(browser.get(confirm_page(number, "request-code")))
    # It is registered, so it can be deregistered.
    assert "nothing to deregister" not in text_of(browser.get(confirm_page(number, "deregister")))


@pytest.mark.parametrize("status", [*IN_TROUBLE, "DISCONNECTED", "PENDING"])
def test_trouble_comes_before_the_business_app(
    status: str, account_manager: User, alices_client: Client, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = made(alices_waba, status=status, is_on_biz_app=True)
    browser = sign_in(account_manager)

    assert "nothing to do" not in number.next_action
    assert number.move == "client"
    assert number.step == ""
    assert "tone plain ok" not in page_of_the_client(alices_client, account_manager, browser)
    assert "There is nothing to do" not in page_of_the_client(alices_client, account_manager, browser)


def test_in_the_business_app_a_number_sends_twenty_messages_a_second(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = made(alices_waba, is_on_biz_app=True, throughput="STANDARD")

    said = value_of(shown_to(account_manager, f"/phones/{number.phone_number_id}/", sign_in), "Throughput")

    assert "20 messages a second" in said
    assert "80" not in said
    assert number.next_action == "The client's WhatsApp Business app manages it: nothing to do."


@pytest.mark.parametrize("name_status", ["NON_EXISTS", "EXPIRED", "NONE"])
def test_the_name_of_a_registered_number_blocks_nothing(
    name_status: str, account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    number = made(alices_waba, name_status=name_status)

    page = shown_to(account_manager, f"/phones/{number.phone_number_id}/", sign_in)

    assert number.next_action == "Nothing to do."
    assert "<span>Blocked</span>" not in page
    assert not re.search(r'class="tone (plain )?(act|bad)', page.partition('id="history"')[0])


def test_words_and_stage_agree_on_the_name_of_an_unregistered_number(
    account_manager: User, alices_waba: Waba, sign_in: SignIn
) -> None:
    pending: dict[str, Any] = {"status": "PENDING", "platform_type": "NOT_APPLICABLE", "is_pin_enabled": False}
    browser = sign_in(account_manager)
    for name, sentence, is_blocked in [
        ({"name_status": "EXPIRED"}, "has no certificate", True),
        ({"name_status": "NON_EXISTS"}, "Meta has no review of its name", False),
        ({"name_status": "DECLINED", "new_name_status": "APPROVED", "new_display_name": "New"}, "Register it", False),
    ]:
        number = made(alices_waba, **pending, **name, last_onboarded_time=None)
        assert sentence in number.next_action
        page = text_of(browser.get(f"/phones/{number.phone_number_id}/"))
        assert ("<span>Blocked</span>" in page) is is_blocked, name
        form = text_of(browser.get(confirm_page(number, "register")))
        assert ('name="confirmation"' not in form) is is_blocked, name


def test_numbers_stored_before_there_was_the_answer_get_it_by_themselves(alices_waba: Waba) -> None:
    number = make_number(alices_waba, status="FLAGGED")

    assert recompute_due() == 1

    number.refresh_from_db()
    assert number.may_send == "limited"
    assert recompute_due() == 0
