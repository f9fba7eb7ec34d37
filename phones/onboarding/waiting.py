"""Signups that wait for somebody: a person of ours, or the client. Reads only."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from clients.models import SignupAttempt, User
from phones.choices import StepState
from phones.models import Onboarding, OnboardingStep
from phones.onboarding import claiming

# What goes no further by itself. An unknown outcome that is looked at again does.
STUCK = Q(state=StepState.FAILED) | Q(state=StepState.UNKNOWN, retry_at=None)
CLIENTS_TURN = Q(state=StepState.CLIENT)


def left_attempts(user: User) -> QuerySet[SignupAttempt]:
    """Attempts that a person has to look at, newest first."""
    return claiming.left_to_staff().visible_to(user).order_by("-pk")


def stuck_onboardings(user: User) -> QuerySet[Onboarding]:
    return _with_step(user, STUCK)


def waiting_onboardings(user: User) -> QuerySet[Onboarding]:
    """Onboardings that wait for the client, and are not stuck besides."""
    return _with_step(user, CLIENTS_TURN).exclude(_has_step(STUCK))


def _with_step(user: User, condition: Q) -> QuerySet[Onboarding]:
    return Onboarding.objects.visible_to(user).unfinished().filter(_has_step(condition)).order_by("-pk")


def _has_step(condition: Q) -> Exists:
    return Exists(OnboardingStep.objects.filter(condition, onboarding=OuterRef("pk")))
