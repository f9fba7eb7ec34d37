"""Makes onboardings, takes those that are due and carries out their steps. The database is the queue.

Any number of workers may do so at once: an onboarding is taken by a conditional UPDATE that writes a lease, and one
that a dead worker held is taken again when the lease is over. What a person decides about one is here too.
"""

import datetime
import time
import uuid
from collections.abc import Mapping, Sequence

import structlog
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from clients import leases
from clients.models import Client, Credential, SignupAttempt, User, Waba
from clients.models.answers import NO_ERROR
from phones.choices import StepKind, StepState
from phones.models import Listing, Onboarding, OnboardingStep, PhoneNumber
from phones.numbers import conditions
from phones.onboarding import codes, progress, registering, steps
from phones.onboarding.progress import SETTLED, LeaseLostError, OnboardingLease, Trouble
from portal import database_clock, stopping
from portal.rows import row_or_none

log = structlog.get_logger(__name__)

# What a person may have tried again. A step that waits for the client is looked at anew.
RETRIABLE = frozenset({StepState.FAILED, StepState.UNKNOWN, StepState.CLIENT})
_ORDER = {kind.value: place for place, kind in enumerate(StepKind)}


class NothingToRetryError(Exception):
    """The step can't be tried again now; the text says why."""


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
    has said what the token is (`access_known`); what it said goes to its `details`, and no secret is among that.
    """
    now = database_clock.now()
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


def due() -> QuerySet[Onboarding]:
    """The onboardings that a worker may take now, the longest waiting first."""
    now = database_clock.now()
    return Onboarding.objects.unfinished().filter(leases.free(now), due_at__lte=now).order_by("due_at", "pk")


def work(*, seconds: float, onboarding: Onboarding | None = None) -> int:
    """Carry out what is due (of `onboarding` only, when one is given); gives how many onboardings were worked on.

    Takes no new one after `seconds`. Raises nothing of Meta's.
    """
    stop_at = time.monotonic() + seconds
    worked = 0
    while not stopping.turn_is_over(stop_at):
        lease = _take(onboarding)
        if lease is None:
            break
        worked += 1
        try:
            _carry_out(lease)
            _give_back(lease)
        except LeaseLostError:
            log.warning("An onboarding was taken over or dismissed meanwhile.", onboarding=lease.onboarding.pk)
    return worked


def _take(onboarding: Onboarding | None) -> OnboardingLease | None:
    holder = uuid.uuid4()
    while True:
        candidates = due() if onboarding is None else due().filter(pk=onboarding.pk)
        pk = candidates.values_list("pk", flat=True).first()
        if pk is None:
            return None
        if leases.take(due().filter(pk=pk), holder=holder, span=progress.LEASE):
            return OnboardingLease(_read(pk), holder)


def _read(pk: int) -> Onboarding:
    return Onboarding.objects.select_related("client", "attempt", "credential", "waba__credential").get(pk=pk)


def _carry_out(lease: OnboardingLease) -> None:
    """Do every step that can be done now, each once. Raises LeaseLostError."""
    tried: set[int] = set()
    while True:
        lease.renew()
        # Read anew each time: the client's browser may still be telling what it saw.
        lease, now = OnboardingLease(_read(lease.onboarding.pk), lease.holder), database_clock.now()
        rows = _steps_of(lease.onboarding)
        ready = (row for row in rows if row.pk not in tried and (at := _goes_on_at(row, rows)) and at <= now)
        step = next(ready, None)
        if step is None or stopping.is_asked():
            return
        tried.add(step.pk)
        try:
            steps.carry_out(lease, step)
        except LeaseLostError:
            raise
        except Exception as error:  # a fault of ours in one step hides no other
            log.exception("A step of an onboarding broke off.", step=step.pk, kind=step.kind)
            step.refresh_from_db()
            progress.hindered(lease, step, Trouble("internal", type(error).__name__))


def _steps_of(onboarding: Onboarding) -> list[OnboardingStep]:
    rows = OnboardingStep.objects.filter(onboarding=onboarding).select_related("onboarding", "action")
    return sorted(rows, key=lambda step: (_ORDER.get(step.kind, len(_ORDER)), step.pk))


_LONG_AGO = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)


def _goes_on_at(step: OnboardingStep, rows: Sequence[OnboardingStep]) -> datetime.datetime | None:
    """When the step goes on by itself; None when it is over, or waits for a person or another step."""
    needed = steps.NEEDS[step.kind]
    if needed is not None and any(row.kind == needed and row.state not in SETTLED for row in rows):
        return None
    if step.state in {StepState.WAITING, StepState.RUNNING}:
        return step.retry_at or _LONG_AGO
    if step.state == StepState.UNKNOWN:
        return step.retry_at
    return None


@transaction.atomic
def _give_back(lease: OnboardingLease) -> None:
    """Let go of the onboarding, and set when it goes on. Raises LeaseLostError."""
    mine = row_or_none(Onboarding.objects.select_for_update().filter(pk=lease.onboarding.pk, lease_token=lease.holder))
    if mine is None:
        raise LeaseLostError
    _reckon(mine, **leases.LET_GO)


def _reckon(onboarding: Onboarding, **columns: object) -> None:
    """Set from its steps whether the onboarding is finished, and when it is due. Inside a transaction."""
    rows, now = _steps_of(onboarding), database_clock.now()
    if onboarding.dismissed_at is not None:
        columns |= {"due_at": None}
    elif rows and all(step.state in SETTLED for step in rows):
        columns |= {"due_at": None, "finished_at": onboarding.finished_at or now}
        log.info("An onboarding is finished.", onboarding=onboarding.pk)
    else:
        moments = [at for step in rows if (at := _goes_on_at(step, rows)) is not None]
        columns |= {"due_at": max(min(moments), onboarding.created_at) if moments else None}
    Onboarding.objects.filter(pk=onboarding.pk).update(**columns)


@transaction.atomic
def retry(*, onboarding: Onboarding, step: OnboardingStep, user: User) -> None:
    """Have `step` tried again, from where it failed. Raises NothingToRetryError.

    The caller wakes a worker (`phones.tasks.wake_onboarding`), and has checked that `user` may.
    """
    current = Onboarding.objects.select_for_update().get(pk=onboarding.pk)
    row = row_or_none(current.steps.select_for_update().filter(pk=step.pk))
    if current.dismissed_at is not None or current.finished_at is not None:
        raise NothingToRetryError("This onboarding is closed.")
    if current.waba is not None and current.waba.client_id != current.client_id:
        raise NothingToRetryError(
            "The account was moved to another client, and the onboarding goes with it. Look again."
        )
    if row is None or row.state not in RETRIABLE:
        raise NothingToRetryError("This step is not waiting to be tried again. Look again.")
    now = database_clock.now()
    details = {**row.details, "retried_at": now.isoformat(), "retried_by": user.pk}
    changed = current.steps.filter(pk=row.pk, state=row.state).update(
        state=StepState.WAITING, details=details, tries=0, action=None, finished_at=None, **NO_ERROR
    )
    if not changed:
        raise NothingToRetryError("This step is not waiting to be tried again. Look again.")
    Onboarding.objects.filter(pk=current.pk).update(due_at=now)
    log.info("A step is tried again.", onboarding=current.pk, step=row.pk, kind=row.kind, user=user.username)


@transaction.atomic
def dismiss(*, onboarding: Onboarding, user: User) -> None:
    """Close the onboarding as it stands: nobody works on it any more. One that is closed stays as it is."""
    now = database_clock.now()
    closed = Onboarding.objects.unfinished().filter(pk=onboarding.pk)
    if closed.update(dismissed_at=now, dismissed_by=user, due_at=None):
        log.info("An onboarding was dismissed.", onboarding=onboarding.pk, user=user.username)


def resume_waiting() -> int:
    """Go on with onboardings whose number has moved without them; gives how many.

    A number was registered from its page, on the code page or elsewhere; it was verified; or one appeared on a WABA
    whose signup had ended without a number. Those whose WABA was moved to another client go with it first.
    """
    _follow_moved()
    open_steps = OnboardingStep.objects.filter(
        kind=StepKind.REGISTRATION, onboarding__finished_at=None, onboarding__dismissed_at=None
    )
    held_up = open_steps.filter(state__in=RETRIABLE)
    found = PhoneNumber.objects.filter(pk=OuterRef("number"))
    registered = held_up.filter(Exists(found.filter(conditions.IS_REGISTERED)))
    verified = held_up.filter(Exists(found.filter(conditions.IS_VERIFIED)), state=StepState.CLIENT)
    touched = [*registered.values_list("pk", "onboarding")]
    OnboardingStep.objects.filter(pk__in=[pk for pk, _ in touched], state__in=RETRIABLE).update(
        state=StepState.DONE, finished_at=database_clock.now(), **NO_ERROR
    )
    again = [*verified.exclude(pk__in=[pk for pk, _ in touched]).values_list("pk", "onboarding")]
    _wait_again([pk for pk, _ in again])
    appeared = _with_new_numbers(held_up.filter(number=None))
    resumed = {onboarding for _, onboarding in [*touched, *again]} | set(appeared)
    for pk in resumed:
        with transaction.atomic():
            _reckon(Onboarding.objects.select_for_update().get(pk=pk))
    return len(resumed)


def _follow_moved() -> None:
    """Who looks after the WABA sees its onboarding, and who no longer does can't have anything sent for it.

    What waits for a code gets a link of its own: the former client's ended with the move.
    """
    moved = Onboarding.objects.unfinished().filter(waba__isnull=False).exclude(client=F("waba__client"))
    for pk, client in moved.values_list("pk", "waba__client"):
        Onboarding.objects.filter(pk=pk).update(client=client)
        waiting = OnboardingStep.objects.filter(onboarding=pk, state=StepState.CLIENT).exclude(number=None)
        for step in waiting.select_related("number"):
            if step.number is not None and "code_link" in step.details:
                link = codes.code_link_for(number=step.number, actor=None)
                OnboardingStep.objects.filter(pk=step.pk).update(details={**step.details, "code_link": link.pk})
        log.info("An onboarding went with its WABA to another client.", onboarding=pk, client=client)


def _with_new_numbers(numberless: QuerySet[OnboardingStep]) -> list[int]:
    """The onboardings without a number for which one has appeared: their numbers are listed again."""
    began = OuterRef("onboarding__created_at")
    lately = Q(number__first_seen_at__gte=began) | Q(number__last_onboarded_time__gte=began)
    appeared = Listing.objects.filter(lately, waba=OuterRef("onboarding__waba"), missing_since=None)
    waiting = numberless.filter(Exists(appeared)).select_related("onboarding__attempt", "onboarding__waba")
    found = [step.onboarding for step in waiting if registering.numbers_of(step.onboarding).exists()]
    pks = [onboarding.pk for onboarding in found]
    listings = OnboardingStep.objects.filter(onboarding__in=pks, kind=StepKind.NUMBERS, state=StepState.DONE)
    _wait_again(list(listings.values_list("pk", flat=True)))
    return pks


def _wait_again(pks: Sequence[int]) -> None:
    OnboardingStep.objects.filter(pk__in=pks).update(state=StepState.WAITING, tries=0, finished_at=None, **NO_ERROR)
