"""How signups of a book went lately: how far each link came, and how long each step took. Two statements.

Bounded: the newest attempts are read, and no more of them than `ATTEMPTS_READ`.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from clients.choices import AttemptState
from clients.models import Client, SignupAttempt
from phones.choices import StepKind, StepState
from phones.models import OnboardingStep
from phones.onboarding.steps import NEEDS
from phones.pictures.series import share

LATELY = datetime.timedelta(days=90)
ATTEMPTS_READ = 300
_REACHED = ("Link made", "Page opened", "Meta’s dialog opened", "Signup finished", "Account read", "Number registered")
_FINISHED = {AttemptState.FINISHED, AttemptState.WITHOUT_NUMBER}


class Attempt(NamedTuple):
    """What is read of an attempt, and when its link was made."""

    pk: int
    link: int
    link__created_at: datetime.datetime
    state: str
    opened_at: datetime.datetime | None
    started_at: datetime.datetime | None
    ended_at: datetime.datetime | None


# The steps of an attempt that were done, by their kind, and when each was.
Done = dict[str, datetime.datetime | None]


@dataclass(frozen=True, slots=True)
class Stop:
    """One point on the way: how many links came to it, and how many of them went no further so far."""

    label: str
    came: int
    stopped: int
    share: float


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long one step took, in the middle of those that were done; `share` is its bar."""

    label: str
    middle: datetime.timedelta
    done: int
    share: float


@dataclass(frozen=True, slots=True)
class Signups:
    """`ends` are how the tries ended that went no further, in words with their count.

    `cut_at` is how many of the newest tries were read where there may be more; 0 where all were.
    """

    stops: list[Stop]
    times: list[StepTime]
    ends: list[tuple[str, int]]
    cut_at: int


def signups_of(clients: QuerySet[Client] | None) -> Signups:
    """Those of these clients, or with None of all, over the last 90 days."""
    rows = SignupAttempt.objects.filter(created_at__gte=timezone.now() - LATELY)
    if clients is not None:
        rows = rows.filter(link__client__in=clients.order_by().values("pk"))
    # Plain values here and below, which take a fraction of making rows of them.
    attempts = [Attempt(*one) for one in rows.order_by("-pk").values_list(*Attempt._fields)[:ATTEMPTS_READ]]
    done = _done_of(attempts)
    furthest: dict[int, tuple[int, Attempt]] = {}
    for attempt in attempts:
        reached = _reached(attempt, done[attempt.pk])
        if attempt.link not in furthest or furthest[attempt.link][0] < reached:
            furthest[attempt.link] = (reached, attempt)
    lost = Counter(str(AttemptState(attempt.state).label) for reached, attempt in furthest.values() if reached < 3)
    return Signups(
        _stops([reached for reached, _ in furthest.values()]),
        _times(attempts, done),
        lost.most_common(),
        ATTEMPTS_READ if len(attempts) == ATTEMPTS_READ else 0,
    )


def _done_of(attempts: Sequence[Attempt]) -> dict[int, Done]:
    done: dict[int, Done] = {attempt.pk: {} for attempt in attempts}
    steps = OnboardingStep.objects.filter(onboarding__attempt__in=list(done), state=StepState.DONE).order_by()
    for attempt, kind, finished_at in steps.values_list("onboarding__attempt", "kind", "finished_at") if done else ():
        done[attempt][kind] = finished_at
    return done


def _reached(attempt: Attempt, done: Done) -> int:
    if StepKind.REGISTRATION in done:
        return 5
    if StepKind.ACCOUNT in done:
        return 4
    if attempt.state in _FINISHED:
        return 3
    return 2 if attempt.started_at else 1 if attempt.opened_at else 0


def _stops(reached: list[int]) -> list[Stop]:
    came = [sum(one >= place for one in reached) for place in range(len(_REACHED))]
    following = [*came[1:], came[-1]]
    return [
        Stop(label, count, count - later, share(count, came[0]))
        for label, count, later in zip(_REACHED, came, following, strict=True)
    ]


def _times(attempts: Iterable[Attempt], done: Mapping[int, Done]) -> list[StepTime]:
    opened: list[datetime.timedelta] = []
    started: list[datetime.timedelta] = []
    finished: list[datetime.timedelta] = []
    of_steps: dict[str, list[datetime.timedelta]] = {kind: [] for kind in StepKind.values}
    for attempt in attempts:
        _note(opened, attempt.link__created_at, attempt.opened_at)
        _note(started, attempt.opened_at, attempt.started_at)
        if attempt.state in _FINISHED:
            _note(finished, attempt.started_at, attempt.ended_at)
        steps = done[attempt.pk]
        for kind, ended_at in steps.items():
            needed = NEEDS[kind]
            _note(of_steps[kind], attempt.ended_at if needed is None else steps.get(needed), ended_at)
    took = {
        "Client opens the link": opened,
        "Client goes to Meta’s dialog": started,
        "Client finishes in the dialog": finished,
        **{str(StepKind(kind).label): some for kind, some in of_steps.items()},
    }
    middles = {label: (_middle(some), len(some)) for label, some in took.items() if some}
    longest = max((middle for middle, _ in middles.values()), default=datetime.timedelta())
    return [
        StepTime(label, middle, count, share(middle.total_seconds(), longest.total_seconds()))
        for label, (middle, count) in middles.items()
    ]


def _middle(some: Iterable[datetime.timedelta]) -> datetime.timedelta:
    return datetime.timedelta(seconds=median(one.total_seconds() for one in some))


def _note(some: list[datetime.timedelta], starts: datetime.datetime | None, ends: datetime.datetime | None) -> None:
    if starts is not None and ends is not None and ends >= starts:
        some.append(ends - starts)
