"""The message links of a number through the pages, with a practice Graph server behind them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.choices import Role
from phones.actions import lost_answers
from phones.choices import ActionKind, ActionState
from phones.models import Action, MessageLinks, PhoneNumber
from tests.conftest import SignIn
from tests.factories import make_person
from tests.phones.acting import TO_REGISTER, address, token_in
from tests.phones.reading import text_of
from tests.practice import Practice


@pytest.fixture
def number(prepare: Callable[..., PhoneNumber]) -> PhoneNumber:
    return prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"})


def at(route: str, number: PhoneNumber, *code: str) -> str:
    return reverse(f"phones:{route}", args=[number.phone_number_id, *code])


def read(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.post(at("read-links", number), follow=True))


def do(browser: Browser, page: str, **data: str) -> str:
    token = token_in(text_of(browser.get(page)))
    return text_of(browser.post(page, {"confirmation": token, **data}, follow=True))


def links(number: PhoneNumber) -> list[dict[str, str]]:
    found: list[dict[str, str]] = MessageLinks.objects.get(number=number).links
    return found


def test_a_link_is_made_changed_printed_and_deleted(browser: Browser, number: PhoneNumber) -> None:
    assert "read them first" in text_of(browser.get(at("make-link", number)))
    assert "It has none." in read(browser, number)

    page = do(browser, at("make-link", number), message="Hello, I have a question")
    assert "Make message link: done." in page
    (link,) = links(number)
    assert f'href="{link["address"]}"' in page

    page = do(browser, at("change-link", number, link["code"]), message="I would like to order")
    assert "Change message link: done." in page
    assert links(number) == [{**link, "message": "I would like to order"}]
    sheet = text_of(browser.get(at("print-link", number, link["code"])))
    assert "<svg" in sheet
    assert "I would like to order" in sheet

    assert "Delete message link: done." in do(browser, at("delete-link", number, link["code"]))
    assert links(number) == []
    assert browser.get(at("print-link", number, link["code"])).status_code == 404
    history = text_of(browser.get(f"/phones/{number.phone_number_id}/"))
    assert "Delete message link “I would like to order”" in history


def test_what_says_nothing_new_or_too_much_or_was_changed_meanwhile_is_not_sent(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    assert "at most 140" in do(browser, at("make-link", number), message="x" * 141)
    do(browser, at("make-link", number), message="Hello")
    (link,) = links(number)
    page = at("change-link", number, link["code"])
    assert "The link says this already." in do(browser, page, message="Hello")
    token = token_in(text_of(browser.get(page)))
    MessageLinks.objects.filter(number=number).update(links=[{**link, "message": "Changed elsewhere"}])
    answer = browser.post(page, {"confirmation": token, "message": "Mine"}, follow=True)
    assert "Nothing was sent. This page was out of date" in text_of(answer)
    assert len([one for one in practice.calls("message_qrdls") if one["method"] == "POST"]) == 1


def test_a_lost_answer_is_settled_by_the_list_and_never_sent_again(
    practice: Practice, browser: Browser, number: PhoneNumber
) -> None:
    read(browser, number)
    do(browser, at("make-link", number), message="Hello")
    for is_done in (False, True):
        practice.fault({"lose_reply": True} if is_done else {"close": True}, path_contains="qrdls", method="POST")
        practice.fault({"status": 503, "body": "no"}, times=None, path_contains="qrdls", method="GET")
        assert "Meta’s answer was lost" in do(browser, at("make-link", number), message="Hello")
        practice.heal()
        Action.objects.filter(closed_at=None).update(sent_at=timezone.now() - lost_answers.GRACE)

        browser.post(address(number, "refresh"))

        action = Action.objects.filter(kind=ActionKind.MESSAGE_LINK).order_by("-pk")[0]
        assert action.settled_by_reading
        assert action.state == (ActionState.SUCCEEDED if is_done else ActionState.FAILED)
    assert len(links(number)) == 2


def test_who_may_only_look_reads_and_prints_and_an_address_that_is_none_is_no_link(
    number: PhoneNumber, sign_in: SignIn
) -> None:
    odd = {"code": "A1", "message": "Hello", "address": "javascript:alert(1)"}
    MessageLinks.objects.create(number=number, links=[odd], read_at=timezone.now())
    number.waba.client.cover = make_person("vera", Role.VIEWER)
    number.waba.client.save()

    page = text_of(sign_in(number.waba.client.cover).get(at("message-links", number)))

    assert "Hello" in page
    assert "Make a link" not in page
    assert 'href="javascript' not in page
