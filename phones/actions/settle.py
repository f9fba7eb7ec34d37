"""Finds out by reading the number what an action came to. Reads only; nothing is ever sent again.

Meta's answer says "done"; the number itself says what is so. After every action the number is read back, and an action
whose answer was lost is decided by that.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from clients.models import User, Waba
from phones.actions import pins
from phones.actions.lost_answers import ANSWER_LIMIT, may_still_be_done
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from phones.numbers import standing as standings
from phones.numbers.rules import is_verified, reported_registered
from phones.numbers.search import digits_of
from phones.sync import ask_now as live


def read_back(action: Action, *, user: User | None) -> None:
    """Read the number of `action` and settle what is open; when it can't be read, everything stays as it is."""
    number = action.number
    if number is None:
        return
    failure = live.refresh_number(number=number, user=user)
    if failure is None:
        settle(number)
    standings.recompute([number.pk])


def settle(number: PhoneNumber) -> None:
    """Close the open actions of `number` that wait for a reading, on the strength of the latest one."""
    number.refresh_from_db()
    for action in waiting().filter(number=number):
        if action.sent_at is not None and number.synced_at <= action.sent_at:
            continue
        _decide(action, number)


def settle_all() -> int:
    """Read the numbers of all actions whose answer was lost; gives how many were looked at."""
    numbers = PhoneNumber.objects.filter(actions__in=waiting()).distinct().select_related("waba__credential")
    looked_at = list(numbers[:50])
    for number in looked_at:
        if live.refresh_number(number=number) is None:
            settle(number)
            standings.recompute([number.pk])
    _settle_added()
    return len(looked_at)


def waiting() -> QuerySet[Action]:
    """The open actions whose answer was lost, or never came to whoever waited for it."""
    stale = timezone.now() - ANSWER_LIMIT
    unanswered = Action.objects.filter(state__in=[ActionState.PENDING, ActionState.SENT], created_at__lt=stale)
    return Action.objects.filter(closed_at=None).filter(
        Q(state=ActionState.UNKNOWN) | Q(pk__in=unanswered.values("pk"))
    )


@transaction.atomic
def _decide(action: Action, number: PhoneNumber) -> None:
    """What the reading says of the action; where it can't say, the action is closed as unknown."""
    if action.state == ActionState.PENDING:
        outcome: bool | None = False
    else:
        outcome = _came_true(action, number)
    state = {True: ActionState.SUCCEEDED, False: ActionState.FAILED, None: ActionState.UNKNOWN}[outcome]
    if outcome is False and may_still_be_done(action.sent_at, now=timezone.now()):
        return
    closed = Action.objects.filter(pk=action.pk, closed_at=None).update(
        state=state, closed_at=timezone.now(), settled_by_reading=True
    )
    if closed and outcome and action.pin is not None:
        pins.confirm(action.pin)


def _came_true(action: Action, number: PhoneNumber) -> bool | None:
    """Whether the number shows what the action was to bring about; None when that can't be seen on it."""
    registered = reported_registered(number)
    wanted = action.details.get("new_display_name")
    match action.kind:
        case ActionKind.REGISTER:
            # A number that was registered before shows nothing new, unless its new name is live now.
            return None if action.details.get("was_registered") and registered else registered
        case ActionKind.DEREGISTER:
            return None if registered is None else not registered
        case ActionKind.VERIFY_CODE if number.code_verification_status is not None:
            return is_verified(number)
        case ActionKind.DISPLAY_NAME:
            return wanted in {number.new_display_name, number.verified_name}
    return None


def _settle_added() -> None:
    """Close the open additions whose WABA was read whole since: the number is on its list, or was not added."""
    for action in waiting().filter(kind=ActionKind.ADD_NUMBER, number=None).select_related("waba"):
        read_at, since = action.waba.last_synced_at, action.sent_at or action.created_at
        if read_at is None or read_at <= since:
            continue
        listed = PhoneNumber.objects.on(Waba.objects.filter(pk=action.waba_id))
        found = listed.filter(digits=digits_of(action.details.get("phone_number"))).first()
        Action.objects.filter(pk=action.pk, closed_at=None).update(
            state=ActionState.FAILED if found is None else ActionState.SUCCEEDED,
            number=found,
            closed_at=timezone.now(),
            settled_by_reading=True,
        )
