"""A number's facts, gathered once for the pure rules of `phones.numbers.lifecycle`. Judges and writes nothing."""

import datetime
from collections.abc import Sequence

from django.utils import timezone

from phones.choices import ActionKind, ActionState
from phones.models import Action, PhoneNumber
from phones.numbers import clocks, rules
from phones.numbers.lifecycle import Facts

# Failures of a reading that mean: Meta does not show it to us.
ACCESS_LOST = frozenset({"not_visible", "permission_missing"})


def facts_of(number: PhoneNumber, records: Sequence[Action], *, now: datetime.datetime | None = None) -> Facts:
    """Everything known of a number, for `phones.numbers.lifecycle`. `records` are its actions, newest first."""
    moment = now or timezone.now()
    open_action = next((one for one in records if one.closed_at is None), None)
    registrations = (one for one in records if one.kind == ActionKind.REGISTER and one.closed_at is not None)
    last_registration = next(registrations, None)
    requests = (one for one in records if (one.kind, one.state) == (ActionKind.REQUEST_CODE, ActionState.SUCCEEDED))
    codes = [one.sent_at for one in requests if one.sent_at and clocks.is_code_good(one.sent_at, now=moment)]
    return plain_facts_of(
        number,
        open_action=open_action,
        code_sent_at=max(codes, default=None),
        certificate_refused=last_registration is not None and last_registration.error_kind == "certificate_error",
        readable=is_readable(number),
    )


def is_readable(number: PhoneNumber) -> bool:
    """Whether Meta let us read the number's WABA last time, or failed for a reason that says nothing of that."""
    failure = number.waba.last_failure
    return failure is None or failure.kind not in ACCESS_LOST


def plain_facts_of(
    number: PhoneNumber,
    *,
    open_action: Action | None = None,
    code_sent_at: datetime.datetime | None = None,
    certificate_refused: bool = False,
    readable: bool = True,
) -> Facts:
    """A number's own facts, and of our records what the caller has at hand. Costs no statement.

    `readable` is false when Meta does not let us read the number's WABA.
    """
    approved = number.new_name_status in rules.NAME_ACCEPTED
    return Facts(
        status=number.status,
        platform_type=number.platform_type,
        code_verification_status=number.code_verification_status,
        name_status=number.name_status,
        new_name_status=number.new_name_status,
        new_display_name=number.new_display_name,
        verified_name=number.verified_name,
        is_on_biz_app=number.is_on_biz_app,
        is_preverified_number=number.is_preverified_number,
        last_onboarded_time=number.last_onboarded_time,
        missing_since=number.missing_since,
        signup_at=number.signup_at,
        readable=readable,
        open_action=open_action.kind if open_action else "",
        open_action_at=open_action.created_at if open_action else None,
        code_sent_at=code_sent_at,
        name_approved_at=number.name_approved_at if approved else None,
        certificate_refused=certificate_refused,
    )
