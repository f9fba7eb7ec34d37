"""Makes the mails and posts about alerts, each alert once for each recipient, what has one cause together; and trials.

Nothing is sent here. Two workers that do this at once make one mail: an alert has one row for each of its recipients.
"""

import datetime
import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from clients.models import User
from phones import waking
from phones.alert_choices import DispatchKind
from phones.alerts import people
from phones.alerts.find import holding
from phones.models import Alert, AlertRecipient, Channel, Dispatch

# So long alerts are gathered, so that those of one cause come in one mail.
GATHERED_FOR = datetime.timedelta(seconds=60)
# What is older, quiet hours and an outage included, is for the digest.
STILL_NEWS_FOR = datetime.timedelta(hours=36)


def announce(now: datetime.datetime | None = None) -> int:
    """Make the mails and posts that are due about alerts; gives how many."""
    now = now or timezone.now()
    news = Q(holding(now), found_at__gt=now - STILL_NEWS_FOR, found_at__lte=now - GATHERED_FOR)
    if not Alert.objects.filter(news).exists():
        return 0
    made = 0
    for person in people.everybody():
        wants = people.settings_of(person)
        if not people.are_quiet_hours(person, wants, now):
            made += _announce_to(people.alerts_for(person, wants).filter(news), now, person=person)
    for channel in Channel.objects.filter(is_on=True):
        if not people.are_quiet_hours(channel, channel, now):
            made += _announce_to(people.alerts_for_channel(channel).filter(news), now, channel=channel)
    return made


def make_trial(*, person: User | None = None, channel: Channel | None = None) -> None:
    """Make a mail or a post to look at, which shows that they arrive, and have it sent."""
    now, key = timezone.now(), f"trial:{uuid.uuid4()}"
    Dispatch.objects.create(
        person=person, channel=channel, kind=DispatchKind.TRIAL, key=key, created_at=now, due_at=now
    )
    waking.wake_alerts()


def _announce_to(alerts: QuerySet[Alert], now: datetime.datetime, **recipient: object) -> int:
    got = AlertRecipient.objects.filter(**recipient)
    unannounced = list(alerts.exclude(Exists(got.filter(alert=OuterRef("pk")))).order_by("pk"))
    if not unannounced:
        return 0
    try:
        with transaction.atomic():
            return _make(unannounced, now, recipient)
    except IntegrityError:
        return 0  # another worker was quicker


def _make(unannounced: Sequence[Alert], now: datetime.datetime, recipient: dict[str, object]) -> int:
    """Write down who gets what. What belongs to an incident that was reported joins the mail about it, unsent."""
    incidents = {alert.incident_id for alert in unannounced if alert.incident_id}
    reported = dict(
        AlertRecipient.objects.filter(
            **recipient, alert__incident__in=incidents, dispatch__created_at__gte=F("alert__incident__made_at")
        ).values_list("alert__incident", "dispatch")
    )
    fresh = [alert for alert in unannounced if alert.incident_id not in reported]
    dispatch: Dispatch | None = None
    if fresh:
        key = f"alert:{uuid.uuid4()}"
        dispatch = Dispatch.objects.create(kind=DispatchKind.ALERT, key=key, created_at=now, due_at=now, **recipient)
    AlertRecipient.objects.bulk_create(
        AlertRecipient(
            alert=alert,
            dispatch_id=reported.get(alert.incident_id or 0) or (dispatch.pk if dispatch else 0),
            **recipient,
        )
        for alert in unannounced
    )
    return 1 if dispatch else 0
