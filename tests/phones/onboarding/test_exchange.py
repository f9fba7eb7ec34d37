"""The code of a signup becomes a token once, at once, and leaves no trace but the sealed one."""

import datetime
import io
import logging
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from clients import links, signups
from clients.choices import AttemptState, CredentialKind, CredentialState
from clients.models import Client, Credential, SignupAttempt, SignupLink, User
from phones import waking
from phones.choices import StepKind, StepState
from phones.models import Onboarding, OnboardingStep
from phones.onboarding import exchange
from portal.logs import logging_config
from portal.sandbox.world.credentials import credentials
from tests.factories import make_attempt, make_signup_link
from tests.practice import Practice
from tests.scripted_graph import Answer, ScriptedGraph, answer, graph_error, hang_up, reset, silence, truncated

pytestmark = pytest.mark.django_db

BROWSER = "browser-a"
EXCHANGE, DEBUG = "/v25.0/oauth/access_token", "/v25.0/debug_token"
APP_ID, APP_SECRET = "400000000000001", "0123456789abcdef0123456789abcdef"
CODE = "AQCodeCodeCodeCodeCodeCode0123456789"
TOKEN = "EAAbusinesstoken0123456789abcdefghijklmn"
GRANTED = answer({"access_token": TOKEN, "token_type": "bearer"})


@pytest.fixture(autouse=True)
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry each time that a worker was woken."""
    woken: list[int] = []
    monkeypatch.setattr(waking, "wake_onboarding", lambda: woken.append(1))
    return woken


@pytest.fixture
def link(account_manager: User, alices_client: Client) -> SignupLink:
    return links.make_signup_link(client=alices_client, actor=account_manager)


@pytest.fixture
def attempt(link: SignupLink) -> SignupAttempt:
    """Alice's client, in Meta's dialog."""
    begun, _state = signups.begin(link=link, browser=BROWSER)
    signups.note_started(attempt=begun)
    return begun


@pytest.fixture
def meta(practice: Practice, settings: Settings) -> Practice:
    """The practice server, with our app on it."""
    settings.META_APP_ID, settings.META_APP_SECRET = credentials().app_id, credentials().app_secret
    return practice


@pytest.fixture
def scripted(settings: Settings) -> Iterator[ScriptedGraph]:
    """A Graph that answers what a test says."""
    settings.META_APP_ID, settings.META_APP_SECRET = APP_ID, APP_SECRET
    with ScriptedGraph() as graph:
        settings.GRAPH_API_URL = graph.url
        yield graph


def signed_up(meta: Practice, **choices: str) -> dict[str, Any]:
    """A client goes through Meta's dialog: what it hands over."""
    ending: dict[str, Any] = meta.control("POST", "signups", choices)
    return ending


def facts(**values: object) -> Answer:
    """What debug_token answers for TOKEN."""
    return answer({"data": {"app_id": APP_ID, "type": "SYSTEM_USER", "is_valid": True, "expires_at": 0, **values}})


def refused(attempt: SignupAttempt, code: str = CODE) -> str:
    """Finish, and be refused: the kind. Nothing but the attempt's row has changed."""
    before = SignupAttempt.objects.count()
    with pytest.raises(exchange.SignupRefusedError) as refusal:
        exchange.finish(attempt=attempt, code=code)
    assert refusal.value.sentence.endswith(".")
    assert not Credential.objects.filter(kind=CredentialKind.BUSINESS).exists()
    assert (Onboarding.objects.count(), SignupAttempt.objects.count()) == (0, before)
    attempt.refresh_from_db()
    return refusal.value.kind


# --- All is well ------------------------------------------------------------------------------------------------------


def test_a_code_becomes_a_sealed_token_and_an_onboarding_that_is_due(
    meta: Practice, attempt: SignupAttempt, alices_client: Client, wakes: list[int]
) -> None:
    ending = signed_up(meta)

    onboarding = exchange.finish(attempt=attempt, code=ending["code"])

    credential = Credential.objects.get()
    assert (credential.kind, credential.state) == (CredentialKind.BUSINESS, CredentialState.UNTRIED)
    assert credential.open_token() not in str(Credential.objects.values().get())
    assert meta.client.waba(ending["waba_id"], token=credential.open_token()).waba_id == ending["waba_id"]
    assert (onboarding.client, onboarding.attempt, onboarding.waba) == (alices_client, attempt, None)
    assert onboarding.credential == credential
    assert onboarding.due_at is not None
    assert onboarding.due_at <= timezone.now()
    assert SignupAttempt.objects.get().credential == credential
    assert wakes == [1]


def test_the_onboarding_has_one_step_of_each_kind_and_access_is_done(meta: Practice, attempt: SignupAttempt) -> None:
    ending = signed_up(meta)

    onboarding = exchange.finish(attempt=attempt, code=ending["code"])

    states = {step.kind: step.state for step in onboarding.steps.all()}
    assert states == dict.fromkeys(StepKind, StepState.WAITING) | {StepKind.ACCESS: StepState.DONE}
    access = onboarding.steps.get(kind=StepKind.ACCESS)
    assert access.details["waba_ids"] == [ending["waba_id"]]
    assert "whatsapp_business_management" in access.details["scopes"]


def test_a_token_that_ends_keeps_its_date(meta: Practice, attempt: SignupAttempt) -> None:
    exchange.finish(attempt=attempt, code=signed_up(meta, expires="60_days")["code"])

    ends = Credential.objects.get().expires_at
    assert ends is not None
    assert abs(ends - timezone.now() - datetime.timedelta(days=60)) < datetime.timedelta(minutes=1)


def test_a_signup_that_was_said_to_be_lost_is_finished_when_its_code_comes_after_all(
    meta: Practice, attempt: SignupAttempt
) -> None:
    ending = signed_up(meta)
    signups.note_message(attempt=attempt, message=ending["message"])
    signups.mark_lost(timezone.now() + datetime.timedelta(minutes=5))

    exchange.finish(attempt=attempt, code=ending["code"])

    assert SignupAttempt.objects.get().state == AttemptState.STARTED


def test_a_waba_id_that_was_swapped_in_the_browser_stays_a_hint(meta: Practice, attempt: SignupAttempt) -> None:
    ending = signed_up(meta)
    message = {**ending["message"], "data": {**ending["message"]["data"], "waba_id": "1234567890"}}
    signups.note_message(attempt=attempt, message=message)

    onboarding = exchange.finish(attempt=attempt, code=ending["code"])

    assert onboarding.waba is None
    assert onboarding.steps.get(kind=StepKind.ACCESS).details["waba_ids"] == [ending["waba_id"]]


# --- Codes ------------------------------------------------------------------------------------------------------------


def test_the_same_code_on_the_same_attempt_does_not_reach_meta_again(meta: Practice, attempt: SignupAttempt) -> None:
    code = signed_up(meta)["code"]
    exchange.finish(attempt=attempt, code=code)

    with pytest.raises(exchange.SignupRefusedError) as refusal:
        exchange.finish(attempt=SignupAttempt.objects.get(), code=code)

    assert refusal.value.kind == "used"
    assert len(meta.calls("oauth/access_token")) == 1
    assert (Credential.objects.count(), Onboarding.objects.count()) == (1, 1)
    assert SignupAttempt.objects.get().state == AttemptState.STARTED


def test_the_same_code_on_another_attempt_is_refused_by_meta(
    meta: Practice, attempt: SignupAttempt, link: SignupLink
) -> None:
    code = signed_up(meta)["code"]
    exchange.finish(attempt=attempt, code=code)
    second, _state = signups.begin(link=link, browser=BROWSER)

    with pytest.raises(exchange.SignupRefusedError) as refusal:
        exchange.finish(attempt=second, code=code)

    assert refusal.value.kind == "code_used"
    second.refresh_from_db()
    assert (second.state, second.refusal) == (AttemptState.FAILED, "code_used")
    assert (second.code, second.subcode) == (100, 36009)
    assert (Credential.objects.count(), Onboarding.objects.count()) == (1, 1)


def test_a_code_after_thirty_seconds_is_refused_and_a_fresh_try_works(
    meta: Practice, attempt: SignupAttempt, link: SignupLink
) -> None:
    code = signed_up(meta)["code"]
    meta.control("POST", "clock", {"advance_seconds": 31})

    assert refused(attempt, code) == "code_expired"
    assert (attempt.state, attempt.subcode) == (AttemptState.FAILED, 36007)

    again, _state = signups.begin(link=link, browser=BROWSER)
    assert again != attempt
    assert exchange.finish(attempt=again, code=signed_up(meta)["code"]).attempt == again


@pytest.mark.parametrize("code", ["", " ", "two words", "line\nbreak", "\0", "\ud800", "ü", "x" * 4001])
def test_what_can_be_no_code_reaches_nobody_and_leaves_the_state_unused(
    scripted: ScriptedGraph, attempt: SignupAttempt, code: str
) -> None:
    assert refused(attempt, code) == "no_code"

    assert scripted.requests == []
    assert attempt.state_used_at is None


def test_an_invented_code_is_refused_with_metas_words_on_the_row(meta: Practice, attempt: SignupAttempt) -> None:
    assert refused(attempt) == "no_token"

    assert (attempt.state, attempt.code) == (AttemptState.FAILED, 100)
    assert attempt.message


@pytest.mark.django_db(transaction=True)
def test_of_two_parallel_calls_with_one_code_one_reaches_meta(scripted: ScriptedGraph) -> None:
    attempt = make_attempt()
    together = threading.Barrier(2)
    outcomes: list[str] = []
    scripted.script_path(EXCHANGE, GRANTED)
    scripted.script_path(DEBUG, facts())

    def finish() -> None:
        mine = SignupAttempt.objects.get()
        together.wait(10)
        try:
            exchange.finish(attempt=mine, code=CODE)
            outcomes.append("done")
        except exchange.SignupRefusedError as refusal:
            outcomes.append(refusal.kind)
        finally:
            connection.close()

    threads = [threading.Thread(target=finish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["done", "used"]
    assert [request.path for request in scripted.requests] == [EXCHANGE, DEBUG]
    assert (Credential.objects.count(), Onboarding.objects.count()) == (1, 1)
    assert SignupAttempt.objects.get().pk == attempt.pk


# --- Tokens that are not for us ---------------------------------------------------------------------------------------


def test_of_a_token_of_another_app_only_the_attempt_tells(
    meta: Practice, attempt: SignupAttempt, wakes: list[int]
) -> None:
    assert refused(attempt, signed_up(meta, token_app="foreign")["code"]) == "other_app"

    assert (attempt.state, attempt.refusal) == (AttemptState.REFUSED, "other_app")
    assert attempt.credential is None
    assert wakes == []


def test_a_token_whose_app_meta_does_not_tell_is_not_taken_for_ours(
    scripted: ScriptedGraph, attempt: SignupAttempt
) -> None:
    scripted.script(GRANTED, facts(app_id=""))

    assert refused(attempt) == "other_app"


def test_a_token_that_meta_calls_invalid_is_not_kept(scripted: ScriptedGraph, attempt: SignupAttempt) -> None:
    scripted.script(GRANTED, answer({"data": {"is_valid": False, "error": {"code": 190, "message": "Gone."}}}))

    assert refused(attempt) == "token_invalid"
    assert attempt.state == AttemptState.FAILED


# --- Answers that are lost --------------------------------------------------------------------------------------------

LOST: dict[str, Callable[[], Answer]] = {
    "a server error": lambda: answer({}, status=500),
    "a transient error": lambda: graph_error(2, status=500),
    "a closed connection": hang_up,
    "a broken connection": reset,
    "half an answer": lambda: truncated(b'{"access_token": "EAAhalf', promised=200),
    "silence": lambda: silence(20),
    "no token in it": lambda: answer({"token_type": "bearer"}),
    "something else": lambda: answer([]),
}


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


# --- Settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"META_APP_ID": ""},
        {"META_APP_SECRET": ""},
        {"META_APP_ID": "our app"},
        {"META_APP_SECRET": "with blanks in it"},
        {"GRAPH_API_URL": "ftp://graph.example"},
    ],
)
def test_a_desk_that_is_not_set_up_says_so(
    wrong: dict[str, str], scripted: ScriptedGraph, attempt: SignupAttempt, settings: Settings
) -> None:
    for name, value in wrong.items():
        setattr(settings, name, value)

    assert refused(attempt) == "not_configured"
    assert scripted.requests == []


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


def test_a_link_of_another_client_keeps_its_attempts_to_itself(
    meta: Practice, attempt: SignupAttempt, alices_client: Client
) -> None:
    other = make_signup_link()

    exchange.finish(attempt=attempt, code=signed_up(meta)["code"])

    assert not other.client.onboardings.exists()
    assert Onboarding.objects.get().client == alices_client
