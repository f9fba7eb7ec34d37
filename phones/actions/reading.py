"""Reading a number because a person asked: written down like every action, and without effect at Meta."""

from __future__ import annotations

from django.utils import timezone

from clients.models import User
from phones.actions import settle
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from phones.numbers import standing as standings
from phones.sync import ask_now as live


def refresh(*, number: PhoneNumber, user: User) -> Action:
    """Read the number's own node, settle what waited for a reading, and give the row of it with its outcome."""
    now = timezone.now()
    action = Action.objects.create(
        number=number,
        waba_id=number.waba_id,
        kind=ActionKind.REFRESH,
        state=ActionState.SENT,
        requested_by=user,
        created_at=now,
        sent_at=now,
    )
    failure = live.refresh_number(number=number, user=user)
    action.answered_at = action.closed_at = timezone.now()
    action.state = ActionState.SUCCEEDED
    if failure is not None:
        action.state = ActionState.FAILED
        for name, value in failure.error_columns.items():
            setattr(action, name, value)
    action.save()
    if failure is None:
        settle.settle_number(number)
        standings.recompute([number.pk])
    return action
