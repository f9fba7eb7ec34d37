"""Signups and onboardings as rows: in the ledger, and on a client's page."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from clients.choices import AttemptState
from clients.explanations import Explanation
from clients.models import Client, SignupAttempt
from phones.choices import Status, StepKind, StepState, Tone
from phones.models import Onboarding, OnboardingStep
from phones.onboarding import run, words
from phones.onboarding.words import STEP_STATES, status_of

MOST_SHOWN = 25
_HELD = (StepState.FAILED, StepState.UNKNOWN, StepState.CLIENT)


@dataclass(frozen=True, slots=True)
class SignupRow:
    """One attempt in the list, with the onboarding that came of it."""

    attempt: SignupAttempt
    status: Status
    onboarding: Onboarding | None

    @property
    def left_at(self) -> str:
        """The step of Meta's dialog at which the client left it, as far as the browser said."""
        return self.attempt.said_step if self.attempt.state == AttemptState.CANCELLED else ""

    @property
    def outcome(self) -> str:
        return how_it_ended(self.onboarding) if self.onboarding else ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of an onboarding. `words` are set where Meta or the desk refused it."""

    step: OnboardingStep
    status: Status
    words: Explanation | None
    may_retry: bool


def how_it_ended(onboarding: Onboarding) -> str:
    """Whether the onboarding goes on, in a word."""
    if onboarding.finished_at:
        return "Finished"
    return "Closed" if onboarding.dismissed_at else "Under way"


def with_links(attempts: QuerySet[SignupAttempt]) -> QuerySet[SignupAttempt]:
    """The attempts with all that a line of a list shows, in a handful of statements."""
    return attempts.select_related("link__client", "link__created_by").prefetch_related("onboardings")


def held_up(onboardings: QuerySet[Onboarding], *, most: int) -> list[tuple[Onboarding, list[StepRow]]]:
    """The newest of `onboardings` and what holds each of them up, which something does. One statement: the steps."""
    newest = onboardings.order_by("-pk").values("pk")[:most]
    steps = OnboardingStep.objects.filter(onboarding__in=newest, state__in=_HELD)
    by_key: dict[int, list[OnboardingStep]] = defaultdict(list)
    for step in steps.select_related("onboarding__client", "onboarding__waba", "number__waba"):
        by_key[step.onboarding_id].append(step)
    return [(by_key[key][0].onboarding, _held_up(by_key[key])) for key in sorted(by_key, reverse=True)]


def _held_up(steps: Iterable[OnboardingStep]) -> list[StepRow]:
    return [step_row(row, may_retry=False) for row in in_order(steps) if row.state in _HELD]


def of_client(
    client: Client, attempts: Sequence[SignupAttempt], *, most: int
) -> tuple[list[SignupRow], list[tuple[Onboarding, list[StepRow]]]]:
    """The attempts, which come with their links, in words, and at most so many onboardings of `client` under way.

    One statement: an onboarding has steps from its beginning, so that the steps bring all of them.
    """
    first = Onboarding.objects.filter(client=client).unfinished().order_by("-pk").values("pk")[:most]
    shown = Onboarding.objects.filter(attempt__in=attempts).order_by().values("pk")
    # One query made of two: "this or in that query" uses no index.
    either = shown.union(Onboarding.objects.filter(pk__in=first).order_by().values("pk"))
    steps = OnboardingStep.objects.filter(onboarding__in=either).select_related("onboarding__waba", "number__waba")
    by_key: dict[int, list[OnboardingStep]] = defaultdict(list)
    for step in steps:
        by_key[step.onboarding_id].append(step)
    found = [by_key[key][0].onboarding for key in sorted(by_key, reverse=True)]
    came_of = {one.attempt_id: one for one in reversed(found)}
    rows = [SignupRow(one, status_of(one), came_of.get(one.pk)) for one in attempts]
    under_way = [one for one in found if one.client_id == client.pk and not (one.finished_at or one.dismissed_at)]
    return rows, [(one, _held_up(by_key[one.pk])) for one in under_way[:most]]


def rows_of(attempts: Sequence[SignupAttempt]) -> list[SignupRow]:
    """The attempts, which come `with_links`, with their words."""
    return [SignupRow(one, status_of(one), next(iter(one.onboardings.all()), None)) for one in attempts]


def in_order(rows: Iterable[OnboardingStep]) -> list[OnboardingStep]:
    order = list(StepKind.values)
    return sorted(rows, key=lambda row: (order.index(row.kind), row.pk))


def step_row(row: OnboardingStep, *, may_retry: bool) -> StepRow:
    status = STEP_STATES.get(row.state) or Status(row.get_state_display(), Tone.NONE)
    return StepRow(row, status, words.explained(row), may_retry and row.state in run.RETRIABLE)
