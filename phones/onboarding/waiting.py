"""Signups that wait for somebody: a person of ours, or the client. Reads only."""

from functools import cache

from django.db.models import Exists, OuterRef, Q, QuerySet

from clients.models import SignupAttempt, User
from phones.choices import StepState
from phones.models import Onboarding, OnboardingStep
from phones.onboarding import claiming
from phones.querysets import OnboardingQuerySet

# What goes no further by itself. An unknown outcome that is looked at again does.
STUCK = Q(state=StepState.FAILED) | Q(state=StepState.UNKNOWN, retry_at=None)
CLIENTS_TURN = Q(state=StepState.CLIENT)


def left_attempts(user: User) -> QuerySet[SignupAttempt]:
    """Attempts that a person has to look at, newest first."""
    return claiming.left_to_staff().visible_to(user).order_by("-pk")


def stuck_onboardings(user: User) -> QuerySet[Onboarding]:
    return _stuck().all().visible_to(user)


def waiting_onboardings(user: User) -> QuerySet[Onboarding]:
    """Onboardings that wait for the client, and are not stuck besides."""
    return _clients_turn().all().visible_to(user)


@cache  # put together once, as every desk asks for them
def _stuck() -> OnboardingQuerySet:
    return Onboarding.objects.unfinished().filter(_has_step(STUCK)).order_by("-pk")


@cache
def _clients_turn() -> OnboardingQuerySet:
    found = Onboarding.objects.unfinished().filter(_has_step(CLIENTS_TURN))
    return found.exclude(_has_step(STUCK)).order_by("-pk")


def _has_step(condition: Q) -> Exists:
    return Exists(OnboardingStep.objects.filter(condition, onboarding=OuterRef("pk")))
