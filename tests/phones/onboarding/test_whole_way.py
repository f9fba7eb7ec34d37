"""From the code of a finished signup to what stands on the desk, over the practice server's socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from clients.choices import AttemptState, CredentialKind, WabaOrigin
from clients.clients import merge_clients
from clients.models import Client, Credential, Portfolio, SignupAttempt, SignupLink, User, Waba
from phones import tasks
from phones.choices import PinState, StepKind
from phones.models import Action, Onboarding, PhoneNumber, Pin
from phones.numbers.lifecycle import Stage
from phones.onboarding import accounts, run
from tests.factories import make_client
from tests.phones.acting import number_page
from tests.phones.onboarding.signing_up import (
    ALL_DONE,
    finish_signup,
    long_ago,
    posts,
    states,
    step,
    the_number,
    work,
)
from tests.practice import Practice

SignUp = Callable[..., Onboarding]


def test_a_finished_signup_becomes_a_registered_number_that_nobody_touched(
    app: Practice, sign_up: SignUp, settings: Settings, baker: Client
) -> None:
    settings.META_EXTENDED_CREDIT_ID = app.credentials.extended_credit_id
    onboarding = work(sign_up(display_name="Harbor Bakery"))

    assert states(onboarding) == {**ALL_DONE, "credit_line": "done"}
    assert onboarding.finished_at is not None
    assert onboarding.due_at is None
    assert onboarding.lease_token is None
    number = the_number(onboarding)
    assert (number.stage, number.status, number.platform_type) == (Stage.REGISTERED, "CONNECTED", "CLOUD_API")
    assert number.signup_at is not None
    waba = number.waba
    assert (waba.client, waba.origin, waba.last_failure) == (baker, WabaOrigin.SIGNUP, None)
    assert waba.credential is not None
    assert waba.credential.kind == CredentialKind.BUSINESS
    assert Portfolio.objects.get(business_id=waba.owner_business_id).client == baker
    assert posts(app) == ["subscribed_apps", "whatsapp_credit_sharing_and_attach", "register"]
    pin = Pin.objects.get(number=number)
    assert (pin.state, pin.generated, pin.created_by) == (PinState.CONFIRMED, True, None)
    assert SignupAttempt.objects.get().state == AttemptState.FINISHED


def test_the_history_says_that_the_clients_signup_registered_it(sign_up: SignUp, browser: Browser) -> None:
    number = the_number(work(sign_up()))
    page = number_page(browser, number)
    assert "by the client’s signup" in page
    assert Action.objects.get(number=number).requested_by is None


def test_the_work_is_done_by_the_task_that_finds_what_is_due(sign_up: SignUp) -> None:
    onboarding = sign_up()
    tasks.onboard()
    onboarding.refresh_from_db()
    assert onboarding.finished_at is not None


def test_a_finished_onboarding_is_not_worked_on_again(app: Practice, sign_up: SignUp) -> None:
    onboarding = work(sign_up())
    app.control("POST", "log/clear")
    assert run.work(seconds=5) == 0
    assert work(onboarding).finished_at is not None
    assert app.calls() == []


def test_without_a_credit_line_none_is_shared(app: Practice, sign_up: SignUp) -> None:
    onboarding = work(sign_up())
    assert step(onboarding, StepKind.CREDIT_LINE).state == "not_needed"
    assert "whatsapp_credit_sharing_and_attach" not in posts(app)


def test_a_waba_that_hears_us_already_is_not_subscribed_again(app: Practice, link: SignupLink, baker: Client) -> None:
    first = work(finish_signup(app, link))
    assert first.waba is not None
    second = work(finish_signup(app, link, waba=first.waba.waba_id))
    assert second.waba == first.waba
    assert posts(app) == ["register"]


def test_a_credit_line_is_shared_once_for_each_account(app: Practice, link: SignupLink, settings: Settings) -> None:
    settings.META_EXTENDED_CREDIT_ID = app.credentials.extended_credit_id
    first = work(finish_signup(app, link))
    assert first.waba is not None
    second = work(finish_signup(app, link, waba=first.waba.waba_id))
    assert step(second, StepKind.CREDIT_LINE).state == "not_needed"
    assert "whatsapp_credit_sharing_and_attach" not in posts(app)


# --- Whose account it is ----------------------------------------------------------------------------------------------


def test_a_second_number_on_the_clients_own_account_leaves_the_first_alone(app: Practice, link: SignupLink) -> None:
    first = work(finish_signup(app, link))
    assert first.waba is not None
    long_ago(app, the_number(first))
    second = work(finish_signup(app, link, waba=first.waba.waba_id))
    assert states(second) == ALL_DONE
    assert the_number(second) != the_number(first)
    assert PhoneNumber.objects.filter(waba=first.waba, stage=Stage.REGISTERED).count() == 2


def test_an_account_that_our_own_token_reads_keeps_being_read_with_it(
    app: Practice, sign_up: SignUp, baker: Client
) -> None:
    waba_id = app.wabas()[0]["id"]
    app.sync()
    waba = Waba.objects.get(waba_id=waba_id)
    Waba.objects.filter(pk=waba.pk).update(client=baker)
    Portfolio.objects.filter(business_id=waba.owner_business_id).update(client=baker)
    onboarding = work(sign_up(waba=waba_id))
    waba.refresh_from_db()
    assert onboarding.waba == waba
    assert waba.credential is not None
    assert waba.credential.kind == CredentialKind.SYSTEM_USER
    assert onboarding.finished_at is not None


def test_a_dead_token_of_ours_gives_way_to_the_clients(app: Practice, sign_up: SignUp, baker: Client) -> None:
    waba_id = app.wabas()[0]["id"]
    app.sync()
    waba = Waba.objects.get(waba_id=waba_id)
    Waba.objects.filter(pk=waba.pk).update(client=baker)
    Portfolio.objects.filter(business_id=waba.owner_business_id).update(client=baker)
    Credential.objects.update(state="dead")
    onboarding = work(sign_up(waba=waba_id))
    waba.refresh_from_db()
    assert waba.credential == onboarding.credential


def test_an_account_of_another_client_is_refused_and_nothing_of_theirs_is_touched(
    app: Practice, sign_up: SignUp
) -> None:
    app.sync()
    theirs = Waba.objects.order_by("pk").first()
    assert theirs is not None
    before = Waba.objects.filter(pk=theirs.pk).values().get()
    numbers = list(PhoneNumber.objects.filter(waba=theirs).values())
    portfolio = Portfolio.objects.filter(business_id=theirs.owner_business_id).values().get()

    onboarding = work(sign_up(waba=theirs.waba_id))

    assert step(onboarding, StepKind.ACCOUNT).error_kind == "other_client"
    assert onboarding.waba is None
    assert onboarding.dismissed_at is not None
    assert onboarding.credential is None
    attempt = SignupAttempt.objects.get()
    assert (attempt.state, attempt.refusal) == (AttemptState.REFUSED, "other_client")
    assert Waba.objects.filter(pk=theirs.pk).values().get() == before
    assert list(PhoneNumber.objects.filter(waba=theirs).values()) == numbers
    assert Portfolio.objects.filter(business_id=theirs.owner_business_id).values().get() == portfolio
    assert not Credential.objects.filter(kind=CredentialKind.BUSINESS).exists()
    assert posts(app) == []


def test_a_new_account_in_another_clients_portfolio_is_refused_too(app: Practice, sign_up: SignUp) -> None:
    app.sync()
    theirs = Portfolio.objects.order_by("pk").first()
    assert theirs is not None
    onboarding = work(sign_up(business=theirs.business_id))
    assert step(onboarding, StepKind.ACCOUNT).error_kind == "other_client"
    assert SignupAttempt.objects.get().state == AttemptState.REFUSED
    assert Waba.objects.filter(origin=WabaOrigin.SIGNUP).count() == 0


def test_discovery_that_was_faster_hands_the_account_over(app: Practice, link: SignupLink, baker: Client) -> None:
    onboarding = finish_signup(app, link, business_name="Harbor Bakery")
    app.sync()
    said = onboarding.attempt and onboarding.attempt.said_waba_id
    found = Waba.objects.get(waba_id=said)
    assert found.client != baker

    onboarding = work(onboarding)

    found.refresh_from_db()
    assert found.client == baker
    assert Portfolio.objects.get(business_id=found.owner_business_id).client == baker
    assert Client.objects.filter(name="Harbor Bakery").count() == 1
    assert states(onboarding)["registration"] == "done"


def test_an_account_found_meanwhile_that_somebody_looks_after_by_now_is_refused(
    app: Practice, link: SignupLink, baker: Client
) -> None:
    onboarding = finish_signup(app, link)
    app.sync()
    said = onboarding.attempt and onboarding.attempt.said_waba_id
    found = Waba.objects.get(waba_id=said)
    Client.objects.filter(pk=found.client_id).update(owner=baker.owner)
    work(onboarding)
    found.refresh_from_db()
    assert found.client != baker
    assert SignupAttempt.objects.get().state == AttemptState.REFUSED


def test_a_merge_while_meta_is_asked_does_not_make_the_account_another_clients(
    app: Practice, link: SignupLink, baker: Client, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = work(finish_signup(app, link))
    assert first.waba is not None
    onboarding = finish_signup(app, link, waba=first.waba.waba_id)
    kept, asked = make_client(owner=lead), accounts.opened_by

    def merge_meanwhile(*given: Any, **named: Any) -> Any:
        found = asked(*given, **named)
        merge_clients(keep=kept, absorb=[baker], actor=lead)
        return found

    monkeypatch.setattr(accounts, "opened_by", merge_meanwhile)
    onboarding = work(onboarding)

    assert states(onboarding) == ALL_DONE
    assert onboarding.client == kept
    assert onboarding.waba is not None
    assert onboarding.waba.client == kept


# --- Which account, when the page says little or lies -----------------------------------------------------------------


def test_an_account_id_swapped_in_the_browser_counts_for_nothing(app: Practice, sign_up: SignUp) -> None:
    other = app.wabas()[0]["id"]
    onboarding = sign_up()
    told = SignupAttempt.objects.get().said_waba_id
    SignupAttempt.objects.update(said_waba_id=other)
    onboarding = work(onboarding)
    assert onboarding.waba is not None
    assert onboarding.waba.waba_id == told
    assert not Waba.objects.filter(waba_id=other).exists()


def test_without_metas_message_the_newest_account_of_the_token_is_taken(app: Practice, sign_up: SignUp) -> None:
    onboarding = work(sign_up(outcome="lost_message"))
    assert SignupAttempt.objects.get().said_waba_id == ""
    assert states(onboarding) == ALL_DONE


@pytest.mark.parametrize("outcome", ["finish", "lost_message"])
def test_a_token_that_names_no_account_is_tried_on_what_meta_lists(
    app: Practice, sign_up: SignUp, outcome: str
) -> None:
    onboarding = work(sign_up(outcome=outcome, targets="absent"))
    assert states(onboarding) == ALL_DONE


def test_a_swapped_id_with_a_token_that_names_no_account_opens_nothing_foreign(app: Practice, sign_up: SignUp) -> None:
    onboarding = sign_up(targets="absent")
    told = SignupAttempt.objects.get().said_waba_id
    SignupAttempt.objects.update(said_waba_id=app.wabas()[0]["id"])
    onboarding = work(onboarding)
    assert onboarding.waba is not None
    assert onboarding.waba.waba_id == told
