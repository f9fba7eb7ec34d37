"""Writes down how far a step is, for the worker that holds its onboarding. Asks Graph nothing, decides nothing.

Every write is fenced by the lease: a worker that lost it changes nothing and stops (`LeaseLostError`).
"""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

import structlog

from clients import leases
from clients.models import SyncFailure
from clients.models.answers import NO_ERROR, Refused, columns_of
from phones.choices import StepState
from phones.models import Action, CodeLink, Onboarding, OnboardingStep
from phones.sync import pace
from portal import database_clock
from portal.graph import GraphError

log = structlog.get_logger(__name__)

# Longer than the longest step (a listing of many pages); renewed before each.
LEASE = datetime.timedelta(minutes=3)
# Readings that fail in passing come again after these pauses, and stop being tried after so many.
FIRST_PAUSE = datetime.timedelta(seconds=10)
LONGEST_PAUSE = datetime.timedelta(hours=1)
MOST_TRIES = 8
_PASSING = pace.PASSING | {"throttled", "internal"}
SETTLED = frozenset({StepState.DONE, StepState.NOT_NEEDED})


class LeaseLostError(Exception):
    """The onboarding is another worker's by now, or was dismissed: nothing more may be done here."""


@dataclass(frozen=True, slots=True)
class OnboardingLease:
    """One worker's lease on one onboarding."""

    onboarding: Onboarding
    holder: uuid.UUID

    def renew(self) -> None:
        """Take it for another while. Raises LeaseLostError."""
        mine = Onboarding.objects.unfinished().filter(pk=self.onboarding.pk)
        if not leases.renew(mine, holder=self.holder, span=LEASE):
            raise LeaseLostError


class Trouble:
    """What stood in the way of a step: an error of Meta's, or one of the desk's own kinds; no secret is in it.

    `columns` are those of `clients.models.answers.Refused` that are known, `wait` how long Meta asked us to wait.
    """

    def __init__(self, kind: str, message: str = "", *, wait: datetime.timedelta | None = None, **columns: Any) -> None:
        self.kind, self.wait = kind, wait
        self._columns = NO_ERROR | columns | {"error_kind": kind, "message": message}

    @classmethod
    def of(cls, error: GraphError) -> Trouble:
        return cls(error.kind, wait=error.retry_after, **columns_of(error))

    @classmethod
    def kept(cls, row: Refused) -> Trouble:
        """What a row that was refused keeps."""
        return cls(row.error_kind, **row.error_columns)

    @classmethod
    def of_reading(cls, failure: SyncFailure) -> Trouble:
        """What a failed reading of one number keeps."""
        columns = failure.error_columns
        wait = max(failure.retry_at - database_clock.now(), FIRST_PAUSE) if failure.retry_at is not None else None
        return cls(columns["error_kind"], wait=wait, **columns)

    @property
    def columns(self) -> dict[str, Any]:
        return self._columns | {"retry_at": database_clock.now() + self.wait if self.wait is not None else None}


def begin(lease: OnboardingLease, step: OnboardingStep) -> None:
    began = step.started_at or database_clock.now()
    write(lease, step, state=StepState.RUNNING, started_at=began, finished_at=None, tries=step.tries + 1, retry_at=None)


def done(
    lease: OnboardingLease,
    step: OnboardingStep,
    state: StepState = StepState.DONE,
    *,
    action: Action | None = None,
    **details: object,
) -> None:
    columns = NO_ERROR | {"details": {**step.details, **details}, "action": action or step.action}
    write(lease, step, state=state, finished_at=database_clock.now(), **columns)


def failed(lease: OnboardingLease, step: OnboardingStep, trouble: Trouble, *, action: Action | None = None) -> None:
    """The step has failed, until a person tries again."""
    log.warning("A step of an onboarding failed.", step=step.pk, kind=step.kind, trouble=trouble.kind)
    ended = {"state": StepState.FAILED, "finished_at": database_clock.now(), "action": action or step.action}
    write(lease, step, **ended, **trouble.columns)


def unknown(
    lease: OnboardingLease,
    step: OnboardingStep,
    trouble: Trouble,
    *,
    look_at: datetime.datetime | None = None,
    action: Action | None = None,
) -> None:
    """Whether it was done is not known: it is looked at again at `look_at`, or is left to a person."""
    columns = trouble.columns | {"retry_at": look_at}
    write(lease, step, state=StepState.UNKNOWN, action=action or step.action, **columns)


def hindered(lease: OnboardingLease, step: OnboardingStep, trouble: Trouble) -> None:
    """Nothing was changed, and what stood in the way may pass: the step comes again, after longer and longer pauses."""
    if trouble.kind not in _PASSING or step.tries >= MOST_TRIES:
        failed(lease, step, trouble)
        return
    wait = trouble.wait or (pace.UNTOLD_WAIT if trouble.kind == "throttled" else pause(step.tries))
    columns = trouble.columns | {"retry_at": database_clock.now() + wait}
    write(lease, step, state=StepState.WAITING, **columns)


def wait(
    lease: OnboardingLease, step: OnboardingStep, until: datetime.datetime, *, action: Action | None = None
) -> None:
    """The step goes on at `until`; what it waits for is no failure, and no try of it."""
    tries = max(step.tries - 1, 0)
    write(lease, step, retry_at=until, tries=tries, action=action or step.action)


def client(lease: OnboardingLease, step: OnboardingStep, *, code_link: CodeLink | None = None) -> None:
    details = {**step.details, **({"code_link": code_link.pk} if code_link else {})}
    write(lease, step, state=StepState.CLIENT, details=details, **NO_ERROR)


def pause(tries: int) -> datetime.timedelta:
    return min(FIRST_PAUSE * (1 << max(tries - 1, 0)), LONGEST_PAUSE)


def write(lease: OnboardingLease, step: OnboardingStep, **columns: Any) -> None:
    """Write `columns` of the step, on the row and in `step`. Raises LeaseLostError when they may not be written."""
    mine = OnboardingStep.objects.filter(
        pk=step.pk,
        onboarding__lease_token=lease.holder,
        onboarding__finished_at=None,
        onboarding__dismissed_at=None,
    )
    if not mine.update(**columns):
        raise LeaseLostError
    for name, value in columns.items():
        setattr(step, name, value)
