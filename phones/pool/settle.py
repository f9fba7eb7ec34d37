"""Finds out by reading what something done to the pool came to. Reads only; nothing is ever sent again.

Meta's answer says "done"; the pool itself says what is so. What was done is read back, and what lost its answer is
decided by that. Whether a code was sent can't be seen on a number: that stays unknown, and is closed as that.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from phones.actions.lost_answers import ANSWER_LIMIT, may_still_be_done
from phones.choices import ActionState, PoolActionKind
from phones.models import PoolAction, PreverifiedNumber
from phones.numbers.rules import is_verified
from phones.pool import read as pool

# The detail that keeps when the number had been verified before this was done.
VERIFIED_BEFORE = "verified_before"
MOST_AT_ONCE = 20


def close(action: PoolAction, state: ActionState, **columns: object) -> None:
    """Write down the end of `action`, and when it came."""
    now = timezone.now()
    PoolAction.objects.filter(pk=action.pk).update(**{"answered_at": now, **columns, "state": state, "closed_at": now})


def read_back(action: PoolAction) -> None:
    """Read what `action` is about and settle what is open; when it can't be read, everything stays as it is."""
    if action.number is None:
        if action.closed_at is None:
            settle_additions(pool.read_pool(seconds=pool.PATIENCE_SECONDS))
        return
    settle(action.number, pool.read_number(action.number))


def settle(number: PreverifiedNumber, told: pool.NumberRead) -> None:
    """Close the open actions of `number` that wait for a reading, on the strength of this one."""
    if told.failure is not None:
        return
    number.refresh_from_db()
    for action in _waiting().filter(number=number):
        _decide(action, number, knows_partners=told.knows_partners)


def settle_additions(told: pool.PoolRead) -> None:
    """Close the open additions on the strength of a whole list: the number is on it, or was not added.

    Where Meta listed a new one without its digits, it can't be told.
    """
    if told.failure is not None:
        return
    for action in _waiting().filter(kind=PoolActionKind.ADD, number=None):
        since = action.sent_at or action.created_at
        digits = str(action.details.get("phone_number", ""))
        listed = PreverifiedNumber.objects.in_pool().filter(digits=digits, synced_at__gt=since)
        found = listed.first()
        nameless = PreverifiedNumber.objects.in_pool().filter(digits="", first_seen_at__gt=since)
        outcome: bool | None = found is not None
        if not outcome and action.state != ActionState.PENDING and nameless.exists():
            outcome = None
        _decide_addition(action, found, outcome=outcome)


def settle_all() -> int:
    """Read what all actions are about whose answer was lost; gives how many."""
    waiting = list(_waiting().select_related("number").order_by("pk")[:MOST_AT_ONCE])
    for number in {action.number for action in waiting if action.number is not None}:
        settle(number, pool.read_number(number))
    if any(action.number is None for action in waiting):
        settle_additions(pool.read_pool())
    return len(waiting)


def _waiting() -> QuerySet[PoolAction]:
    stale = timezone.now() - ANSWER_LIMIT
    unanswered = Q(state__in=[ActionState.PENDING, ActionState.SENT], created_at__lt=stale)
    return PoolAction.objects.filter(Q(state=ActionState.UNKNOWN) | unanswered, closed_at=None)


def _decide(action: PoolAction, number: PreverifiedNumber, *, knows_partners: bool) -> None:
    """What the reading says of the action; where it can't say, the action is closed as unknown."""
    outcome: bool | None = False
    if action.state != ActionState.PENDING:
        shares_matter = action.kind in {PoolActionKind.SHARE, PoolActionKind.UNSHARE}
        if shares_matter and not knows_partners and number.missing_since is None:
            return
        outcome = _came_true(action, number)
    if outcome is False and may_still_be_done(action.sent_at, now=timezone.now()):
        return
    with transaction.atomic():
        if _close_settled(action, outcome=outcome) and outcome and action.kind == PoolActionKind.DELETE:
            gone = PreverifiedNumber.objects.filter(pk=number.pk, claimed_at=None)
            gone.update(deleted_at=number.missing_since or timezone.now())


def _came_true(action: PoolAction, number: PreverifiedNumber) -> bool | None:
    """Whether the number shows what the action was to bring about; None when that can't be seen on it."""
    if action.kind == PoolActionKind.DELETE:
        # One that a client has claimed is gone for that reason.
        return None if number.claimed_at is not None else number.missing_since is not None
    if number.missing_since is not None:
        return None
    is_shared = number.shares.filter(business_id=action.details.get("business_id", "")).exists()
    match action.kind:
        case PoolActionKind.SHARE:
            return is_shared
        case PoolActionKind.UNSHARE:
            return not is_shared
        case PoolActionKind.VERIFY_CODE if number.code_verification_status is not None:
            verified_at = number.code_verification_time
            is_another = verified_at is None or verified_at.isoformat() != action.details.get(VERIFIED_BEFORE)
            return is_verified(number) and is_another
    return None


def _decide_addition(action: PoolAction, found: PreverifiedNumber | None, *, outcome: bool | None) -> None:
    is_waiting = action.state != ActionState.PENDING and may_still_be_done(action.sent_at, now=timezone.now())
    if found is None and is_waiting:
        return
    with transaction.atomic():
        if _close_settled(action, outcome=outcome) and found is not None:
            since = action.sent_at or action.created_at
            PoolAction.objects.filter(pk=action.pk).update(number=found)
            PreverifiedNumber.objects.filter(pk=found.pk, added_at=None).update(added_at=since)


def _close_settled(action: PoolAction, *, outcome: bool | None) -> bool:
    state = {True: ActionState.SUCCEEDED, False: ActionState.FAILED, None: ActionState.UNKNOWN}[outcome]
    now = timezone.now()
    waiting = PoolAction.objects.filter(pk=action.pk, closed_at=None)
    return waiting.update(state=state, closed_at=now, settled_by_reading=True) == 1
