"""Carries out bulk runs, one item after the other. The database is the queue.

A run is taken by a conditional UPDATE that writes a lease. An item is taken before it is acted on, and its action has
the item's key: whoever takes it up after a worker died finds that action and sends nothing.
"""

import datetime
import time
import uuid

import structlog
from django.db.models import Q, QuerySet

from clients import access, leases
from clients.explanations import OF_THE_SETTINGS
from phones.bulk import carry_out, words
from phones.bulk.outcome import Outcome
from phones.bulk.plan import with_registered_number
from phones.bulk_choices import BulkKind, BulkState, ItemState
from phones.choices import ActionState
from phones.models import BulkItem, BulkRun
from phones.sync.first_calls import HANDFUL
from portal import database_clock, stopping

log = structlog.get_logger(__name__)

# Longer than an item can take: one call to Meta, and reading it back.
LEASE = datetime.timedelta(minutes=2)
HOUR = datetime.timedelta(hours=1)
# A WABA rests for so long where Meta says "too many calls" and not how long to wait.
REST = datetime.timedelta(minutes=5)
# So many that fail one after the other have a cause in common, which the rest would meet, too.
MOST_FAILURES = 10
# Meta refuses the token or our app: fewer of these, since every further call is in vain.
_OF_THE_TOKEN = OF_THE_SETTINGS | {"token_dead"}


def due() -> QuerySet[BulkRun]:
    """The runs that a worker may take now, the longest waiting first."""
    now = database_clock.now()
    return BulkRun.objects.filter(leases.free(now), state=BulkState.RUNNING, due_at__lte=now).order_by("due_at", "pk")


def work(*, seconds: float, most: int | None = None) -> int:
    """Carry out items of runs that are due; gives how many. Takes none after `seconds`, or after `most`."""
    follow()
    stop_at, holder, done = time.monotonic() + seconds, uuid.uuid4(), 0
    while not stopping.turn_is_over(stop_at) and (most is None or done < most):
        pk = due().values_list("pk", flat=True).first()
        if pk is None:
            break
        if not leases.take(due().filter(pk=pk), holder=holder, span=LEASE):
            continue
        run = BulkRun.objects.select_related("requested_by").get(pk=pk)
        done_before = done
        while not stopping.turn_is_over(stop_at) and (most is None or done < most):
            item = _take_item(run, holder, is_first=done == done_before)
            if item is None:
                break
            _finish(run, item, carry_out.carry_out(run, item))
            done += 1
        _give_back(run, holder)
    return done


def follow() -> int:
    """Write down what became of items whose answer was lost, once a reading has settled it; gives how many."""
    lost = Q(state=ItemState.UNKNOWN, action__state__in=[ActionState.SUCCEEDED, ActionState.FAILED])
    dead = Q(state=ItemState.TAKEN, run__state=BulkState.CANCELLED) & (
        Q(run__lease_until=None) | Q(run__lease_until__lt=database_clock.now())
    )
    items = list(BulkItem.objects.filter(lost | dead).select_related("action", "run")[:500])
    for item in items:
        outcome = carry_out.outcome_of_action(item) or Outcome(ItemState.CANCELLED, words.STARTED_NOT_SENT)
        _close(item, outcome)
    return len(items)


def _take_item(run: BulkRun, holder: uuid.UUID, *, is_first: bool) -> BulkItem | None:
    """The next item, now taken; None when there is none for now, or the run is not ours to go on with any more.

    `is_first`: it is the first one that this holder of the run takes.
    """
    while True:
        now = database_clock.now()
        mine = BulkRun.objects.filter(pk=run.pk, lease_token=holder, state=BulkState.RUNNING)
        if not mine.update(lease_until=now + LEASE):
            return None
        rows = BulkItem.objects.filter(run=run).select_related("waba__credential", "number", "client")
        # What a worker that died had in hand goes first: its action may have been sent.
        left = rows.filter(state=ItemState.TAKEN).order_by("position").first() if is_first else None
        if left is not None:
            return left
        waiting = rows.filter(Q(not_before=None) | Q(not_before__lte=now), state=ItemState.WAITING)
        item = waiting.order_by("position").first()
        if item is None:
            return None
        if (until := _rests_until(run, item, now)) is not None:
            _put_off(item, until)
            continue
        taken = BulkItem.objects.filter(pk=item.pk, state=ItemState.WAITING)
        if taken.update(state=ItemState.TAKEN, taken_at=now):
            return item


def _rests_until(run: BulkRun, item: BulkItem, now: datetime.datetime) -> datetime.datetime | None:
    """Until when its WABA may not be asked: Meta wants a pause, or the hour's share of its quota is used up."""
    if item.waba is None or BulkKind(run.kind) not in words.ASKS_META:
        return None
    pause = access.why_not_now(item.waba.credential, item.waba, at=now)
    if pause is not None and pause.retry_at is not None:
        return pause.retry_at
    recent = BulkItem.objects.filter(waba=item.waba, taken_at__gt=now - HOUR).order_by("taken_at")
    taken = list(recent.values_list("taken_at", flat=True))
    if len(taken) < words.most_an_hour(has_registered=False):
        return None
    most = words.most_an_hour(has_registered=bool(with_registered_number([item.waba.pk])))
    first = taken[-most] if len(taken) >= most else None
    return first + HOUR if first is not None else None


def _put_off(item: BulkItem, until: datetime.datetime) -> None:
    """Let the items of its WABA wait; those of others go on."""
    waiting = BulkItem.objects.filter(run=item.run_id, waba=item.waba_id, state=ItemState.WAITING)
    waiting.update(not_before=until)


def _finish(run: BulkRun, item: BulkItem, outcome: Outcome) -> None:
    _close(item, outcome)
    action = outcome.action
    if action is not None and action.error_kind == "throttled":
        _put_off(item, action.retry_at or database_clock.now() + REST)
    is_of_the_token = action is not None and action.error_kind in _OF_THE_TOKEN
    most = HANDFUL if is_of_the_token else MOST_FAILURES
    if outcome.state == ItemState.FAILED and _fails_throughout(run, most):
        note = words.MANY_FAILED.format(most, outcome.reason)[:300]
        stopped = BulkRun.objects.filter(pk=run.pk, state=BulkState.RUNNING)
        stopped.update(state=BulkState.PAUSED, due_at=None, note=note)
        log.warning("A bulk run was paused: all of its latest items failed.", run=run.pk)


def _close(item: BulkItem, outcome: Outcome) -> None:
    open_item = BulkItem.objects.filter(pk=item.pk, state__in=[ItemState.TAKEN, ItemState.UNKNOWN])
    open_item.update(
        state=outcome.state, reason=outcome.reason[:500], action=outcome.action, finished_at=database_clock.now()
    )


def _fails_throughout(run: BulkRun, most: int) -> bool:
    since = BulkRun.objects.filter(pk=run.pk).values_list("resumed_at", flat=True).first()
    done = BulkItem.objects.filter(run=run, taken_at__gte=since).order_by("-taken_at", "-position")
    latest = list(done.exclude(state=ItemState.TAKEN).values_list("state", flat=True)[:most])
    return len(latest) == most and set(latest) == {ItemState.FAILED}


def _give_back(run: BulkRun, holder: uuid.UUID) -> None:
    """Let go of the run: it is finished, or due again when its next item is."""
    left = BulkItem.objects.filter(run=run, state__in=[ItemState.WAITING, ItemState.TAKEN])
    mine = BulkRun.objects.filter(pk=run.pk, lease_token=holder)
    now = database_clock.now()
    if not left.exists():
        mine.filter(state=BulkState.RUNNING).update(state=BulkState.FINISHED, finished_at=now, due_at=None)
    else:
        at_once = left.filter(Q(not_before=None) | Q(not_before__lte=now)).exists()
        later = left.order_by("not_before").values_list("not_before", flat=True).first()
        mine.filter(state=BulkState.RUNNING).update(due_at=now if at_once else later)
    mine.update(**leases.LET_GO)
