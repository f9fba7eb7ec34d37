"""Sends an action to Meta: once, after writing it down, and records what came of it.

The order is the promise: the row is committed before the call, the call is made outside any transaction, and no code
path makes it twice. What Meta answered decides the outcome; when its answer was lost, the action is UNKNOWN until a
reading of the number settles it.
"""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.answers import columns_of
from clients.choices import Role
from clients.models import User
from phones.actions import guards, pins, settle, situations
from phones.actions.graph import GraphWriter, graph_writer
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber, Pin
from phones.numbers.lifecycle import is_registered
from portal.crypto import SecretUnreadableError
from portal.graph import GraphError, Meter

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 20
STALE = "This page was out of date: the number has changed since you opened it. Please look again."
MAY_OVERRIDE = frozenset({Role.ADMINISTRATOR, Role.TEAM_LEAD})


class NotSentError(Exception):
    """Nothing was sent to Meta; the text says why and what to do instead."""

    def __init__(self, refusal: guards.Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Order:
    """What a person confirmed. `key` is the confirmation's own; `details` may be shown, `pin` and `code` never.

    `user` is None where the client acts through a link; `details["by"]` (a `ClientDoor`) then says which.
    """

    key: uuid.UUID
    kind: ActionKind
    number: PhoneNumber
    user: User | None
    details: Mapping[str, str] = field(default_factory=dict)
    pin: str = field(default="", repr=False)
    generate_pin: bool = False
    code: str = field(default="", repr=False)
    override_reason: str = ""
    seen: Sequence[object] | None = None
    """The `fingerprint` of the number when the person decided; when it differs by now, nothing is sent."""


def fingerprint(number: PhoneNumber) -> list[object]:
    """What must still be so when the person confirms: where the number stands, and what was done to it last."""
    last = Action.objects.filter(number=number).exclude(kind=ActionKind.REFRESH).order_by("-pk").first()
    return [number.stage, number.step, number.waba_id, last.pk if last else 0]


@sensitive_variables()
def perform(order: Order) -> Action:
    """Do what `order` says, and give the action as it stands after Meta's answer.

    The same order again (its key) gives the same action and sends nothing. Raises NotSentError when a guard refuses it
    or another action on the number is still open.
    """
    done = Action.objects.filter(key=order.key).first()
    if done is not None:
        return done
    action, is_ours = _write_down(order)
    if not is_ours or not may_send(action):
        return action
    try:
        token = token_of(action)
        _send(graph_writer(), order, action, token)
    except GraphError as error:
        record_error(action, error)
    except (ValueError, SecretUnreadableError) as error:
        close(action, ActionState.FAILED, error_kind="not_sent", message=str(error))
    else:
        _record_success(action)
    settle.read_back(action, user=order.user)
    action.refresh_from_db()
    return action


@sensitive_variables()
def _write_down(order: Order) -> tuple[Action, bool]:
    """The committed row, PIN included, and whether this call wrote it; the row of the same key if another did."""
    try:
        with transaction.atomic():
            number = PhoneNumber.objects.select_for_update().get(pk=order.number.pk)
            same = Action.objects.filter(key=order.key).first()
            if same is not None:
                return same, False
            # Only under the lock: of two people with the page open, the second decided on a picture that is gone.
            if order.seen is not None and fingerprint(number) != list(order.seen):
                raise NotSentError(guards.Refusal(STALE))
            _insist_on_guards(order, number)
            pin = _pin_of(order, number)
            action = Action.objects.create(
                key=order.key,
                number=number,
                waba_id=number.waba_id,
                kind=order.kind,
                details={**order.details, "was_registered": is_registered(number)},
                pin=pin,
                requested_by=order.user,
                override_reason=order.override_reason,
                created_at=timezone.now(),
            )
            return action, True
    except IntegrityError:
        same = Action.objects.filter(key=order.key).first()
        if same is not None:
            return same, False
        sentence = "Another action on this number is under way: wait for its outcome, or read the number to settle it."
        raise NotSentError(guards.Refusal(sentence)) from None


def _insist_on_guards(order: Order, number: PhoneNumber) -> None:
    pin_given = bool(order.pin) or not order.generate_pin
    situation = situations.situation_of(number, order.kind, pin_given=pin_given)
    may_override = order.user is not None and roles.role_of(order.user) in MAY_OVERRIDE
    overriding = bool(order.override_reason) and may_override
    refusal = guards.refusal(order.kind, situation, now=timezone.now(), overriding=overriding)
    if refusal is not None:
        raise NotSentError(refusal)


@sensitive_variables()
def _pin_of(order: Order, number: PhoneNumber) -> Pin | None:
    """The PIN that the action is sent with, stored before it is sent."""
    if order.kind not in {ActionKind.REGISTER, ActionKind.SET_PIN}:
        return None
    if order.pin:
        return pins.keep(number=number, pin=pins.checked(order.pin), user=order.user, generated=False)
    kept = pins.known(number)
    if kept is not None and order.kind == ActionKind.REGISTER:
        return kept
    return pins.keep(number=number, pin=pins.made_up(), user=order.user, generated=True)


def may_send(action: Action) -> bool:
    """Whether it is us who sends: of any number of callers with this row, one."""
    now = timezone.now()
    mine = Action.objects.filter(pk=action.pk, state=ActionState.PENDING).update(state=ActionState.SENT, sent_at=now)
    return mine == 1


def token_of(action: Action) -> str:
    """The token to send `action` with; without one the action is closed, and NotSentError raised."""
    credential = action.waba.credential
    try:
        token = credential.open_token() if credential is not None else ""
    except SecretUnreadableError:
        token = ""
    if not token:
        close(action, ActionState.FAILED, error_kind="no_token")
        raise NotSentError(guards.Refusal("There is no usable token for this number's WABA: see the WABA's page."))
    return token


@sensitive_variables()
def _send(writer: GraphWriter, order: Order, action: Action, token: str) -> None:
    """The one call to Meta. Raises GraphError."""
    meter = Meter(deadline=time.monotonic() + PATIENCE_SECONDS)
    pk, details = order.number.phone_number_id, order.details
    calls: dict[ActionKind, Callable[[], object]] = {
        ActionKind.REQUEST_CODE: lambda: writer.request_code(
            pk, token=token, code_method=details["code_method"], language=details["language"], meter=meter
        ),
        ActionKind.VERIFY_CODE: lambda: writer.verify_code(pk, token=token, code=order.code, meter=meter),
        ActionKind.REGISTER: lambda: writer.register(
            pk,
            token=token,
            pin=_opened(action.pin),
            data_localization_region=details.get("data_localization_region") or None,
            meter=meter,
        ),
        ActionKind.DEREGISTER: lambda: writer.deregister(pk, token=token, meter=meter),
        ActionKind.SET_PIN: lambda: writer.set_pin(pk, token=token, pin=_opened(action.pin), meter=meter),
        ActionKind.DISPLAY_NAME: lambda: writer.request_display_name(
            pk, token=token, new_display_name=details["new_display_name"], meter=meter
        ),
    }
    calls[order.kind]()


def _opened(pin: Pin | None) -> str:
    if pin is None:
        raise ValueError("This action needs a PIN.")
    return pins.opened(pin)


def _record_success(action: Action) -> None:
    with transaction.atomic():
        if action.pin is not None:
            pins.confirm(action.pin)
        close(action, ActionState.SUCCEEDED)


def record_error(action: Action, error: GraphError) -> None:
    """What Meta's error means for the action: failed when nothing was done, unknown when it may have been."""
    now = timezone.now()
    columns = columns_of(error) | {"answered_at": now}
    if error.kind in _BLOCKS:
        columns["retry_at"] = now + (error.retry_after or _BLOCKS[error.kind])
    log.warning("Meta did not do what was asked.", action=action.pk, kind=action.kind, error=str(error))
    if error.effect_possible:
        Action.objects.filter(pk=action.pk).update(state=ActionState.UNKNOWN, **columns)
        return
    with transaction.atomic():
        if action.pin is not None and error.kind == "pin_mismatch":
            pins.refuse(action.pin)
        close(action, ActionState.FAILED, **columns)


_BLOCKS = {"registration_limit": guards.REGISTER_WINDOW, "recently_deleted": datetime.timedelta(minutes=5)}


def close(action: Action, state: ActionState, **columns: object) -> None:
    """Write down the end of `action`, and when it came."""
    now = timezone.now()
    Action.objects.filter(pk=action.pk).update(**{"answered_at": now, **columns, "state": state, "closed_at": now})
