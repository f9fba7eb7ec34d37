"""Asking for an approval, and deciding one. Each decision is recorded before anything is sent."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.utils import timezone

from clients import audit, roles
from clients.choices import AuditKind, AuditOutcome
from clients.models import User
from clients.people import is_second_person
from phones import waking
from phones.actions.number import NumberRequest, perform
from phones.actions.send_once import STALE, NotSentError
from phones.approval_choices import ApprovalKind, ApprovalState
from phones.bulk import decide as bulk
from phones.choices import ActionKind
from phones.models import Approval, BulkRun, PhoneNumber

LIFETIME = timedelta(hours=12)
# How far they are counted, and for how long the count in the navigation may lag behind.
COUNTED = 100
COUNT_KEPT_FOR = 30
CHANGED = "The number has changed since this was asked for. Look at it, and ask again if it is still right."
IS_ASKED_FOR = "Somebody has asked for this already: it waits for a second person."
OWN = "You asked for this yourself: somebody else has to agree."
PERHAPS_OWN = (
    "A team lead counts as one person with those whom they invited. Somebody else has to agree, or an administrator "
    "vouches in the admin that you are two."
)


class NotDecidableError(Exception):
    """Something can't be asked for or decided; the text says why."""


def ask_to_deregister(
    *, number: PhoneNumber, person: User, key: uuid.UUID, seen: Sequence[object], override_reason: str
) -> Approval:
    """Have it wait for a second person. The same confirmation again gives the same. Raises NotDecidableError."""
    about = {"kind": ApprovalKind.DEREGISTER, "number": number, "seen": list(seen), "override_reason": override_reason}
    return _ask(key, person, about)


def ask_to_start(*, run: BulkRun, person: User, details: Mapping[str, str]) -> Approval:
    """Have the dry run wait for a second person. Raises NotDecidableError."""
    try:
        bulk.insist_startable(run=run, person=person)
    except bulk.NotPossibleError as error:
        raise NotDecidableError(str(error)) from None
    return _ask(uuid.uuid4(), person, {"kind": ApprovalKind.BULK_REGISTER, "run": run, "details": dict(details)})


def waiting_for(person: User) -> list[Approval]:
    """What waits for `person` to decide it, what lapses first before the rest; keeps how much that is for a while.

    One statement, where anything can wait.
    """
    if not settings.TWO_PERSON_APPROVAL:
        return []
    found = Approval.objects.waiting_for(person).select_related("number", "run", "requested_by")
    rows = list(found.order_by("expires_at", "pk")[:COUNTED])
    keep_count(person, len(rows))
    return rows


def keep_count(person: User, counted: int) -> None:
    """Keep for a while how many wait for `person`."""
    cache.set(_count_key(person), str(counted or ""), COUNT_KEPT_FOR)


def counted_lately(person: User) -> str | None:
    """How many wait for `person`, empty for none, without counting: None where they were not counted lately."""
    kept: str | None = cache.get(_count_key(person)) if settings.TWO_PERSON_APPROVAL else ""
    return kept


def why_not_decided_by(approval: Approval, person: User) -> str:
    """Why `person` can't agree to it; empty when they can."""
    if not approval.is_open:
        return "It no longer waits: it was decided, or its time is over."
    if approval.requested_by_id == person.pk:
        return OWN
    if not is_second_person(person, besides=approval.requested_by):
        return PERHAPS_OWN
    if not Approval.objects.workable_by(person).filter(pk=approval.pk).exists():
        return "You may look at this and not act on it."
    return ""


def approve(*, approval: Approval, person: User) -> Approval:
    """Agree, and have it sent once, as asked for by who asked. Raises NotDecidableError."""
    decided = _decide(approval, person, ApprovalState.APPROVED, "Agreed to", why_not_decided_by(approval, person))
    try:
        if decided.run is not None:
            bulk.start(run=decided.run, details=decided.details, person=decided.requested_by, approved_by=person)
        elif decided.number is not None:
            decided.action = perform(_request(decided, decided.number, person))
            decided.save(update_fields=["action"])
    except (NotSentError, NotDecidableError, bulk.NotPossibleError) as error:
        decided.outcome = CHANGED if str(error) == STALE else str(error)[:500]
        decided.save(update_fields=["outcome"])
    waking.wake_alerts()
    return decided


def refuse(*, approval: Approval, person: User) -> Approval:
    """Say no. Raises NotDecidableError."""
    decided = _decide(approval, person, ApprovalState.REFUSED, "Refused", why_not_decided_by(approval, person))
    waking.wake_alerts()
    return decided


def withdraw(*, approval: Approval, person: User) -> Approval:
    """Take back what one asked for. Raises NotDecidableError."""
    why_not = "" if approval.requested_by_id == person.pk else "It was somebody else who asked for this."
    return _decide(approval, person, ApprovalState.WITHDRAWN, "Withdrew", why_not)


def expire() -> int:
    """Close those whose time is over; how many."""
    late = Approval.objects.filter(state=ApprovalState.WAITING, expires_at__lte=timezone.now())
    count = 0
    for approval in late.select_related("number", "run"):
        with transaction.atomic():
            waiting = Approval.objects.filter(pk=approval.pk, state=ApprovalState.WAITING)
            if waiting.update(state=ApprovalState.EXPIRED, decided_at=timezone.now()):
                _record(approval, "Nobody agreed in time to", None, AuditOutcome.FAILED)
                count += 1
    return count


def _count_key(person: User) -> str:
    return f"approvals-waiting:{roles.sight_key(person)}"


def _ask(key: uuid.UUID, person: User, about: Mapping[str, object]) -> Approval:
    now = timezone.now()
    expire()
    try:
        with transaction.atomic():
            columns = {"requested_by": person, "requested_at": now, "expires_at": now + LIFETIME}
            approval, is_new = Approval.objects.get_or_create(key=key, defaults={**about, **columns})
            if is_new:
                _record(approval, "Asked for a second person to", person, AuditOutcome.BEGUN)
                waking.wake_alerts()
            return approval
    except IntegrityError:
        raise NotDecidableError(IS_ASKED_FOR) from None


@transaction.atomic
def _decide(approval: Approval, person: User, state: ApprovalState, words: str, why_not: str) -> Approval:
    if why_not:
        raise NotDecidableError(why_not)
    waiting = Approval.objects.filter(pk=approval.pk, state=ApprovalState.WAITING, expires_at__gt=timezone.now())
    if not waiting.update(state=state, decided_by=person, decided_at=timezone.now()):
        raise NotDecidableError("It was decided meanwhile, or its time is over.")
    decided = Approval.objects.select_related("number__waba", "run", "requested_by").get(pk=approval.pk)
    _record(decided, words, person, AuditOutcome.DONE)
    cache.delete(_count_key(person))
    return decided


def _request(approval: Approval, number: PhoneNumber, approver: User) -> NumberRequest:
    asker = approval.requested_by
    if not PhoneNumber.objects.workable_by(asker).filter(pk=number.pk).exists():
        raise NotDecidableError(f"{asker} may no longer act on this number.")
    return NumberRequest(
        key=approval.key,
        kind=ActionKind(approval.kind),
        number=number,
        user=asker,
        details={"approved_by": approver.get_username()},
        override_reason=approval.override_reason,
        seen=approval.seen,
        approved_by=approver,
    )


def _record(approval: Approval, words: str, person: User | None, outcome: AuditOutcome) -> None:
    about = approval.number or approval.run
    what = f"{words}: {approval.get_kind_display().lower()}."
    details = {"approval": approval.pk, "asked_for_by": approval.requested_by.get_username()}
    audit.entry(AuditKind.ACTION, what, actor=person, about=about, outcome=outcome, details=details)
