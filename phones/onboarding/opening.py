"""Makes the row of an onboarding with its steps. What becomes of them is for `steps` and `run`."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from clients.models import Client, Credential, SignupAttempt, Waba
from phones.choices import StepKind, StepState
from phones.models import Onboarding, OnboardingStep


@transaction.atomic
def open_onboarding(
    *,
    client: Client,
    attempt: SignupAttempt,
    credential: Credential,
    waba: Waba | None = None,
    access_known: bool = False,
    access_details: Mapping[str, object] | None = None,
) -> Onboarding:
    """An onboarding that is due now, with one step of each kind.

    The registration's step names no number: which ones there are is not known yet. ACCESS is done already when Meta
    has told what the token is (`access_known`); what it told goes to its `details`, and no secret is among that.
    """
    now = timezone.now()
    onboarding = Onboarding.objects.create(
        client=client, attempt=attempt, credential=credential, waba=waba, created_at=now, due_at=now
    )
    steps = [OnboardingStep(onboarding=onboarding, kind=kind) for kind in StepKind]
    access = steps[0]
    access.details = dict(access_details or {})
    if access_known:
        access.state, access.started_at, access.finished_at = StepState.DONE, now, now
    OnboardingStep.objects.bulk_create(steps)
    return onboarding
