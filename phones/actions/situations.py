"""Gathers from the tables what the pure rules judge: a number's facts, our own records of it, its earlier requests."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from phones.actions import guards, pins
from phones.choices import ActionKind, ActionState
from phones.lifecycle import NAME_ACCEPTED, Facts
from phones.models import Action, PhoneNumber, Pin

CODE_LIFE = datetime.timedelta(minutes=10)
# Requests that reached Meta, or may have.
_COUNTED = (ActionState.SENT, ActionState.SUCCEEDED, ActionState.FAILED, ActionState.UNKNOWN)
_CERTIFICATE = "certificate_error"
# Refusals that followed on a PIN of ours, and so count as guesses.
_GUESSES = frozenset({"pin_mismatch", "pin_too_fast", "pin_guesses_exceeded"})
_MEMORY = datetime.timedelta(days=30)
# Failures of a reading that mean: Meta does not show it to us.
ACCESS_LOST = frozenset({"not_visible", "permission_missing"})


def records_of(number: PhoneNumber) -> list[Action]:
    """What was done to a number lately or is still open, newest first: all that its situation is made of."""
    recent = Q(closed_at=None) | Q(sent_at__gt=timezone.now() - _MEMORY)
    return list(Action.objects.filter(recent, number=number).exclude(kind=ActionKind.REFRESH).order_by("-pk"))


def facts_of(number: PhoneNumber, records: Sequence[Action]) -> Facts:
    """Everything known of a number, for `phones.lifecycle`. `records` are its actions, newest first."""
    open_action = next((one for one in records if one.closed_at is None), None)
    registrations = (one for one in records if one.kind == ActionKind.REGISTER and one.closed_at is not None)
    last_registration = next(registrations, None)
    since = timezone.now() - CODE_LIFE
    codes = [
        one.sent_at
        for one in records
        if one.kind == ActionKind.REQUEST_CODE
        and one.state == ActionState.SUCCEEDED
        and one.sent_at is not None
        and one.sent_at > since
    ]
    return plain_facts_of(
        number,
        open_action=open_action,
        code_sent_at=max(codes, default=None),
        certificate_refused=last_registration is not None and is_certificate_refusal(last_registration),
        readable=is_readable(number),
    )


def is_readable(number: PhoneNumber) -> bool:
    """Whether Meta let us read the number's WABA last time, or failed for a reason that says nothing of that."""
    failure = number.waba.last_failure
    return failure is None or failure.kind not in ACCESS_LOST


def is_certificate_refusal(registration: Action) -> bool:
    """Whether a registration failed because Meta had not issued the name's certificate."""
    return registration.error_kind == _CERTIFICATE


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
    approved = number.new_name_status in NAME_ACCEPTED
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


def situation_of(number: PhoneNumber, kind: ActionKind, *, pin_given: bool = True) -> guards.Situation:
    """What an action of this kind on `number` is judged by."""
    return situation_from(number, kind, records_of(number), pin_given=pin_given, kept=pins.known(number))


def situation_from(
    number: PhoneNumber, kind: ActionKind, records: Sequence[Action], *, pin_given: bool = True, kept: Pin | None
) -> guards.Situation:
    """The same, from the number's actions (newest first) and its known PIN, which the caller has at hand."""
    rows = [
        (one.sent_at, one.error_kind, one.retry_at)
        for one in records
        if one.kind == kind and one.state in _COUNTED and one.sent_at is not None
    ]
    return guards.Situation(
        facts=facts_of(number, records),
        is_pin_enabled=number.is_pin_enabled,
        is_official=number.is_official_business_account,
        sent=tuple(sent_at for sent_at, _, _ in rows),
        wrong_pins=tuple(sent_at for sent_at, error, _ in rows if error in _GUESSES),
        pin_given=pin_given or kept is not None,
        blocked_until=max((retry_at for _, _, retry_at in rows if retry_at is not None), default=None),
    )
