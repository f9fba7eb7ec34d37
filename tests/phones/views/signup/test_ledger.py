"""Signups as managers see them: the ledger, and one attempt's story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.choices import AttemptState, WabaOrigin
from clients.models import Client, SignupAttempt, User, Waba
from phones.choices import StepKind, StepState
from phones.models import Onboarding
from phones.views.signup import ledger
from tests.factories import make_attempt, make_client, make_signup_link, make_waba
from tests.phones.reading import text_of

pytestmark = pytest.mark.django_db


# --- The ledger -------------------------------------------------------------------------------------------------------


def test_the_ledger_shows_what_is_left_to_a_person_first(manager: Browser, alices_client: Client) -> None:
    link = make_signup_link(alices_client)
    make_attempt(link, state=AttemptState.FINISHED)
    lost = make_attempt(make_signup_link(alices_client), state=AttemptState.LOST)
    page = text_of(manager.get(reverse("signup:ledger")))

    assert page.index("Left to a person") < page.index("Done at Meta, never reached us") < page.index("Finished")
    filtered = manager.get(reverse("signup:ledger"), {"state": "lost"}).content.decode()
    assert f"/signup/attempts/{lost.pk}/" in filtered
    assert text_of(manager.get(reverse("signup:ledger"), {"state": "nonsense"})).count("No signup fits") == 1


def test_the_newest_that_are_left_are_shown_and_that_there_are_earlier_ones_is_said(
    manager: Browser, alices_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "MOST_SHOWN", 1)
    link = make_signup_link(alices_client)
    make_attempt(link, state=AttemptState.LOST)
    alone = text_of(manager.get(reverse("signup:ledger")))
    make_attempt(link, state=AttemptState.LOST)
    one_of_two = text_of(manager.get(reverse("signup:ledger")))

    assert "Left to a person" in alone
    assert "Earlier ones show up here" not in alone
    assert one_of_two.count("Done at Meta, never reached us") == alone.count("Done at Meta, never reached us") + 1
    assert "The newest. Earlier ones show up here as these are settled." in one_of_two


def test_the_desk_tells_of_signups_that_are_left(manager: Browser, alices_client: Client) -> None:
    make_attempt(make_signup_link(alices_client), state=AttemptState.REFUSED, refusal="other_client")
    for state, kind in ((StepState.FAILED, StepKind.SUBSCRIPTION), (StepState.CLIENT, StepKind.REGISTRATION)):
        onboarding = Onboarding.objects.create(client=alices_client, created_at=timezone.now())
        onboarding.steps.create(kind=kind, state=state)
    page = text_of(manager.get("/"))

    for words in ("Signups to look at", "Onboardings stopped", "Onboardings waiting for the client"):
        assert words in page


def test_the_ledger_pages_by_its_keys(manager: Browser, alices_client: Client) -> None:
    link = make_signup_link(alices_client)
    rows = [make_attempt(link, state=AttemptState.OPENED) for _ in range(45)]
    first = manager.get(reverse("signup:ledger"))
    assert f"/attempts/{rows[-1].pk}/" in first.content.decode()
    older = str(first.context["list"].next)
    assert older == f"/signup/?before={rows[5].pk}"
    second = manager.get(older).content.decode()
    assert f"/attempts/{rows[0].pk}/" in second
    assert f"/attempts/{rows[-1].pk}/" not in second


def test_the_number_of_statements_does_not_grow_with_the_ledger(
    manager: Browser, alices_client: Client, django_assert_max_num_queries: Any
) -> None:
    for state in (AttemptState.LOST, AttemptState.OPENED) * 10:
        attempt = make_attempt(make_signup_link(alices_client), state=state)
        onboarding = Onboarding.objects.create(client=alices_client, attempt=attempt, created_at=timezone.now())
        onboarding.steps.create(kind=StepKind.SUBSCRIPTION, state=StepState.FAILED, error_kind="not_done")

    with django_assert_max_num_queries(20):
        manager.get(reverse("signup:ledger"))


# --- One attempt ------------------------------------------------------------------------------------------------------


def test_an_attempt_tells_its_story_and_marks_what_a_browser_said(manager: Browser, alices_client: Client) -> None:
    attempt = make_attempt(
        make_signup_link(alices_client, created_by=alices_client.owner),
        state=AttemptState.ERROR,
        said_event="CANCEL",
        said_step="PHONE_NUMBER_SETUP",
        said_error="<script>alert(1)</script>",
        said_session_id="session-77",
        ended_at=timezone.now(),
    )
    answer = manager.get(reverse("signup:attempt", args=[attempt.pk]))
    page = text_of(answer)

    for words in ("Link made", "Page opened", "Meta’s dialog opened", "The dialog reported an error"):
        assert words in page
    assert "the browser says" in page
    assert 'data-copy="session-77"' in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_an_attempt_whose_code_came_is_not_said_to_be_in_metas_dialog(
    browser: Browser, sign_up: Callable[..., Onboarding]
) -> None:
    attempt = sign_up().attempt
    assert attempt is not None
    assert attempt.state == AttemptState.STARTED

    page = text_of(browser.get(reverse("signup:attempt", args=[attempt.pk])))
    assert "Code received" in page
    assert "In Meta’s dialog" not in page


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("other_client", "belongs to another client"),
        ("other_app", "another app"),
        ("code_expired", "came too late"),
        ("code_foreign", "META_APP_ID"),
        ("interrupted", "The desk was interrupted"),
        ("link_closed", "The link was closed meanwhile"),
        ("something_new", "something_new"),
    ],
)
def test_a_refusal_is_in_words(manager: Browser, alices_client: Client, refusal: str, words: str) -> None:
    attempt = make_attempt(make_signup_link(alices_client), state=AttemptState.REFUSED, refusal=refusal)

    assert words in text_of(manager.get(reverse("signup:attempt", args=[attempt.pk])))


def test_what_is_left_is_set_aside(manager: Browser, alices_client: Client, account_manager: User) -> None:
    attempt = make_attempt(make_signup_link(alices_client), state=AttemptState.REFUSED, refusal="other_app")
    manager.post(reverse("signup:set-aside", args=[attempt.pk]))

    attempt.refresh_from_db()
    assert attempt.handled_by == account_manager
    assert "Left to a person" not in text_of(manager.get(reverse("signup:ledger")))


@pytest.fixture
def lost(alices_client: Client) -> tuple[SignupAttempt, Waba]:
    """A signup that never reached us, and the WABA that discovery found of it."""
    past = timezone.now() - timedelta(minutes=10)
    waba = make_waba(make_client("Found at Meta"), origin=WabaOrigin.CLIENT_EDGE)
    attempt = make_attempt(
        make_signup_link(alices_client),
        state=AttemptState.LOST,
        said_event="FINISH",
        said_waba_id=waba.waba_id,
        created_at=past,
        opened_at=past,
        started_at=past,
        ended_at=timezone.now(),
    )
    return attempt, waba


def test_a_lead_claims_the_account_that_came_of_a_lost_signup(
    browser: Browser, lost: tuple[SignupAttempt, Waba], alices_client: Client
) -> None:
    attempt, waba = lost
    address = reverse("signup:attempt", args=[attempt.pk])
    assert "The browser named this one." in text_of(browser.get(address))
    answer = browser.post(reverse("signup:claim", args=[attempt.pk]), {"waba": waba.pk})

    onboarding = Onboarding.objects.get(attempt=attempt)
    assert answer["Location"] == reverse("signup:onboarding", args=[onboarding.pk])
    waba.refresh_from_db()
    assert waba.client == alices_client
    assert "Accounts that may have come of it" not in text_of(browser.get(address))


def test_a_manager_sees_that_a_lead_can_claim_and_no_other_clients_account(
    manager: Browser, lost: tuple[SignupAttempt, Waba]
) -> None:
    attempt, waba = lost
    page = text_of(manager.get(reverse("signup:attempt", args=[attempt.pk])))

    assert "a team lead can claim it" in page
    assert waba.client.name not in page


def test_a_waba_that_is_not_offered_is_not_claimed(
    browser: Browser, lost: tuple[SignupAttempt, Waba], foreign_waba: Waba
) -> None:
    attempt, _waba = lost
    for choice in (foreign_waba.pk, "", "x", 10**30):
        answer = browser.post(reverse("signup:claim", args=[attempt.pk]), {"waba": choice})
        assert answer["Location"] == reverse("signup:attempt", args=[attempt.pk])
    assert not Onboarding.objects.exists()
