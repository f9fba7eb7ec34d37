"""How the tests go through a signup and an onboarding, and what Meta saw of it.

No fixtures here: they stand in `conftest.py`.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone

from clients import signups
from clients.models import SignupAttempt, SignupLink
from phones.choices import StepKind
from phones.models import Onboarding, OnboardingStep, PhoneNumber
from phones.onboarding import exchange, run
from tests.practice import Practice


def start_signup(link: SignupLink) -> SignupAttempt:
    """The attempt of a browser of its own, with Meta's dialog open."""
    browser = uuid.uuid4().hex
    attempt, state = signups.begin(link=link, browser=browser)
    signups.note_started(attempt=attempt)
    return signups.attempt_of(link=link, state=state, browser=browser)


def finish_signup(practice: Practice, link: SignupLink, **choices: Any) -> Onboarding:
    """Through Meta's dialog and back with its code and message."""
    attempt = start_signup(link)
    ending = practice.control("POST", "signups", choices)
    if ending["message"] is not None:
        signups.note_message(attempt=attempt, message=ending["message"])
    onboarding = exchange.finish(attempt=attempt, code=ending["code"])
    practice.control("POST", "log/clear")
    return onboarding


def work(onboarding: Onboarding) -> Onboarding:
    """One worker's turn on what is due of it; the onboarding as it stands then."""
    run.work(seconds=10, onboarding=onboarding)
    return Onboarding.objects.get(pk=onboarding.pk)


def later(onboarding: Onboarding) -> None:
    """Let the pauses and the lease of an onboarding be over."""
    past = timezone.now() - timedelta(seconds=1)
    OnboardingStep.objects.filter(onboarding=onboarding, retry_at__isnull=False).update(retry_at=past)
    Onboarding.objects.filter(pk=onboarding.pk, lease_until__isnull=False).update(lease_until=past)
    Onboarding.objects.filter(pk=onboarding.pk, due_at__isnull=False).update(due_at=past)


def long_ago(practice: Practice, number: PhoneNumber) -> None:
    """Let the number have been onboarded days ago, at Meta."""
    moment = timezone.now() - timedelta(days=9)
    practice.change(number.phone_number_id, last_onboarded_time=moment.strftime("%Y-%m-%dT%H:%M:%S+0000"))


def states(onboarding: Onboarding) -> dict[str, str]:
    """The state of every step by kind; of several registrations, the last one's."""
    return dict(onboarding.steps.values_list("kind", "state"))


def step(onboarding: Onboarding, kind: StepKind) -> OnboardingStep:
    """The one step of that kind."""
    return onboarding.steps.get(kind=kind)


def the_number(onboarding: Onboarding) -> PhoneNumber:
    """The one number of the onboarding."""
    number = step(onboarding, StepKind.REGISTRATION).number
    assert number is not None
    return number


def posts(practice: Practice) -> list[str]:
    """The last parts of the addresses of everything that changed Meta, in order."""
    return [call["path"].rpartition("/")[2] for call in practice.calls() if call["method"] == "POST"]


ALL_DONE = {
    "access": "done",
    "account": "done",
    "subscription": "done",
    "credit_line": "not_needed",
    "numbers": "done",
    "registration": "done",
}
