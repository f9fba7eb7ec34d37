"""Signups as managers see them: links, the ledger, one attempt's story, an onboarding's steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients import links
from clients.choices import AttemptState, WabaOrigin
from clients.clients import move_waba
from clients.models import Client, SignupAttempt, SignupLink, StatusLink, User, Waba
from phones.choices import StepKind, StepState
from phones.models import CodeLink, Onboarding, PhoneNumber
from phones.onboarding import run
from tests.conftest import SignIn
from tests.factories import make_attempt, make_client, make_number, make_signup_link, make_waba
from tests.phones.onboarding.signing_up import step, the_number, work
from tests.phones.reading import text_of
from tests.practice import Practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(account_manager: User, sign_in: SignIn) -> Browser:
    """Alice's browser."""
    return sign_in(account_manager)


# --- Links ------------------------------------------------------------------------------------------------------------


def test_a_manager_makes_a_signup_link_and_sees_its_address(
    manager: Browser, alices_client: Client, settings: Settings
) -> None:
    address = reverse("phones:signup-links", args=[alices_client.pk])
    answer = manager.post(address, {"display_name": "Alpha Orders", "lifetime": "7"}, follow=True)

    link = SignupLink.objects.get(client=alices_client)
    assert link.display_name == "Alpha Orders"
    assert timedelta(days=6) < link.expires_at - timezone.now() <= timedelta(days=7)
    shown = f"{settings.PUBLIC_URL}/signup/{links.token_of(link)}/"
    assert f'value="{shown}"' in answer.content.decode()
    again = manager.get(reverse("phones:client", args=[alices_client.pk])).content.decode()
    assert f'data-copy="{shown}"' in again
    assert SignupAttempt.objects.get().state == AttemptState.SENT


def test_a_manager_makes_a_status_link(manager: Browser, alices_client: Client) -> None:
    manager.post(reverse("phones:status-links", args=[alices_client.pk]))

    link = StatusLink.objects.get(client=alices_client)
    page = manager.get(reverse("phones:client", args=[alices_client.pk])).content.decode()
    assert f"/signup/status/{links.token_of(link)}/" in page


@pytest.mark.parametrize("values", [{"display_name": "x" * 200}, {"display_name": "a"}, {"lifetime": "9999"}])
def test_a_wrong_form_makes_no_link_and_says_why(
    manager: Browser, alices_client: Client, values: dict[str, str]
) -> None:
    answer = manager.post(reverse("phones:signup-links", args=[alices_client.pk]), values, follow=True)

    assert "No link was made." in text_of(answer)
    assert not SignupLink.objects.exists()


def test_who_may_only_look_sees_that_there_is_a_link_and_not_where(
    viewed_client: Client, viewer: User, sign_in: SignIn
) -> None:
    link = make_signup_link(viewed_client)
    page = sign_in(viewer).get(reverse("phones:client", args=[viewed_client.pk])).content.decode()

    assert "Signup link" in page
    assert links.token_of(link) not in page
    assert "New signup link" not in page
    assert "Revoke" not in page


def test_a_manager_revokes_a_link(manager: Browser, alices_client: Client, alices_number: PhoneNumber) -> None:
    rows: dict[str, Any] = {
        "signup": make_signup_link(alices_client),
        "status": links.make_status_link(client=alices_client, actor=alices_client.owner),  # type: ignore[arg-type] # Alice
    }
    for kind, row in rows.items():
        answer = manager.post(reverse("signup:revoke", args=[kind, row.pk]))
        assert answer["Location"] == reverse("phones:client", args=[alices_client.pk])
        row.refresh_from_db()
        assert row.revoked_at is not None
    manager.post(reverse("phones:code-links", args=[alices_number.phone_number_id]))
    answer = manager.post(reverse("signup:revoke", args=["code", CodeLink.objects.get().pk]))
    assert answer["Location"] == reverse("phones:number", args=[alices_number.phone_number_id])
    assert manager.post(reverse("signup:revoke", args=["other", 1])).status_code == 404


def test_a_number_that_needs_a_code_offers_a_link_for_it(manager: Browser, alices_waba: Waba) -> None:
    number = make_number(alices_waba, code_verification_status="NOT_VERIFIED", status="PENDING", stage="needs_code")
    address = reverse("phones:number", args=[number.phone_number_id])
    assert "Code link for the client" in text_of(manager.get(address))

    answer = manager.post(reverse("phones:code-links", args=[number.phone_number_id]), follow=True)
    assert f"/signup/code/{links.token_of(CodeLink.objects.get())}/" in answer.content.decode()
    manager.post(reverse("phones:code-links", args=[number.phone_number_id]))
    assert CodeLink.objects.count() == 1


def test_a_number_that_needs_none_offers_none(manager: Browser, alices_number: PhoneNumber) -> None:
    alices_number.stage = "registered"
    alices_number.save()
    page = text_of(manager.get(reverse("phones:number", args=[alices_number.phone_number_id])))

    assert "Code link" not in page


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


# --- One onboarding ---------------------------------------------------------------------------------------------------


def test_a_failed_step_is_explained_and_tried_again(
    browser: Browser, app: Practice, sign_up: Callable[..., Onboarding]
) -> None:
    refusal = {"graph_error": {"code": 200, "message": "Permissions error", "fbtrace_id": "TRACE77"}}
    app.fault({"status": 403, **refusal}, path_contains="/subscribed_apps", method="POST")
    onboarding = work(sign_up())
    address = reverse("signup:onboarding", args=[onboarding.pk])
    page = text_of(browser.get(address))
    assert "Failed" in page
    assert "Permissions error" in page
    assert "TRACE77" in page

    app.heal()
    failed = step(onboarding, StepKind.SUBSCRIPTION)
    browser.post(reverse("signup:retry", args=[onboarding.pk]), {"step": failed.pk})
    work(onboarding)
    assert "Finished" in text_of(browser.get(address))
    again = browser.post(reverse("signup:retry", args=[onboarding.pk]), {"step": failed.pk}, follow=True)
    assert "This onboarding is closed." in text_of(again)


def test_an_onboarding_that_waits_for_the_client_shows_the_code_page_to_send_on(
    browser: Browser, sign_up: Callable[..., Onboarding]
) -> None:
    onboarding = work(sign_up(number="unverified"))
    answer = browser.get(reverse("signup:onboarding", args=[onboarding.pk]))
    link = CodeLink.objects.get(number=the_number(onboarding))

    assert "Waits for the client" in text_of(answer)
    assert f"/signup/code/{links.token_of(link)}/" in answer.content.decode()
    assert "hx-trigger" not in answer.content.decode()


def test_an_onboarding_is_closed_by_hand(browser: Browser, lead: User, sign_up: Callable[..., Onboarding]) -> None:
    onboarding = sign_up()
    assert 'hx-trigger="every 2s"' in browser.get(reverse("signup:onboarding", args=[onboarding.pk])).content.decode()
    browser.post(reverse("signup:dismiss", args=[onboarding.pk]))

    onboarding.refresh_from_db()
    assert onboarding.dismissed_by == lead
    answer = browser.get(reverse("signup:onboarding", args=[onboarding.pk]), headers={"HX-Request": "true"})
    assert text_of(answer).startswith('<div id="onboarding"')
    assert "Try again" not in text_of(answer)


def test_an_onboarding_goes_with_its_account_to_another_client(
    browser: Browser, manager: Browser, account_manager: User, lead: User, sign_up: Callable[..., Onboarding]
) -> None:
    onboarding = work(sign_up(number="unverified"))
    Client.objects.filter(pk=onboarding.client_id).update(owner=account_manager)
    address = reverse("signup:onboarding", args=[onboarding.pk])
    assert "/signup/code/" in manager.get(address).content.decode()
    assert onboarding.waba is not None
    move_waba(waba=onboarding.waba, to=make_client(owner=lead), actor=lead)

    assert "/signup/code/" not in manager.get(address).content.decode()
    waiting = step(onboarding, StepKind.REGISTRATION)
    again = manager.post(reverse("signup:retry", args=[onboarding.pk]), {"step": waiting.pk}, follow=True)
    assert "moved to another client" in text_of(again)
    run.resume_waiting()
    assert manager.get(address).status_code == 404
    assert "/signup/code/" in browser.get(address).content.decode()


def test_a_retry_that_names_no_step_does_nothing(browser: Browser, sign_up: Callable[..., Onboarding]) -> None:
    onboarding = sign_up()
    for value in ("", "x", "0", str(10**30)):
        answer = browser.post(reverse("signup:retry", args=[onboarding.pk]), {"step": value}, follow=True)
        assert "Choose one of the steps." in text_of(answer)
