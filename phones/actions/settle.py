"""Finds out by reading what an action came to. Reads only; nothing is ever sent again.

Meta's answer says "done"; the object itself says what is so. What was done is read back, and an action whose answer was
lost is decided by what is read: one rule for each kind. What can't be seen at Meta is closed as unknown.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.views.decorators.debug import sensitive_variables

from clients import access
from clients.credentials import environment_credential
from clients.models import User, Waba
from phones.actions import own_readings, pins
from phones.actions.lost_answers import ANSWER_LIMIT, may_still_be_done
from phones.actions.own_readings import Outcome
from phones.actions.waba import CHANGES_OF_SUBSCRIPTION
from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber, PreverifiedNumber
from phones.numbers import conditions, standing
from phones.numbers.age import last_answer
from phones.numbers.callbacks import own_callback
from phones.numbers.clocks import SHOWS_WITHIN, has_passed
from phones.numbers.rules import is_verified, on_cloud_api
from phones.numbers.search import digits_of
from phones.querysets import ActionQuerySet
from phones.sync import ask_now, health
from portal import database_clock, patience, stopping
from portal.graph import GraphError, NotVisible

MOST_NUMBERS = 50
# The detail that keeps when a pool number had been verified before its code was sent.
VERIFIED_BEFORE = "verified_before"
# The detail that keeps the id which a share of our line of credit has at Meta.
SHARE_ID = "allocation_config_id"
# The fact of Meta's that shows what became of an action. A reading may leave it out and keep what was known before.
_SHOWN_BY = {
    ActionKind.REGISTER: "platform_type",
    ActionKind.DEREGISTER: "platform_type",
    ActionKind.VERIFY_CODE: "code_verification_status",
    ActionKind.NUMBER_CALLBACK: "webhook_configuration",
}


def waiting() -> ActionQuerySet:
    """The open actions whose answer was lost, or never came to whoever waited for it."""
    stale = database_clock.now() - ANSWER_LIMIT
    unanswered = Q(state__in=[ActionState.PENDING, ActionState.SENT], created_at__lt=stale)
    return Action.objects.filter(Q(state=ActionState.UNKNOWN) | unanswered, closed_at=None)


def settle_all() -> int:
    """Read the numbers of all actions whose answer was lost; gives how many were looked at. The pool has its own."""
    numbers = PhoneNumber.objects.filter(actions__in=waiting()).distinct().select_related("waba__credential")
    looked_at = list(numbers[:MOST_NUMBERS])
    for number in looked_at:
        if stopping.is_asked():
            break  # the others wait for the next turn
        own_readings.read_open(number)
        if ask_now.refresh_number(number=number) is None:
            settle_number(number)
    _settle_additions()
    settle_credit_lines()
    return len(looked_at)


def _conclude(action: Action, outcome: Outcome, **columns: object) -> bool:
    """Close `action` as a reading shows; False when it is closed already, or stays open until a later reading.

    Nothing is closed that went on since it was looked at: a slow process may be sending what was recorded long ago.
    """
    if action.state == ActionState.PENDING:
        outcome = Outcome.NOT_DONE  # it was never sent
    too_early = outcome == Outcome.NOT_DONE and may_still_be_done(action.sent_at, now=database_clock.now())
    if too_early or outcome == Outcome.NOT_READ:
        return False
    columns = {"settled_by_reading": True, **columns, "state": outcome.value, "closed_at": database_clock.now()}
    return Action.objects.filter(pk=action.pk, state=action.state, closed_at=None).update(**columns) == 1


def _shown(*, done: bool) -> Outcome:
    return Outcome.DONE if done else Outcome.NOT_DONE


def read_back(action: Action, *, user: User | None, number: PhoneNumber | None = None) -> None:
    """Read the number of `action` and settle what is open; when it can't be read, everything stays as it is.

    `number`: the same, where the caller has it with its WABA and token.
    """
    number = number or action.number
    if number is None:
        return
    if action.kind in own_readings.KINDS:
        failure = own_readings.read(action, number=number, user=user)
    else:
        failure = ask_now.refresh_number(number=number, user=user)
    if failure is None:
        settle_number(number)
    else:
        standing.recompute([number.pk])


def refresh(*, number: PhoneNumber, user: User) -> Action:
    """Read the number's own node, settle what waited for a reading, and give the row of it with its outcome."""
    now = database_clock.now()
    action = Action.objects.create(
        number=number,
        waba_id=number.waba_id,
        kind=ActionKind.REFRESH,
        state=ActionState.SENT,
        requested_by=user,
        created_at=now,
        sent_at=now,
    )
    patience.carry_out(lambda: _refresh(action, number, user))
    action.refresh_from_db()
    return action


def _refresh(recorded: Action, number: PhoneNumber, user: User) -> None:
    action = Action.objects.get(pk=recorded.pk)
    failure = ask_now.refresh_number(number=number, user=user)
    action.answered_at = action.closed_at = database_clock.now()
    action.state = ActionState.SUCCEEDED
    if failure is not None:
        action.state = ActionState.FAILED
        for name, value in failure.error_columns.items():
            setattr(action, name, value)
    action.save()
    if failure is None:
        own_readings.read_open(number, user)
        settle_number(number)
        number.refresh_from_db()
        health.read_now(number=number, user=user)


def settle_number(number: PhoneNumber) -> None:
    """Close the open actions of `number` that wait for a reading, on the strength of the latest one.

    That reading was stored with where the number stands; only what is closed here changes it once more.
    """
    lost = set(waiting().filter(number=number).values_list("pk", flat=True))
    open_actions = Action.objects.filter(Q(pk__in=lost) | Q(number=number, state=ActionState.SENT), closed_at=None)
    if not open_actions:
        return
    number.refresh_from_db()
    for action in open_actions:
        with transaction.atomic():
            outcome = _of_number(action, number)
            if action.pk not in lost and outcome != Outcome.DONE:
                continue  # whoever sent it may still get the answer
            if _conclude(action, outcome) and outcome == Outcome.DONE and action.pin is not None:
                pins.confirm(action.pin)
    standing.recompute([number.pk])


def _of_number(action: Action, number: PhoneNumber) -> Outcome:
    """Whether the number shows what the action was to bring about."""
    if action.kind in own_readings.KINDS:
        outcome = own_readings.outcome_of(action, number)
        return _left_out(action) if outcome == Outcome.NOT_READ else outcome
    if action.sent_at is not None and not database_clock.is_between(number.synced_at, action.sent_at):
        return Outcome.NOT_READ
    shows = _SHOWN_BY.get(ActionKind(action.kind))
    if shows is not None and action.sent_at is not None:
        answered_at, _ = last_answer(number, shows)
        if not database_clock.is_between(answered_at, action.sent_at):
            return _left_out(action)  # what stands there is from before
    # A number in trouble, or that is not connected yet, is registered all the same where its platform says so.
    registered, details = on_cloud_api(number), action.details
    match action.kind:
        # A number that was registered before, or verified before, shows nothing new.
        case ActionKind.REGISTER if registered and details.get("was_registered"):
            return Outcome.NOT_SHOWN
        case ActionKind.VERIFY_CODE if is_verified(number) and details.get("was_verified"):
            return Outcome.NOT_SHOWN
        case ActionKind.REGISTER | ActionKind.DEREGISTER:
            is_registering = action.kind == ActionKind.REGISTER
            return _left_out(action) if registered is None else _shown(done=registered == is_registering)
        case ActionKind.VERIFY_CODE:
            is_known = number.code_verification_status is not None
            return _shown(done=is_verified(number)) if is_known else _left_out(action)
        case ActionKind.DISPLAY_NAME | ActionKind.NUMBER_CALLBACK:
            return _as_wanted(action, number)
    return Outcome.NOT_SHOWN


def _as_wanted(action: Action, number: PhoneNumber) -> Outcome:
    """Whether the number shows the text that the action asked for: a display name, an address."""
    if action.kind == ActionKind.NUMBER_CALLBACK:
        return _of_callback(action, own_callback(number.webhook_configuration))
    wanted = action.details.get("new_display_name")
    return _shown(done=wanted in {number.new_display_name, number.verified_name})


def _of_callback(action: Action, is_now: str) -> Outcome:
    """A callback that is neither what was asked for nor what there was says nothing of the action."""
    if is_now == action.details["callback_url"]:
        return Outcome.DONE
    return Outcome.NOT_DONE if is_now == action.details["before"] else Outcome.NOT_SHOWN


def _left_out(action: Action) -> Outcome:
    """What a reading that leaves out the deciding fact says: nothing; after a day it is not waited for any longer."""
    waits = action.sent_at is not None and not has_passed(action.sent_at + SHOWS_WITHIN, now=database_clock.now())
    return Outcome.NOT_READ if waits else Outcome.NOT_SHOWN


def _settle_additions() -> None:
    """Close the open additions whose WABA was read whole since: the number is on its list, or was not added."""
    for action in waiting().filter(kind=ActionKind.ADD_NUMBER, number=None).select_related("waba"):
        waba, since = action.waba, action.sent_at or action.created_at
        if waba is None or not database_clock.is_between(waba.last_synced_at, since):
            continue
        listed = PhoneNumber.objects.on(Waba.objects.filter(pk=waba.pk)).filter(missing_since=None)
        meant = conditions.has_digits(digits_of(action.details.get("phone_number")))
        found = listed.filter(meant).order_by("-first_seen_at", "-pk").first()
        Action.objects.filter(pk=action.pk, state=action.state, closed_at=None).update(
            state=ActionState.FAILED if found is None else ActionState.SUCCEEDED,
            number=found,
            closed_at=database_clock.now(),
            settled_by_reading=True,
        )


def settle_subscription(waba: Waba, *, is_ours: bool | None, callback_url: str) -> bool:
    """Settle by Meta's list of subscribed apps what was done to our subscription; True while that is still open.

    `callback_url` is the address of the WABA's own that the list gives with our app, empty for none.
    """

    def outcome_of(action: Action) -> Outcome:
        if is_ours is None:
            return Outcome.NOT_READ
        if action.kind == ActionKind.UNSUBSCRIBE:
            return _shown(done=not is_ours)
        if action.kind == ActionKind.SUBSCRIBE or not is_ours:
            return _shown(done=is_ours)
        return _of_callback(action, callback_url)

    lost = waiting().filter(waba=waba, kind__in=CHANGES_OF_SUBSCRIPTION)
    return bool([action for action in lost if not _conclude(action, outcome_of(action))])


def settle_credit_lines() -> None:
    """Close what a process that died left behind: whether a credit line was shared, Meta has no way to tell.

    Of a share whose id is known Meta says whether it was revoked; what it does not say within a day is not known.
    """
    for action in waiting().filter(kind=ActionKind.SHARE_CREDIT_LINE):
        _conclude(action, Outcome.NOT_SHOWN, settled_by_reading=False)
    for action in waiting().filter(kind=ActionKind.REVOKE_CREDIT_LINE):
        outcome = _of_share(str(action.details.get(SHARE_ID, "")))
        _conclude(action, _left_out(action) if outcome == Outcome.NOT_READ else outcome)


@sensitive_variables()
def _of_share(allocation_config_id: str) -> Outcome:
    """Whether Meta shows the share of our credit line as revoked. One that it shows no more decides nothing."""
    try:
        token = access.token_of(environment_credential())
        share = access.graph_client().credit_share(allocation_config_id, token=token, meter=access.meter())
    except NotVisible:
        return Outcome.NOT_SHOWN
    except (access.NoTokenError, GraphError, ValueError):
        return Outcome.NOT_READ
    return Outcome.NOT_READ if share.is_revoked is None else _shown(done=share.is_revoked)


def settle_callback(callback_url: str, fields: Collection[str]) -> bool:
    """Settle by what Meta says of the app's callback whether it was set; True while that is still open."""

    def is_set(action: Action) -> bool:
        return action.details["callback_url"] == callback_url and set(action.details["fields"]) <= set(fields)

    lost = waiting().filter(kind=ActionKind.SET_CALLBACK)
    return bool([action for action in lost if not _conclude(action, _shown(done=is_set(action)))])


def settle_pool_number(number: PreverifiedNumber, *, knows_partners: bool) -> None:
    """Close the open actions of a pool number that was just read. `knows_partners`: who shares it was read too."""
    number.refresh_from_db()
    for action in waiting().filter(preverified_number=number):
        outcome = _of_pool_number(action, number, knows_partners=knows_partners)
        with transaction.atomic():
            if _conclude(action, outcome) and outcome == Outcome.DONE and action.kind == ActionKind.DELETE:
                gone = PreverifiedNumber.objects.filter(pk=number.pk, claimed_at=None)
                gone.update(deleted_at=number.missing_since or database_clock.now())


def _of_pool_number(action: Action, number: PreverifiedNumber, *, knows_partners: bool) -> Outcome:
    """Whether the number shows what the action was to bring about."""
    if action.kind == ActionKind.DELETE:
        # One that a client has claimed is gone for that reason.
        return Outcome.NOT_SHOWN if number.claimed_at is not None else _shown(done=number.missing_since is not None)
    if number.missing_since is not None:
        return Outcome.NOT_SHOWN
    match action.kind:
        case ActionKind.SHARE | ActionKind.UNSHARE:
            if not knows_partners:
                return Outcome.NOT_READ
            is_shared = number.shares.filter(business_id=action.details.get("business_id", "")).exists()
            return _shown(done=is_shared == (action.kind == ActionKind.SHARE))
        case ActionKind.VERIFY_CODE if number.code_verification_status is not None:
            verified_at = number.code_verification_time
            is_another = verified_at is None or verified_at.isoformat() != action.details.get(VERIFIED_BEFORE)
            return _shown(done=is_verified(number) and is_another)
    return Outcome.NOT_SHOWN


def settle_pool_additions() -> None:
    """Close the open additions to the pool, which was just read whole: the number is on the list, or was not added.

    Where Meta listed a new one without its digits, the outcome is not known.
    """
    for action in waiting().filter(kind=ActionKind.ADD_TO_POOL, preverified_number=None):
        since = action.sent_at or action.created_at
        here = PreverifiedNumber.objects.in_pool()
        meant = conditions.has_digits(str(action.details.get("phone_number", "")))
        found = here.filter(meant, synced_at__gt=since).order_by("-first_seen_at", "-pk").first()
        outcome = _shown(done=found is not None)
        if found is None and here.filter(digits="", first_seen_at__gt=since).exists():
            outcome = (
                Outcome.NOT_READ if may_still_be_done(action.sent_at, now=database_clock.now()) else Outcome.NOT_SHOWN
            )
        with transaction.atomic():
            if _conclude(action, outcome, preverified_number=found) and found is not None:
                PreverifiedNumber.objects.filter(pk=found.pk, added_at=None).update(added_at=since)
