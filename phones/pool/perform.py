"""Does something to the pool at Meta: once, after writing it down, and records what came of it.

The promise of `phones.actions.perform`, for numbers that are the partner's own: the row is committed before the call,
the call is made outside any transaction, no code path makes it twice, and a lost answer is settled by reading.
"""

from __future__ import annotations

import datetime
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.answers import columns_of
from clients.models import Credential, SyncFailure, User
from phones.actions.graph import GraphWriter, graph_writer
from phones.choices import ActionState, PoolActionKind
from phones.models import PoolAction, PreverifiedNumber, PreverifiedShare
from phones.pool import facts as situations
from phones.pool import read as pool
from phones.pool import rules
from phones.pool import settle as settling
from phones.pool.read import Access
from portal.graph import GraphError, Meter

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 20
STALE = "This page was out of date: the number has changed since you opened it. Please look again."
NOT_SET_UP = "There is no usable system user token: an administrator sets META_BUSINESS_ID and META_SYSTEM_USER_TOKEN."
UNDER_WAY = "Something else done to this number waits for its outcome: read the number, which settles it."


class NotSentError(Exception):
    """Nothing was sent to Meta; the text says why and what to do instead."""

    def __init__(self, refusal: rules.Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Order:
    """What a person confirmed. `key` is the confirmation's own; `details` may be shown, `code` never.

    `number` is None for an addition, whose details hold the digits as `phone_number`.
    """

    key: uuid.UUID
    kind: PoolActionKind
    number: PreverifiedNumber | None
    user: User
    details: Mapping[str, str] = field(default_factory=dict)
    code: str = field(default="", repr=False)
    seen: Sequence[object] | None = None
    """The `fingerprint` of the number when the person decided; when it differs by now, nothing is sent."""


def may_do(user: User, kind: PoolActionKind) -> bool:
    """Whether `user` may do things of this kind to the pool."""
    return roles.sees_everything(user) if kind in rules.FOR_LEADS else roles.may_change(user)


def fingerprint(number: PreverifiedNumber) -> list[object]:
    """What must still be so when the person confirms: how the number stands, and what was done to it last."""
    last = PoolAction.objects.filter(number=number).order_by("-pk").values_list("pk", flat=True).first()
    in_pool = number.missing_since is None and number.deleted_at is None and number.claimed_at is None
    return [in_pool, number.code_verification_status, _iso(number), number.reserved_for_id, last or 0]


@sensitive_variables()
def do(order: Order) -> PoolAction:
    """Do what `order` says, and give the action as it stands after Meta's answer.

    The same order again (its key) gives the same action and sends nothing. Raises NotSentError when a rule refuses it,
    when something else done to the number is still open, or when there is no usable token.
    """
    done = PoolAction.objects.filter(key=order.key).first()
    if done is not None:
        return done
    may = pool.access(at=timezone.now())
    if isinstance(may, SyncFailure):
        until = may.retry_at
        sentence = "Meta asked us to wait before the next call." if until is not None else NOT_SET_UP
        raise NotSentError(rules.Refusal(sentence, until))
    action, is_ours = _write_down(order, may)
    if not is_ours or not _may_send(action):
        return action
    asked_at = timezone.now()
    try:
        made = _send(graph_writer(), order, may)
    except GraphError as error:
        _record_error(action, error)
    except ValueError as error:
        settling.close(action, ActionState.FAILED, error_kind="not_sent", message=str(error))
    else:
        with transaction.atomic():
            _take_effect(action, order, made, asked_at=asked_at)
            settling.close(action, ActionState.SUCCEEDED)
    action.refresh_from_db()
    if not (order.kind == PoolActionKind.DELETE and action.state == ActionState.SUCCEEDED):
        settling.read_back(action)
    action.refresh_from_db()
    return action


@sensitive_variables()
def _write_down(order: Order, may: Access) -> tuple[PoolAction, bool]:
    """The committed row, and whether this call wrote it; the row of the same key if another did."""
    try:
        with transaction.atomic():
            number = _locked(order, may)
            same = PoolAction.objects.filter(key=order.key).first()
            if same is not None:
                return same, False
            _insist(order, number)
            action = PoolAction.objects.create(
                key=order.key,
                number=number,
                kind=order.kind,
                details={**order.details, **_before(number)},
                requested_by=order.user,
                created_at=timezone.now(),
            )
            return action, True
    except IntegrityError:
        same = PoolAction.objects.filter(key=order.key).first()
        if same is not None:
            return same, False
        raise NotSentError(rules.Refusal(UNDER_WAY)) from None


def _locked(order: Order, may: Access) -> PreverifiedNumber | None:
    """The order's number under a lock; additions, which have none yet, wait for each other at the token's row."""
    if order.number is None:
        Credential.objects.select_for_update().get(pk=may.credential.pk)
        return None
    # The row alone: what it points at is not ours to lock.
    rows = PreverifiedNumber.objects.select_for_update(of=("self",)).select_related("number")
    return rows.get(pk=order.number.pk)


def _insist(order: Order, number: PreverifiedNumber | None) -> None:
    """Raises NotSentError for what the rules refuse. Inside the transaction that locks the number."""
    if not may_do(order.user, order.kind):
        raise NotSentError(rules.Refusal("This is for team leads and administrators."))
    if number is None:
        _insist_that_it_is_new(order.details["phone_number"])
        return
    if order.seen is not None and fingerprint(number) != list(order.seen):
        raise NotSentError(rules.Refusal(STALE))
    refusal = situations.refusal_of(number, order.kind)
    if refusal is not None:
        raise NotSentError(refusal)


def _insist_that_it_is_new(digits: str) -> None:
    if PreverifiedNumber.objects.in_pool().filter(digits=digits).exists():
        raise NotSentError(rules.Refusal("This number is in the pool already."))
    waiting = PoolAction.objects.filter(kind=PoolActionKind.ADD, closed_at=None)
    if any(one.details.get("phone_number") == digits for one in waiting):
        sentence = "Adding this number is under way: read the pool, which settles it."
        raise NotSentError(rules.Refusal(sentence))


def _before(number: PreverifiedNumber | None) -> dict[str, str]:
    """What a later reading is compared with: a verification shows as done only if it is another one than before."""
    if number is None or number.code_verification_time is None:
        return {}
    return {settling.VERIFIED_BEFORE: _iso(number)}


def _iso(number: PreverifiedNumber) -> str:
    return number.code_verification_time.isoformat() if number.code_verification_time else ""


def _may_send(action: PoolAction) -> bool:
    """Whether it is us who sends: of any number of callers with this row, one."""
    now = timezone.now()
    mine = PoolAction.objects.filter(pk=action.pk, state=ActionState.PENDING)
    return mine.update(state=ActionState.SENT, sent_at=now) == 1


@sensitive_variables()
def _send(writer: GraphWriter, order: Order, may: Access) -> str:
    """The one call to Meta; the new id when a number was added, else nothing. Raises GraphError."""
    meter = Meter(deadline=time.monotonic() + PATIENCE_SECONDS)
    token, details = may.token, order.details
    if order.number is None:
        return writer.add_preverified_number(
            may.business_id, token=token, phone_number=details["phone_number"], meter=meter
        )
    pk = order.number.preverified_id
    match order.kind:
        case PoolActionKind.REQUEST_CODE:
            method, language = details["code_method"], details["language"]
            writer.request_code(pk, token=token, code_method=method, language=language, meter=meter)
        case PoolActionKind.VERIFY_CODE:
            writer.verify_code(pk, token=token, code=order.code, meter=meter)
        case PoolActionKind.DELETE:
            writer.delete_preverified_number(pk, token=token, meter=meter)
        case PoolActionKind.SHARE | PoolActionKind.UNSHARE:
            shares = order.kind == PoolActionKind.SHARE
            change = writer.share_preverified_number if shares else writer.unshare_preverified_number
            partner = details["business_id"]
            change(may.business_id, token=token, preverified_id=pk, partner_business_id=partner, meter=meter)
        case _:
            raise ValueError("This is not done to a number that is in the pool.")
    return ""


def _take_effect(action: PoolAction, order: Order, made: str, *, asked_at: datetime.datetime) -> None:
    """What Meta's "done" means for the tables. A reading follows, and what it says counts."""
    now = timezone.now()
    if order.number is None:
        digits = order.details["phone_number"]
        number, is_new = PreverifiedNumber.objects.get_or_create(
            preverified_id=made,
            defaults={
                "phone_number": digits,
                "digits": digits,
                "first_seen_at": now,
                "added_at": now,
                "synced_at": asked_at,
            },
        )
        if not is_new:
            PreverifiedNumber.objects.filter(pk=number.pk).update(added_at=now)
        PoolAction.objects.filter(pk=action.pk).update(number=number)
    elif order.kind == PoolActionKind.DELETE:
        PreverifiedNumber.objects.filter(pk=order.number.pk).update(deleted_at=now)
    elif order.kind == PoolActionKind.SHARE:
        PreverifiedShare.objects.get_or_create(
            number=order.number, business_id=order.details["business_id"], defaults={"since": now}
        )
    elif order.kind == PoolActionKind.UNSHARE:
        PreverifiedShare.objects.filter(number=order.number, business_id=order.details["business_id"]).delete()


def _record_error(action: PoolAction, error: GraphError) -> None:
    """What Meta's error means for the action: failed when nothing was done, unknown when it may have been."""
    columns = columns_of(error) | {"answered_at": timezone.now()}
    log.warning("Meta did not do to the pool what was asked.", action=action.pk, kind=action.kind, error=str(error))
    if error.effect_possible:
        PoolAction.objects.filter(pk=action.pk).update(state=ActionState.UNKNOWN, **columns)
    else:
        settling.close(action, ActionState.FAILED, **columns)
