"""When an answer is lost during the exchange, a row says so; and no secret is left anywhere but sealed."""

import dataclasses
import datetime
import io
import logging
import time
import traceback
from collections.abc import Iterator

import pytest
import structlog
from django.utils import timezone

from clients import links, signups
from clients.choices import AttemptState
from clients.models import Credential, SignupAttempt, SignupLink
from phones.choices import StepKind, StepState
from phones.models import Onboarding, OnboardingStep
from phones.onboarding import exchange
from portal.logs import logging_config
from portal.patience import person_waits
from tests.phones.onboarding.exchange.exchanging import (
    APP_SECRET,
    BROWSER,
    CODE,
    DEBUG,
    EXCHANGE,
    GRANTED,
    LOST,
    TOKEN,
    facts,
    refused,
)
from tests.scripted_graph import ScriptedGraph, answer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("how", LOST)
def test_when_the_answer_to_the_exchange_is_lost_the_attempt_says_so_and_a_fresh_try_works(
    how: str, scripted: ScriptedGraph, attempt: SignupAttempt, link: SignupLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted.script(LOST[how]())
    with monkeypatch.context() as patience:
        patience.setattr(exchange, "ACTION_SECONDS", 0.5)
        assert refused(attempt) == "no_token"

    assert len(scripted.requests) == 1, "a code is sent once"
    assert (attempt.state, attempt.refusal) == (AttemptState.FAILED, "no_token")
    assert attempt.error_kind

    scripted.script(GRANTED, facts())
    again, _state = signups.begin(link=link, browser=BROWSER)
    assert exchange.finish(attempt=again, code=CODE + "2").attempt == again


def test_a_code_is_waited_for_longer_than_a_person_waits_for_a_page_because_it_works_once(
    scripted: ScriptedGraph, attempt: SignupAttempt
) -> None:
    scripted.script(dataclasses.replace(GRANTED, pause=0.6), facts())

    with person_waits(since=time.monotonic() - 60):
        assert exchange.finish(attempt=attempt, code=CODE).attempt == attempt


@pytest.mark.parametrize("how", ["a server error", "a closed connection", "silence", "something else"])
def test_when_meta_cannot_be_asked_about_the_token_it_is_kept_and_the_worker_asks_again(
    how: str, scripted: ScriptedGraph, attempt: SignupAttempt, monkeypatch: pytest.MonkeyPatch, wakes: list[int]
) -> None:
    monkeypatch.setattr(exchange, "ACTION_SECONDS", 0.5)
    scripted.script_path(EXCHANGE, answer({"access_token": TOKEN, "expires_in": 5184000}))
    scripted.always(LOST[how]())

    onboarding = exchange.finish(attempt=attempt, code=CODE)

    credential = Credential.objects.get()
    assert credential.open_token() == TOKEN
    assert credential.expires_at is not None
    access = onboarding.steps.get(kind=StepKind.ACCESS)
    assert (access.state, access.details) == (StepState.WAITING, {})
    assert wakes == [1]


def test_a_desk_that_was_closed_down_in_the_middle_leaves_a_row_that_tells(
    scripted: ScriptedGraph, attempt: SignupAttempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(**_: object) -> None:
        raise SystemExit

    monkeypatch.setattr(exchange, "open_onboarding", killed)
    scripted.script(GRANTED, facts())
    with pytest.raises(SystemExit):
        exchange.finish(attempt=attempt, code=CODE)

    assert not Credential.objects.exists()
    assert signups.mark_lost(timezone.now() + datetime.timedelta(minutes=3)) == 1
    attempt.refresh_from_db()
    assert (attempt.state, attempt.refusal) == (AttemptState.FAILED, "interrupted")


# --- Nothing leaks ----------------------------------------------------------------------------------------------------


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that any logger says, down to the last library, as the portal's own handler writes it."""
    formatter = logging_config("DEBUG")["formatters"]["lines"]
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(**{k: v for k, v in formatter.items() if k != "()"}))
    loud = [logging.getLogger(), *(logging.getLogger(name) for name in ("urllib3", "django.db.backends"))]
    before = [logger.level for logger in loud]
    for logger in loud:
        logger.setLevel(logging.DEBUG)
    loud[0].addHandler(handler)
    yield written
    loud[0].removeHandler(handler)
    for logger, level in zip(loud, before, strict=True):
        logger.setLevel(level)


@pytest.mark.parametrize("how", ["all is well", "another app", *LOST])
def test_neither_code_nor_token_nor_link_is_in_a_log_line_an_error_or_a_row(
    how: str,
    scripted: ScriptedGraph,
    attempt: SignupAttempt,
    link: SignupLink,
    lines: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exchange, "ACTION_SECONDS", 0.5)
    scripted.script_path(DEBUG, facts(app_id="1") if how == "another app" else facts())
    scripted.script(LOST[how]() if how in LOST else GRANTED)
    shown = ""

    try:
        shown += repr(exchange.finish(attempt=attempt, code=CODE))
    except exchange.SignupRefusedError as refusal:
        shown += f"{refusal!r} {refusal.sentence} {''.join(traceback.format_exception(refusal))}"

    for model in (SignupAttempt, SignupLink, Credential, Onboarding, OnboardingStep):
        shown += f"{model.objects.all()!r} {list(model.objects.values())}"
    for secret in (CODE, TOKEN, APP_SECRET, "EAAhalf", links.token_of(link)):
        assert secret not in shown
        assert secret not in lines.getvalue()
    assert lines.getvalue()
