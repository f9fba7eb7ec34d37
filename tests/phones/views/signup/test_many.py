"""What is done for several signups at once, from their list."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client, SignupLink, User
from phones.choices import StepKind, StepState
from phones.models import Onboarding, OnboardingStep
from tests.conftest import SignIn
from tests.factories import make_attempt, make_signup_link
from tests.phones.reading import shown_to, text_of

pytestmark = pytest.mark.django_db


def test_the_links_of_the_ticked_signups_are_revoked_once_they_were_shown(
    manager: Browser, account_manager: User, alices_client: Client, foreign_client: Client
) -> None:
    mine, foreign = make_signup_link(alices_client), make_signup_link(foreign_client)
    closed = make_signup_link(alices_client, revoked_at=timezone.now())
    ticked = {"ids": [make_attempt(link).pk for link in (mine, mine, foreign, closed)]}

    page = text_of(manager.post("/signup/attempts/revoke/", ticked))
    later = make_signup_link(alices_client)

    assert "Revoke 1 link<" in page
    assert not SignupLink.objects.filter(revoked_at__gt=closed.revoked_at).exists()
    shown = {"links": [*re.findall(r'name="links" value="(\d+)"', page), foreign.pk, "x"]}
    done = text_of(manager.post("/signup/attempts/revoke/", {**shown, "step": "confirm"}, follow=True))
    assert "1 link revoked." in done
    assert set(SignupLink.objects.open()) == {foreign, later}
    assert LogEntry.objects.get(change_message="Revoked.").object_id == str(mine.pk)
    again = text_of(manager.post("/signup/attempts/revoke/", {"ids": ticked["ids"]}, follow=True))
    assert "None of these signups has a link that is open" in again


def test_failed_steps_of_the_ticked_signups_are_tried_again_and_no_others(
    manager: Browser, alices_client: Client, foreign_client: Client
) -> None:
    def stopped(client: Client, state: StepState) -> OnboardingStep:
        attempt = make_attempt(make_signup_link(client))
        onboarding = Onboarding.objects.create(client=client, attempt=attempt, created_at=timezone.now())
        step: OnboardingStep = onboarding.steps.create(kind=StepKind.SUBSCRIPTION, state=state)
        return step

    failed, waits = stopped(alices_client, StepState.FAILED), stopped(alices_client, StepState.CLIENT)
    foreign = stopped(foreign_client, StepState.FAILED)
    stopped(alices_client, StepState.FAILED)
    ticked = {"ids": [step.onboarding.attempt_id for step in (failed, waits, foreign)]}

    answer = text_of(manager.post("/signup/attempts/retry/", ticked, follow=True))

    assert "1 step tried again now." in answer
    states = [OnboardingStep.objects.get(pk=step.pk).state for step in (failed, waits, foreign)]
    assert states == [StepState.WAITING, StepState.CLIENT, StepState.FAILED]
    assert OnboardingStep.objects.filter(state=StepState.FAILED).count() == 2
    assert "None of these signups" in text_of(manager.post("/signup/attempts/retry/", ticked, follow=True))
    assert "Choose at least one row" in text_of(manager.post("/signup/attempts/retry/", {}, follow=True))


def test_a_viewer_is_told_why_and_changes_nothing(viewer: User, viewed_client: Client, sign_in: SignIn) -> None:
    attempt = make_attempt(make_signup_link(viewed_client))
    page = shown_to(viewer, "/signup/", sign_in)

    assert "/signup/attempts/revoke/" not in page
    assert re.search(r'aria-disabled="true"[^>]*>\s*Revoke links…', page)
    for what in ("revoke", "retry"):
        assert sign_in(viewer).post(f"/signup/attempts/{what}/", {"ids": attempt.pk}).status_code == 403
