"""Makes the mails about approvals: to everybody who may decide one, and to who asked for it once it is decided.

Each is made once, outside its reader's quiet hours; what is decided or over by then is not sent. Whose numbers a person
wants mails about makes no difference here: an approval that nobody reads of lapses.
"""

import datetime

from django.utils import timezone

from clients import roles
from clients.models import User
from phones.alert_choices import DispatchKind
from phones.alerts import people, unsubscribing
from phones.alerts.announce import STILL_NEWS_FOR
from phones.approval_choices import ApprovalState
from phones.models import Approval, Dispatch

# What the person who asked does not know from having done it.
_NEWS = (ApprovalState.APPROVED, ApprovalState.REFUSED, ApprovalState.EXPIRED)


def announce(now: datetime.datetime | None = None) -> int:
    """Make the mails that are due; gives how many."""
    now = now or timezone.now()
    return _to_who_may_decide(now) + _to_who_asked(now)


def _to_who_may_decide(now: datetime.datetime) -> int:
    waiting = set(Approval.objects.open().values_list("pk", flat=True))
    if not waiting:
        return 0
    known = set(Dispatch.objects.filter(approval__in=waiting).values_list("person", "approval"))
    made = 0
    for person in User.signed_in.filter(is_active=True).select_related("mail_settings").order_by("pk"):
        new = waiting - {approval for reader, approval in known if reader == person.pk}
        if new and roles.may_change(person) and _is_wanted(person, now):
            theirs = Approval.objects.waiting_for(person).filter(pk__in=new)
            made += sum(_make(person, pk, now) for pk in theirs.values_list("pk", flat=True))
    return made


def _to_who_asked(now: datetime.datetime) -> int:
    decided = Approval.objects.filter(state__in=_NEWS, decided_at__gt=now - STILL_NEWS_FOR)
    rows = list(decided.select_related("requested_by__mail_settings"))
    known = set(Dispatch.objects.filter(approval__in=rows).values_list("person", "approval"))
    askers = [(one.requested_by, one.pk) for one in rows if (one.requested_by_id, one.pk) not in known]
    return sum(_make(person, pk, now) for person, pk in askers if _is_wanted(person, now))


def _is_wanted(person: User, now: datetime.datetime) -> bool:
    wants = people.settings_of(person)
    is_wanted = person.is_active and unsubscribing.is_subscribed(wants, DispatchKind.APPROVAL)
    return is_wanted and not people.are_quiet_hours(person, wants, now)


def _make(person: User, approval: int, now: datetime.datetime) -> bool:
    """Whether it is a new one: a person gets one mail about an approval, and of two workers at once one makes it."""
    _, is_new = Dispatch.objects.get_or_create(
        person=person,
        key=f"approval:{approval}",
        defaults={"kind": DispatchKind.APPROVAL, "approval_id": approval, "created_at": now, "due_at": now},
    )
    return is_new
