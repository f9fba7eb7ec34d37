"""Does something to the pool at Meta through `phones.actions`, and settles lost answers by reading."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.access import ACTION_SECONDS, POOL_SECONDS
from clients.choices import Act
from clients.models import SyncFailure, User
from phones.actions import settle
from phones.actions.guards import Refusal
from phones.actions.pool import PoolRequest
from phones.actions.send_once import NotSentError, send_once
from phones.choices import ActionKind, ActionState
from phones.models import Action, PreverifiedNumber
from phones.pool import facts, read, rules
from portal import database_clock, stopping

NOT_SET_UP = "There is no usable system user token: an administrator sets META_BUSINESS_ID and META_SYSTEM_USER_TOKEN."
FOR_LEADS = "This is for team leads and administrators."
MOST_AT_ONCE = 20


def may_do(user: User, kind: ActionKind) -> bool:
    return roles.may(user, Act.MANAGE_THE_POOL) if kind in rules.FOR_LEADS else roles.may_change(user)


@dataclass(kw_only=True, eq=False)
class OnPool(PoolRequest):
    """Something to be done to the pool, by its rules and with the token of the business whose pool it is."""

    def judge_by_rules(self) -> Refusal | None:
        """Who may do it, and what the rules say of the number."""
        if not may_do(self.user, self.kind):
            return Refusal(FOR_LEADS)
        return facts.refusal_of(self.number, self.kind) if self.number is not None else None

    def open_token(self) -> str:
        """The environment's system user token. Raises NotSentError."""
        access = read.access(at=database_clock.now())
        if isinstance(access, SyncFailure):
            sentence = "Meta asked us to wait before the next call." if access.retry_at is not None else NOT_SET_UP
            raise NotSentError(Refusal(sentence, until=access.retry_at), kind="no_token")
        self.business_id = access.business_id
        return access.token


@sensitive_variables()
def perform(request: OnPool) -> Action:
    """Send it once, read back what it was about, and give the action as it stands then. Raises NotSentError."""
    return send_once(request, read_back=_read_back)


def read_number(number: PreverifiedNumber) -> read.NumberRead:
    """Read one number and its partners, and settle what waited for that."""
    found = read.read_number(number)
    if found.failure is None:
        settle.settle_pool_number(number, knows_partners=found.knows_partners)
    return found


def read_pool(*, seconds: float = POOL_SECONDS) -> read.PoolRead:
    """Read the whole pool, and settle the additions that waited for that."""
    found = read.read_pool(seconds=seconds)
    if found.failure is None:
        settle.settle_pool_additions()
    return found


@dataclass(frozen=True, slots=True)
class ChosenRead:
    """How many of the chosen numbers were read. `failure`: why the others were not; None where time was up."""

    count: int
    failure: SyncFailure | None = None


def read_chosen(numbers: Sequence[PreverifiedNumber], *, seconds: float) -> ChosenRead:
    """Read a few numbers one by one with their partners; where they are many, the pool, whose list holds them all."""
    if len(numbers) > MOST_AT_ONCE:
        failure = read_pool(seconds=seconds).failure
        return ChosenRead(0 if failure else len(numbers), failure)
    stop_at = time.monotonic() + seconds
    for count, number in enumerate(numbers):
        if time.monotonic() > stop_at:
            return ChosenRead(count)
        if failure := read_number(number).failure:
            return ChosenRead(count, failure)
    return ChosenRead(len(numbers))


def settle_all() -> int:
    """Read what all actions on the pool are about whose answer was lost; gives how many."""
    of_pool = settle.waiting().of_pool().select_related("preverified_number")
    waiting = list(of_pool.order_by("pk")[:MOST_AT_ONCE])
    for number in {action.preverified_number for action in waiting if action.preverified_number is not None}:
        if stopping.is_asked():
            break  # the others wait for the next turn
        read_number(number)
    if any(action.preverified_number is None for action in waiting):
        read_pool()
    return len(waiting)


def _read_back(action: Action) -> None:
    if action.preverified_number is None:
        if action.closed_at is None:
            read_pool(seconds=ACTION_SECONDS)
    elif (action.kind, action.state) != (ActionKind.DELETE, ActionState.SUCCEEDED):
        read_number(action.preverified_number)
