"""Adds a number to a WABA at Meta: once, after writing it down. What is done to a number that exists is in `perform`.

The number itself comes onto the desk by the reading of its WABA that follows. When Meta's answer was lost, that
reading decides whether it was added.
"""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from clients.choices import RunScope
from clients.models import User, Waba
from phones.actions import guards, perform
from phones.actions.graph import graph_writer
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from phones.numbers.search import digits_of
from phones.sync import runs
from portal.graph import GraphError, Meter


@dataclass(frozen=True, slots=True)
class Addition:
    """The number that a person confirmed: `cc` is its calling code, `phone_number` what follows. Digits both."""

    key: uuid.UUID
    waba: Waba
    user: User
    cc: str
    phone_number: str
    verified_name: str


def add(addition: Addition) -> Action:
    """Add the number, have its WABA read, and give the action as it stands after Meta's answer.

    The same addition again (its key) gives the same action and sends nothing. Raises perform.NotSentError when the
    number is on the WABA already, when adding it is under way, or when there is no usable token.
    """
    action, is_ours = _write_down(addition)
    if not is_ours or not perform.may_send(action):
        return action
    token = perform.token_of(action)
    try:
        phone_number_id = graph_writer().add_phone_number(
            addition.waba.waba_id,
            token=token,
            cc=addition.cc,
            phone_number=addition.phone_number,
            verified_name=addition.verified_name,
            meter=Meter(deadline=time.monotonic() + perform.PATIENCE_SECONDS),
        )
    except GraphError as error:
        perform.record_error(action, error)
    except ValueError as error:
        perform.close(action, ActionState.FAILED, error_kind="not_sent", message=str(error))
    else:
        details = {**action.details, "phone_number_id": phone_number_id}
        perform.close(action, ActionState.SUCCEEDED, details=details)
    action.refresh_from_db()
    if action.state != ActionState.FAILED:
        runs.start(scope=RunScope.WABA, user=addition.user, waba=addition.waba)
    return action


def _write_down(addition: Addition) -> tuple[Action, bool]:
    """The committed row, and whether this call wrote it; the row of the same key if another did."""
    try:
        with transaction.atomic():
            waba = Waba.objects.select_for_update().get(pk=addition.waba.pk)
            same = Action.objects.filter(key=addition.key).first()
            if same is not None:
                return same, False
            shown = f"+{addition.cc} {addition.phone_number}"
            _insist_that_it_is_new(waba, shown)
            action = Action.objects.create(
                key=addition.key,
                waba=waba,
                kind=ActionKind.ADD_NUMBER,
                details={"phone_number": shown, "verified_name": addition.verified_name},
                requested_by=addition.user,
                created_at=timezone.now(),
            )
            return action, True
    except IntegrityError:
        return Action.objects.get(key=addition.key), False


def _insist_that_it_is_new(waba: Waba, shown: str) -> None:
    listed = PhoneNumber.objects.on(Waba.objects.filter(pk=waba.pk)).filter(digits=digits_of(shown))
    if listed.filter(missing_since=None).exists():
        raise perform.NotSentError(guards.Refusal("This WABA has that number already."))
    # An addition that was done is on the list only once the WABA was read whole since.
    unlisted = Q(closed_at=None) | Q(state=ActionState.SUCCEEDED)
    if waba.last_synced_at is not None:
        unlisted &= Q(closed_at=None) | Q(closed_at__gte=waba.last_synced_at)
    earlier = Action.objects.filter(unlisted, waba=waba, kind=ActionKind.ADD_NUMBER)
    if any(one.details.get("phone_number") == shown for one in earlier):
        sentence = "Adding this number is under way: wait until its WABA was read, which settles it."
        raise perform.NotSentError(guards.Refusal(sentence))
