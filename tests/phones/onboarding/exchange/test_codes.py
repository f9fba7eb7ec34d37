"""The code of a signup becomes a token once, at once, and only a token that is for us is kept."""

import datetime
import threading

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from clients import signups
from clients.choices import AttemptState, CredentialKind, CredentialState
from clients.models import Client, Credential, SignupAttempt, SignupLink
from phones.choices import StepKind, StepState
from phones.models import Onboarding
from phones.onboarding import exchange
from tests.factories import make_attempt, make_signup_link
from tests.phones.onboarding.exchange.exchanging import (
    BROWSER,
    CODE,
    DEBUG,
    EXCHANGE,
    GRANTED,
    facts,
    refused,
    signed_up,
)
from tests.practice import Practice
from tests.scripted_graph import ScriptedGraph, answer

pytestmark = pytest.mark.django_db


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


def test_a_link_of_another_client_keeps_its_attempts_to_itself(
    meta: Practice, attempt: SignupAttempt, alices_client: Client
) -> None:
    other = make_signup_link()

    exchange.finish(attempt=attempt, code=signed_up(meta)["code"])

    assert not other.client.onboardings.exists()
    assert Onboarding.objects.get().client == alices_client


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
