"""Carries out one item of a run, once, and says in words what came of it."""

import structlog

from clients.models import Label, Waba
from phones.actions import settle
from phones.actions.number import NumberRequest, perform
from phones.actions.send_once import STALE, NotSentError
from phones.book import labels
from phones.bulk import links, profiles, words
from phones.bulk.outcome import DONE, NOT_YOURS, Outcome
from phones.bulk_choices import BulkKind, ItemState
from phones.choices import ActionKind, ActionState
from phones.events import subscriptions
from phones.listing.rows import rows_of
from phones.models import Action, BulkItem, BulkRun, NumberLabel, PhoneNumber
from portal.rows import row_or_none

log = structlog.get_logger(__name__)

_STATES = {ActionState.SUCCEEDED: ItemState.DONE, ActionState.FAILED: ItemState.FAILED}


def carry_out(run: BulkRun, item: BulkItem) -> Outcome:
    """Do what the run does for `item`, and give what came of it. An item that was sent before is not sent again."""
    # Only what was taken before, by a worker that died, may have been sent.
    if item.state == ItemState.TAKEN and (sent := outcome_of_action(item)) is not None:
        return sent
    try:
        return _do(run, item)
    except NotSentError as error:
        reason = words.CHANGED if str(error) == STALE else str(error)
        return Outcome(ItemState.SKIPPED, reason)
    except Exception as error:  # a fault of ours in one item hides no other
        log.exception("An item of a bulk run broke off.", run=run.pk, item=item.pk)
        sent = outcome_of_action(item)
        return sent or Outcome(ItemState.FAILED, f"A fault of the desk’s own: {type(error).__name__}.")


def outcome_of_action(item: BulkItem) -> Outcome | None:
    """What came of the item's action as that stands now; None where there is none."""
    action = row_or_none(Action.objects.filter(key=item.key))
    return _outcome(action) if action is not None else None


def _outcome(action: Action) -> Outcome:
    state = ActionState(action.state)
    reason = words.reason_of(state, action.error_kind, action.code, action.subcode, action.http_status)
    return Outcome(_STATES.get(state, ItemState.UNKNOWN), reason, action)


def _do(run: BulkRun, item: BulkItem) -> Outcome:
    match BulkKind(run.kind):
        case BulkKind.SIGNUP_LINK:
            return links.make_signup_link(run, item)
        case BulkKind.SUBSCRIBE:
            waba = row_or_none(Waba.objects.workable_by(run.requested_by).filter(pk=item.waba_id or 0))
            if waba is None:
                return NOT_YOURS
            return _outcome(subscriptions.subscribe(waba=waba, user=run.requested_by, key=item.key))
        case _:
            return _do_to_number(run, item)


def _do_to_number(run: BulkRun, item: BulkItem) -> Outcome:
    numbers = PhoneNumber.objects.workable_by(run.requested_by)
    related = ("waba__client", "waba__credential", "waba__last_failure", "waba__health", "health", "profile")
    number = row_or_none(numbers.select_related(*related).filter(pk=item.number_id or 0))
    if number is None:
        return NOT_YOURS
    kind = BulkKind(run.kind)
    if kind == BulkKind.CODE_LINK:
        return links.make_code_link(run, item, number)
    if kind == BulkKind.LABEL:
        return _label(run, number)
    if kind == BulkKind.REFRESH:
        return _outcome(settle.refresh(number=number, user=run.requested_by))
    details = run.details
    if kind == BulkKind.PROFILE:
        details = profiles.details_for(number, run.details["changes"])
        if not details["changes"]:
            return Outcome(ItemState.SKIPPED, words.HAS_PROFILE)
    request = NumberRequest(
        key=item.key,
        kind=ActionKind(kind.value),
        number=number,
        user=run.requested_by,
        details=details,
        generate_pin=True,
        seen=item.seen,
    )
    return _outcome(perform(request))


def _label(run: BulkRun, number: PhoneNumber) -> Outcome:
    label = Label.objects.filter(pk=run.details["label"]).first()
    if label is None:
        return Outcome(ItemState.FAILED, words.LABEL_GONE)
    # The number may be under another client's WABA, and be theirs to work on by a second one that lists it.
    rows = rows_of([number], run.requested_by)
    if not rows:
        return NOT_YOURS
    kept = Label.objects.filter(
        pk__in=NumberLabel.objects.workable_by(run.requested_by).filter(number=number).values("label")
    )
    client = rows[0].waba.client
    labels.label_number(number=number, client=client, labels=[*kept, label], actor=run.requested_by)
    return DONE
