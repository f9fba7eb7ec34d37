"""What people decide about a run: to start it, pause it, go on with it or cancel it. Each is one conditional UPDATE."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction

from clients.models import User
from clients.people import is_second_person
from phones import waking
from phones.approval_choices import ApprovalKind
from phones.bulk_choices import BulkKind, BulkState, ItemState
from phones.models import BulkItem, BulkRun
from portal import database_clock

log = structlog.get_logger(__name__)

# What was judged longer ago is judged anew before it is confirmed.
DRAFT_LIFETIME = timedelta(minutes=30)
KEPT_DRAFTS = timedelta(days=1)


class NotPossibleError(Exception):
    """The run is not in a state for that; the text says so."""


def needs_second_person(run: BulkRun) -> bool:
    return run.kind == BulkKind.REGISTER and ApprovalKind.BULK_REGISTER.value in settings.TWO_PERSON_APPROVAL


def insist_startable(*, run: BulkRun, person: User, may_be_late: bool = False) -> None:
    """Raises NotPossibleError unless `person` may have this dry run carried out now. One that was approved may be late.

    What changed since it was made is left out then, item by item.
    """
    if run.requested_by_id != person.pk:
        raise NotPossibleError("A dry run is started by the person who made it.")
    if run.state == BulkState.DRAFT and not may_be_late and run.created_at < database_clock.now() - DRAFT_LIFETIME:
        raise NotPossibleError("This dry run is older than half an hour. Nothing was sent; make a new one.")
    if run.state == BulkState.DRAFT and not run.total:
        raise NotPossibleError("There is nothing in it that can run.")


def start(*, run: BulkRun, details: Mapping[str, Any], person: User, approved_by: User | None = None) -> None:
    """Have the dry run carried out. The same a second time changes nothing. Raises NotPossibleError."""
    now = database_clock.now()
    insist_startable(run=run, person=person, may_be_late=approved_by is not None)
    if needs_second_person(run) and not is_second_person(approved_by, besides=person):
        raise NotPossibleError("A second person has to agree to this before it starts.")
    begun = BulkRun.objects.filter(pk=run.pk, state=BulkState.DRAFT)
    if begun.update(state=BulkState.RUNNING, details=dict(details), started_at=now, resumed_at=now, due_at=now):
        log.info("A bulk run was started.", run=run.pk, kind=run.kind, items=run.total, user=person.username)
        waking.wake_bulk()
        return
    run.refresh_from_db()
    if run.state == BulkState.CANCELLED or run.details != dict(details):
        raise NotPossibleError("It was started or cancelled meanwhile, perhaps in another tab. Nothing more was sent.")


def pause(*, run: BulkRun, person: User) -> None:
    """Have nothing more sent. What is under way is finished. Raises NotPossibleError."""
    _change(run, {BulkState.RUNNING}, person, state=BulkState.PAUSED, due_at=None)


def resume(*, run: BulkRun, person: User) -> None:
    """Go on where it was paused. Raises NotPossibleError."""
    now = database_clock.now()
    _change(run, {BulkState.PAUSED}, person, state=BulkState.RUNNING, resumed_at=now, due_at=now, note="")
    waking.wake_bulk()


@transaction.atomic
def cancel(*, run: BulkRun, person: User) -> None:
    """End it here: what was not begun stays undone. Raises NotPossibleError."""
    now = database_clock.now()
    _change(
        run,
        {BulkState.DRAFT, BulkState.RUNNING, BulkState.PAUSED},
        person,
        state=BulkState.CANCELLED,
        due_at=None,
        finished_at=now,
    )
    left = BulkItem.objects.filter(run=run, state=ItemState.WAITING)
    left.update(state=ItemState.CANCELLED, finished_at=now)


def prune() -> int:
    """Delete dry runs that nobody has started; gives how many."""
    return BulkRun.objects.filter(state=BulkState.DRAFT, created_at__lt=database_clock.now() - KEPT_DRAFTS).delete()[0]


def _change(run: BulkRun, states: set[BulkState], person: User, **columns: object) -> None:
    if not BulkRun.objects.filter(pk=run.pk, state__in=states).update(**columns):
        raise NotPossibleError("The run is not in a state for that any more. Look again.")
    log.info("A bulk run was changed.", run=run.pk, state=columns["state"], user=person.username)
