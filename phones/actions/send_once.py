"""The one place that has Meta change something: recorded first, sent once, never sent again.

The row is committed before the call, the call is made outside any transaction, and no code path makes it twice. Meta's
answer decides the outcome; when the answer was lost, the action is UNKNOWN until a reading settles it (`settle`). What
is asked of Meta for which object, and what judges it, is in the modules beside this one.
"""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, ClassVar

import structlog
from django.db import IntegrityError, transaction
from django.views.decorators.debug import sensitive_variables

from clients import access, audit
from clients.choices import AuditKind, AuditOutcome
from clients.models import User, Waba
from clients.models.answers import columns_of
from phones.actions import pins
from phones.actions.guards import BLOCKED_FOR, Refusal
from phones.choices import ActionKind, ActionState
from phones.models import Action
from portal import database_clock, patience
from portal.crypto import SecretUnreadableError
from portal.graph import GraphError, Meter
from portal.graph.writes import GraphWriter
from portal.rows import row_or_none

log = structlog.get_logger(__name__)

STALE = "This page was out of date: the number has changed since you opened it. Please look again."
NO_TOKEN = Refusal("There is no usable token for this number's WABA: see the WABA's page.")


class NotSentError(Exception):
    """Nothing was sent to Meta; the text says why and what to do instead. `kind` is "guard" or "no_token"."""

    def __init__(self, refusal: Refusal, *, kind: str = "guard") -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal
        self.kind = kind


@dataclass(kw_only=True, eq=False)
class ActionRequest(ABC):
    """What somebody wants done at Meta. Each kind of object has a subclass that knows how it is judged and sent.

    `key` is the confirmation's own and is used up by the action. `details` may be shown, and hold no secret. `user` is
    None where the client acts through a link or a signup; `details["by"]` (a `ClientDoor`) then says which. `seen` is
    the object's `fingerprint` when the person decided; when it differs by now, nothing is sent.
    """

    key: uuid.UUID
    kind: ActionKind
    user: User | None
    details: Mapping[str, Any] = field(default_factory=dict)
    override_reason: str = ""
    seen: Sequence[object] | None = None
    token: str = field(default="", repr=False)

    under_way: ClassVar[str] = "The same is under way: wait for its outcome."
    is_readable: ClassVar[bool] = True
    """Whether a reading can show what came of it; otherwise a lost answer is closed as unknown at once."""

    @abstractmethod
    def lock(self) -> None:
        """Lock the row that every request about this object goes through, and take it over as it is now."""

    def fingerprint(self) -> list[object]:
        """What must still be so when the person's decision is recorded."""
        return []

    def judge(self) -> Refusal | None:
        """Why this may not be sent; None when it may. Called under the lock."""
        return None

    def open_token(self) -> str:
        """The token to send it with: the one that was given. Raises NotSentError without one."""
        if not self.token:
            raise NotSentError(NO_TOKEN, kind="no_token")
        return self.token

    @abstractmethod
    def columns(self) -> dict[str, Any]:
        """The columns of the action that say what it is about. What it is sent with is stored beside it."""

    @abstractmethod
    def call(self, writer: GraphWriter, meter: Meter) -> object:
        """The one call to Meta, and what it gives. Raises GraphError, and ValueError for what is wrong on its face."""

    def take_effect(self, action: Action, answer: Any) -> None:  # noqa: B027 - most have nothing to write
        """Write what Meta's "done" means for the tables, in the transaction that closes the action."""


def token_of(waba: Waba) -> str:
    """The token that works for `waba`. Raises NotSentError without one."""
    try:
        return access.token_of(waba.credential)
    except access.NoTokenError:
        raise NotSentError(NO_TOKEN, kind="no_token") from None


@sensitive_variables()
def send_once(request: ActionRequest, *, read_back: Callable[[Action], object]) -> Action:
    """Have done what `request` says, and give the action as it stands after Meta's answer.

    A person at a page waits for some seconds; an action that takes longer goes on, and is given as SENT.

    The same request again (its key) gives the same action and sends nothing. Only the caller that sent calls
    `read_back`, which reads the object at Meta and settles what is open. Raises NotSentError when a guard refuses the
    request, when another action on the same object is still open, or when there is no usable token.
    """
    action, is_ours = _record(request)
    if not is_ours or not _may_send(action):
        return action
    patience.carry_out(partial(_send, request, action, read_back))
    action.refresh_from_db()
    return action


@sensitive_variables()
def _send(request: ActionRequest, recorded: Action, read_back: Callable[[Action], object]) -> None:
    # A row of its own: whoever recorded it may go on with theirs meanwhile.
    action = Action.objects.get(pk=recorded.pk)
    meter = access.meter()
    try:
        answer = request.call(GraphWriter(access.graph_client().transport), meter)
    except GraphError as error:
        _record_error(action, error, is_readable=request.is_readable)
    except (ValueError, SecretUnreadableError) as error:
        _close(action, ActionState.FAILED, error_kind="not_sent", message=str(error))
    else:
        with transaction.atomic():
            request.take_effect(action, answer)
            if action.pin is not None:
                pins.confirm(action.pin)
            _close(action, ActionState.SUCCEEDED)
    action.refresh_from_db()
    read_back(action)


@sensitive_variables()
def _record(request: ActionRequest) -> tuple[Action, bool]:
    """The committed row, and whether this call wrote it; the row of the same key if another did."""
    same = Action.objects.filter(key=request.key)
    if (done := row_or_none(same)) is not None:
        return done, False
    try:
        # Durable: the row must be committed before Meta is called, so no caller may have a transaction open.
        with transaction.atomic(durable=True):
            request.lock()
            if (done := row_or_none(same)) is not None:
                return done, False
            # Only under the lock: of two people with the page open, the second decided on a picture that is gone.
            if request.seen is not None and request.fingerprint() != list(request.seen):
                raise NotSentError(Refusal(STALE))
            if (refusal := request.judge()) is not None:
                raise NotSentError(refusal)
            request.token = request.open_token()
            action = Action.objects.create(
                key=request.key,
                kind=request.kind,
                requested_by=request.user,
                override_reason=request.override_reason,
                created_at=database_clock.now(),
                **({"details": dict(request.details)} | request.columns()),
            )
            _point_to(action)
            return action, True
    except IntegrityError:
        if (done := row_or_none(same)) is not None:
            return done, False
        raise NotSentError(Refusal(request.under_way)) from None


def _point_to(action: Action) -> None:
    """A line of the audit log that says where what became of it is written."""
    about = action.number or action.preverified_number or action.waba or action
    reason = {"override_reason": action.override_reason} if action.override_reason else {}
    by = {"by": action.details["by"]} if "by" in action.details else {}
    audit.entry(
        AuditKind.ACTION,
        f"{action.get_kind_display()}: asked of Meta.",
        actor=action.requested_by,
        about=about,
        outcome=AuditOutcome.BEGUN,
        details={"action": action.pk, **reason, **by},
    )


def _may_send(action: Action) -> bool:
    """Whether it is us who sends: of any number of callers with this row, one."""
    pending = Action.objects.filter(pk=action.pk, state=ActionState.PENDING)
    return pending.update(state=ActionState.SENT, sent_at=database_clock.now()) == 1


def _record_error(action: Action, error: GraphError, *, is_readable: bool) -> None:
    """What Meta's error means for the action: failed when nothing was done, unknown when it may have been."""
    now = database_clock.now()
    columns = columns_of(error)
    if error.kind in BLOCKED_FOR:
        columns["retry_at"] = now + (error.retry_after or BLOCKED_FOR[error.kind])
    log.warning("Meta did not do what was asked.", action=action.pk, kind=action.kind, error=str(error))
    if not error.effect_possible:
        with transaction.atomic():
            if action.pin is not None and error.kind == "pin_mismatch":
                pins.refuse(action.pin)
            _close(action, ActionState.FAILED, **columns)
    elif is_readable:
        # A reading may have shown meanwhile that it was done.
        still_open = Action.objects.filter(pk=action.pk, closed_at=None)
        still_open.update(state=ActionState.UNKNOWN, answered_at=now, **columns)
    else:
        _close(action, ActionState.UNKNOWN, **columns)


def _close(action: Action, state: ActionState, **columns: object) -> None:
    now = database_clock.now()
    Action.objects.filter(pk=action.pk, closed_at=None).update(answered_at=now, closed_at=now, state=state, **columns)
