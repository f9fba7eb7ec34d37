"""The client's code page: asking for the code, typing it, and the registration that follows by itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients import links
from clients.models import User
from phones.choices import ActionKind, ActionState, StepState
from phones.models import Action, CodeLink, PhoneNumber
from phones.numbers.lifecycle import Stage
from phones.onboarding import codes, run
from phones.onboarding.codes import CodePageError
from tests.phones.acting import TO_REGISTER, UNVERIFIED, at_meta, number_page
from tests.phones.onboarding.signing_up import states, the_number, work
from tests.practice import Practice

Prepare = Callable[..., PhoneNumber]


def posts_about(practice: Practice, number: PhoneNumber) -> list[str]:
    calls = practice.calls(number.phone_number_id)
    return [call["path"].rpartition("/")[2] for call in calls if call["method"] == "POST"]


@pytest.fixture
def number(prepare: Prepare) -> PhoneNumber:
    """A number that wants its code."""
    return prepare(UNVERIFIED)


@pytest.fixture
def code_link(number: PhoneNumber) -> CodeLink:
    return codes.code_link_for(number=number, actor=None)


def ask(link: CodeLink, **more: Any) -> Action:
    given = {"code_method": "SMS", "language": "en_US", "key": uuid.uuid4(), **more}
    return codes.request_code(link=link, **given)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(CodePageError) as caught:
        act()
    assert str(caught.value) == caught.value.sentence
    return caught.value.sentence


def quiet(number: PhoneNumber) -> None:
    """Let the minute between two requests be over."""
    past = timezone.now() - timedelta(minutes=2)
    Action.objects.filter(number=number, kind=ActionKind.REQUEST_CODE).update(sent_at=past)


def test_a_number_has_one_open_code_link(number: PhoneNumber, lead: User) -> None:
    first = codes.code_link_for(number=number, actor=None)
    assert codes.code_link_for(number=number, actor=lead) == first
    assert links.find(CodeLink, links.token_of(first)) == first
    links.revoke(link=first, actor=lead)
    second = codes.code_link_for(number=number, actor=lead)
    assert (second != first, second.created_by) == (True, lead)
    CodeLink.objects.filter(pk=second.pk).update(expires_at=timezone.now())
    assert codes.code_link_for(number=number, actor=None).pk not in {first.pk, second.pk}


def test_the_right_code_makes_the_number_live(
    practice: Practice, number: PhoneNumber, code_link: CodeLink, browser: Browser
) -> None:
    assert codes.needs_code(number)
    asked = ask(code_link)
    assert (asked.state, asked.requested_by) == (ActionState.SUCCEEDED, None)
    code = at_meta(practice, number)["code"]

    confirmed = codes.confirm_code(link=code_link, code=f" {code[:3]}-{code[3:]} ", key=uuid.uuid4())

    assert (confirmed.kind, confirmed.state) == (ActionKind.VERIFY_CODE, ActionState.SUCCEEDED)
    number.refresh_from_db()
    assert number.stage == Stage.REGISTERED
    assert not codes.needs_code(number)
    assert posts_about(practice, number) == ["request_code", "verify_code", "register"]
    assert number_page(browser, number).count("by the client on the code page") >= 3


def test_the_onboarding_that_waited_for_the_code_ends_with_it(app: Practice, sign_up: Any) -> None:
    onboarding = work(sign_up(number="unverified"))
    number = the_number(onboarding)
    link = CodeLink.objects.get()
    ask(link)
    codes.confirm_code(link=link, code=at_meta(app, number)["code"], key=uuid.uuid4())
    assert run.resume_waiting() == 1
    onboarding.refresh_from_db()
    assert onboarding.finished_at is not None
    assert states(onboarding)["registration"] == "done"
    assert posts_about(app, number).count("register") == 1


def test_a_registration_that_fails_after_the_right_code_is_the_desks_and_is_not_sent_again(
    app: Practice, sign_up: Any
) -> None:
    onboarding = work(sign_up(number="unverified"))
    number = the_number(onboarding)
    link = CodeLink.objects.get()
    ask(link)
    app.fault({"graph_error": {"code": 133016, "message": "Rate limit"}}, path_contains="/register")
    confirmed = codes.confirm_code(link=link, code=at_meta(app, number)["code"], key=uuid.uuid4())
    assert confirmed.state == ActionState.SUCCEEDED
    run.resume_waiting()
    row = work(onboarding).steps.get(kind="registration")
    assert (row.state, row.error_kind) == (StepState.FAILED, "registration_limit")
    assert posts_about(app, number).count("register") == 1


def test_a_wrong_code_registers_nothing_and_says_so_plainly(
    practice: Practice, number: PhoneNumber, code_link: CodeLink
) -> None:
    ask(code_link)
    right = at_meta(practice, number)["code"]
    wrong = "000000" if right != "000000" else "111111"
    sentence = refused(lambda: codes.confirm_code(link=code_link, code=wrong, key=uuid.uuid4()))
    assert sentence.startswith("This code is not right")
    assert "register" not in posts_about(practice, number)
    assert codes.confirm_code(link=code_link, code=right, key=uuid.uuid4()).state == ActionState.SUCCEEDED


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12a456", "١٢٣٤٥", "123 45\x00"])
def test_what_is_no_code_is_not_sent(practice: Practice, code_link: CodeLink, number: PhoneNumber, typed: str) -> None:
    assert "six digits" in refused(lambda: codes.confirm_code(link=code_link, code=typed, key=uuid.uuid4()))
    assert posts_about(practice, number) == []


def test_the_same_key_again_sends_nothing(practice: Practice, number: PhoneNumber, code_link: CodeLink) -> None:
    key = uuid.uuid4()
    first = ask(code_link, key=key)
    assert ask(code_link, key=key) == first
    again = uuid.uuid4()
    code = at_meta(practice, number)["code"]
    done = codes.confirm_code(link=code_link, code=code, key=again)
    assert codes.confirm_code(link=code_link, code=code, key=again) == done
    assert posts_about(practice, number) == ["request_code", "verify_code", "register"]


def test_the_key_of_another_numbers_action_opens_nothing(
    prepare: Prepare, code_link: CodeLink, number: PhoneNumber
) -> None:
    other = prepare(UNVERIFIED)
    elsewhere = ask(codes.code_link_for(number=other, actor=None))
    assert "out of date" in refused(lambda: ask(code_link, key=elsewhere.key))


def test_a_closed_link_does_nothing(practice: Practice, code_link: CodeLink, number: PhoneNumber, lead: User) -> None:
    links.revoke(link=code_link, actor=lead)
    with pytest.raises(links.LinkClosedError):
        ask(code_link)
    with pytest.raises(links.LinkClosedError):
        codes.confirm_code(link=code_link, code="123456", key=uuid.uuid4())
    assert posts_about(practice, number) == []


def test_between_two_codes_there_is_a_minute(practice: Practice, code_link: CodeLink, number: PhoneNumber) -> None:
    ask(code_link)
    assert "a moment ago" in refused(lambda: ask(code_link))
    assert posts_about(practice, number) == ["request_code"]


def test_a_link_gives_five_codes_a_day(
    practice: Practice, code_link: CodeLink, number: PhoneNumber, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "MOST_REQUESTS", 2)
    for _time in range(2):
        ask(code_link)
        quiet(number)
    assert "several codes today" in refused(lambda: ask(code_link))
    assert posts_about(practice, number) == ["request_code"] * 2
    yesterday = timezone.now() - timedelta(hours=25)
    Action.objects.update(sent_at=yesterday)
    assert ask(code_link).state == ActionState.SUCCEEDED


def test_the_desks_own_limit_holds_on_the_code_page_too(
    practice: Practice, code_link: CodeLink, number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "MOST_REQUESTS", 50)
    for _time in range(5):
        ask(code_link)
        quiet(number)
    assert "possible again from" in refused(lambda: ask(code_link))
    assert posts_about(practice, number) == ["request_code"] * 5


def test_a_link_takes_ten_wrong_codes_a_day(
    practice: Practice, code_link: CodeLink, number: PhoneNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codes, "MOST_WRONG_CODES", 2)
    ask(code_link)
    right = at_meta(practice, number)["code"]
    wrong = "000000" if right != "000000" else "111111"
    for _time in range(2):
        refused(lambda: codes.confirm_code(link=code_link, code=wrong, key=uuid.uuid4()))
    assert "wrong codes" in refused(lambda: codes.confirm_code(link=code_link, code=right, key=uuid.uuid4()))
    assert posts_about(practice, number) == ["request_code", "verify_code", "verify_code"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (TO_REGISTER, "confirmed already"),
        ({**UNVERIFIED, "status": "CONNECTED", "platform_type": "CLOUD_API"}, "live already"),
        ({**UNVERIFIED, "is_on_biz_app": True}, "Business app"),
        ({**UNVERIFIED, "status": "DELETED"}, "can’t reach"),
    ],
)
def test_a_number_that_wants_no_code_gets_none(
    practice: Practice, prepare: Prepare, values: dict[str, Any], words: str
) -> None:
    number = prepare(values)
    link = codes.code_link_for(number=number, actor=None)
    assert words in refused(lambda: ask(link))
    assert words in refused(lambda: codes.confirm_code(link=link, code="123456", key=uuid.uuid4()))
    assert posts_about(practice, number) == []


def test_what_meta_refuses_is_told_without_its_words(
    practice: Practice, code_link: CodeLink, number: PhoneNumber
) -> None:
    practice.fault({"graph_error": {"code": 136024, "error_subcode": 2388091, "message": "Request code error"}})
    sentence = refused(lambda: ask(code_link))
    assert "could not be sent" in sentence
    assert "Request code error" not in sentence


def test_a_lost_answer_promises_nothing(practice: Practice, code_link: CodeLink, number: PhoneNumber) -> None:
    practice.fault({"lose_reply": True}, path_contains="/request_code", method="POST")
    assert "don’t know yet" in refused(lambda: ask(code_link))
    assert posts_about(practice, number) == ["request_code"]
