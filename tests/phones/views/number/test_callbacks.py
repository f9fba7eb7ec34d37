"""Having the messages of a number or a WABA sent to an address of its own, with a practice Graph server behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.choices import Role
from clients.models import User, Waba
from phones.actions import lost_answers
from phones.choices import ActionKind, ActionState
from phones.events import subscriptions
from phones.models import Action, PhoneNumber, Subscription
from tests.conftest import SignIn
from tests.factories import make_person
from tests.phones.acting import TO_REGISTER, address, confirm_page, do, number_page, posts, token_in
from tests.phones.reading import text_of
from tests.practice import Practice

HOOK, TOKEN = "https://hooks.client.example/wa", "verifysentinel-778899"
ASKED = {"callback_url": HOOK, "verify_token": TOKEN}


@pytest.fixture
def number(prepare: Callable[..., PhoneNumber]) -> PhoneNumber:
    return prepare({**TO_REGISTER, "status": "CONNECTED", "platform_type": "CLOUD_API"})


@pytest.fixture
def lead(db: None, sign_in: SignIn) -> Browser:
    return sign_in(make_person("tess", Role.TEAM_LEAD))


def sent_to(waba: Waba) -> str | None:
    return Subscription.objects.get(waba=waba).override_callback_uri


def override(browser: Browser, waba: Waba, **data: str) -> str:
    page = f"/wabas/{waba.waba_id}/events/override/"
    token = token_in(text_of(browser.get(page)))
    return text_of(browser.post(page, {"confirmation": token, **data}, follow=True))


def test_a_number_gets_a_callback_of_its_own_and_loses_it_again(
    practice: Practice, lead: Browser, number: PhoneNumber, caplog: pytest.LogCaptureFixture
) -> None:
    assert "Set its callback" in number_page(lead, number)

    page = do(lead, number, "number-callback", **ASKED)

    assert "Set callback of the number: done." in page
    number.refresh_from_db()
    assert (number.webhook_configuration or {})["phone_number"] == HOOK
    assert f"Set callback of the number to {HOOK}" in page
    assert TOKEN not in f"{Action.objects.values().get()}{page}{caplog.text}", "the receiver's secret is kept nowhere"
    page = do(lead, number, "number-callback", callback_url="")
    number.refresh_from_db()
    assert "phone_number" not in (number.webhook_configuration or {})
    assert Action.objects.latest("pk").details["before"] == HOOK


def test_only_who_runs_the_desk_has_messages_sent_elsewhere(
    practice: Practice, account_manager: User, sign_in: SignIn, number: PhoneNumber
) -> None:
    number.waba.client.owner = account_manager
    number.waba.client.save()
    browser = sign_in(account_manager)

    assert "Set its callback" not in number_page(browser, number)
    assert browser.get(confirm_page(number, "number-callback")).status_code == 403
    assert browser.post(address(number, "number-callback"), ASKED).status_code == 403
    assert browser.get(f"/wabas/{number.waba.waba_id}/events/override/").status_code == 403
    assert posts(practice, number) == []


def test_what_meta_would_not_take_is_said_at_its_field(practice: Practice, lead: Browser, number: PhoneNumber) -> None:
    wrong: list[tuple[dict[str, str], str]] = [
        ({}, "There is no callback to take away."),
        ({"callback_url": HOOK}, "wants the receiver’s verify token"),
        ({**ASKED, "callback_url": "http://hooks.example/wa"}, "begins with https://"),
        ({**ASKED, "callback_url": "https://user:secret@hooks.example/"}, "begins with https://"),
        ({**ASKED, "callback_url": f"https://hooks.example/{'x' * 200}"}, "at most 200 characters"),
    ]
    for data, said in wrong:
        page = do(lead, number, "number-callback", **data)
        assert said in page
        assert TOKEN not in page
    assert posts(practice, number) == []


def test_a_wabas_messages_go_to_an_address_of_its_own_and_back_to_the_apps(
    practice: Practice, lead: Browser, number: PhoneNumber
) -> None:
    practice.as_partner()
    waba = number.waba
    assert "does not know yet where they go" in text_of(lead.get(f"/wabas/{waba.waba_id}/events/override/"))
    subscriptions.check(waba)

    page = override(lead, waba, **ASKED)

    assert "Set callback of the WABA: done." in page
    assert sent_to(waba) == HOOK
    assert f"Messages alone go to <code>{HOOK}</code>" in page
    assert TOKEN not in f"{Action.objects.values().get()}{page}"
    override(lead, waba, callback_url="")
    assert sent_to(waba) is None


def test_a_refused_handshake_is_said_in_words(practice: Practice, lead: Browser, number: PhoneNumber) -> None:
    practice.fault(
        {"graph_error": {"code": 2200, "message": "no"}}, path_contains=number.phone_number_id, method="POST"
    )

    page = do(lead, number, "number-callback", **ASKED)

    assert "The address did not answer Meta’s handshake" in page
    assert Action.objects.get().state == ActionState.FAILED


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_is_settled_by_asking(
    practice: Practice, lead: Browser, number: PhoneNumber, *, is_done: bool
) -> None:
    practice.as_partner()
    subscriptions.check(number.waba)
    lost: dict[str, Any] = {"lose_reply": True} if is_done else {"close": True}
    practice.fault(lost, times=2, method="POST")
    practice.fault({"status": 503, "body": "no"}, times=None, method="GET")
    assert "Meta’s answer was lost" in do(lead, number, "number-callback", **ASKED)
    assert "Meta’s answer was lost" in override(lead, number.waba, **ASKED)
    practice.heal()
    Action.objects.update(sent_at=timezone.now() - lost_answers.GRACE)

    lead.post(address(number, "refresh"))
    subscriptions.check(number.waba)

    for kind in (ActionKind.NUMBER_CALLBACK, ActionKind.WABA_CALLBACK):
        action = Action.objects.get(kind=kind)
        assert action.settled_by_reading
        assert action.state == (ActionState.SUCCEEDED if is_done else ActionState.FAILED)
