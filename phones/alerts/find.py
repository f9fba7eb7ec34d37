"""Finds what can't wait: in the history, by the clock, and among the tokens. Whatever runs twice finds it once."""

import datetime
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from clients.choices import CredentialState
from clients.models import Credential
from phones.alert_choices import AlertKind, IncidentCause
from phones.alerts import fold
from phones.alerts.fold import Cause, Flip
from phones.choices import ChangeKind
from phones.models import Alert, Change, ChangeMark, Incident, PhoneNumber
from phones.numbers import health, rules

MARK_NAME = "alerts"
LAST_DAY = datetime.timedelta(hours=24)
# A transaction that wrote history is committed or gone by then.
SETTLES_WITHIN = datetime.timedelta(minutes=10)
# The same trouble of the same number within this is the same alert: a connection that comes and goes.
ONCE_IN = datetime.timedelta(hours=1)
# A token that was refused earlier is known, whether or not its alert is still kept.
TOKEN_NEWS_FOR = datetime.timedelta(days=2)
WABA_DISABLED = "DISABLED"
_LOOKED_AT = ("status", "can_send_message")


def find(now: datetime.datetime | None = None) -> int:
    """Note every alert that is not noted yet, and which of them are incidents; gives how many alerts are new."""
    now = now or timezone.now()
    with transaction.atomic():
        mark = _mark(now)
        before = Alert.objects.aggregate(last=Max("pk"))["last"] or 0
        alerts = [*_in_history(mark, now), *_by_the_clock(now), *_of_tokens(mark, now)]
        known = set(Alert.objects.filter(key__in=[alert.key for alert in alerts]).values_list("key", flat=True))
        fresh = [alert for alert in alerts if alert.key not in known]
        Alert.objects.bulk_create(fresh, ignore_conflicts=True)
        _fold(now)
        close_incidents(now)
    return Alert.objects.filter(pk__gt=before).count()


def holding(now: datetime.datetime) -> Q:
    """The alerts of which the trouble is not over, as far as the desk knows."""
    return (
        Q(kind=AlertKind.BANNED, number__status=rules.BANNED)
        | Q(kind=AlertKind.BANNED, number=None, waba__status=WABA_DISABLED)
        | Q(kind=AlertKind.DISCONNECTED, number__status__in=rules.DISCONNECTED)
        | Q(kind=AlertKind.BLOCKED, number__health__can_send_message=health.BLOCKED)
        | Q(kind=AlertKind.BLOCKED, number=None, waba__health__can_send_message=health.BLOCKED)
        | Q(kind=AlertKind.TOKEN, credential__state=CredentialState.DEAD)
        | Q(kind=AlertKind.DEADLINE, deadline__gt=now, number__registration_deadline__gt=now)
    )


def _mark(now: datetime.datetime) -> ChangeMark:
    """How far the history was looked at. What was there before the first look is no news."""
    last = Change.objects.aggregate(last=Max("pk"))["last"] or 0
    mark, _ = ChangeMark.objects.get_or_create(
        name=MARK_NAME, defaults={"began_at": now, "reached": last, "sure": last, "moved_at": now}
    )
    return mark


def _in_history(mark: ChangeMark, now: datetime.datetime) -> list[Alert]:
    """What the lines of history behind the mark say that can't wait."""
    last = Change.objects.aggregate(last=Max("pk"))["last"] or 0
    lines = Change.objects.filter(pk__gt=mark.sure, pk__lte=last, kind=ChangeKind.FIELD, field__in=_LOOKED_AT)
    alerts: list[Alert] = []
    latest = _latest_of_numbers(now)
    for line in lines.order_by("pk"):
        kind = _kind_of(line)
        if kind is None:
            continue
        subject = (kind, line.number_id, line.waba_id if line.number_id is None else None)
        before = latest.get(subject)
        if before is not None and line.at - before < ONCE_IN:
            continue
        latest[subject] = line.at
        alerts.append(
            _alert(kind, f"change:{line.pk}", now, at=line.at, number_id=line.number_id, waba_id=line.waba_id)
        )
    if now - mark.moved_at >= SETTLES_WITHIN:
        ChangeMark.objects.filter(pk=mark.pk).update(sure=mark.reached, reached=last, moved_at=now)
    return alerts


def _latest_of_numbers(now: datetime.datetime) -> dict[tuple[AlertKind, int | None, int | None], datetime.datetime]:
    """When each lately had which alert."""
    rows = Alert.objects.filter(found_at__gt=now - ONCE_IN - SETTLES_WITHIN * 2).order_by("at")
    return {
        (AlertKind(row.kind), row.number_id, row.waba_id if row.number_id is None else None): row.at for row in rows
    }


def _kind_of(line: Change) -> AlertKind | None:
    if line.field == "can_send_message":
        return AlertKind.BLOCKED if line.new == health.BLOCKED else None
    if line.number_id is None:
        return AlertKind.BANNED if line.new == WABA_DISABLED else None
    if line.new == rules.BANNED:
        return AlertKind.BANNED
    return AlertKind.DISCONNECTED if line.new in rules.DISCONNECTED else None


def _by_the_clock(now: datetime.datetime) -> list[Alert]:
    soon = Q(registration_deadline__gt=now, registration_deadline__lte=now + LAST_DAY, missing_since=None)
    rows = PhoneNumber.objects.filter(soon).values_list("pk", "waba", "registration_deadline")
    return [
        _alert(
            AlertKind.DEADLINE,
            f"deadline:{number}:{deadline:%Y-%m-%dT%H:%M}",
            now,
            at=now,
            number_id=number,
            waba_id=waba,
            deadline=deadline,
        )
        for number, waba, deadline in rows
        if deadline is not None
    ]


def _of_tokens(mark: ChangeMark, now: datetime.datetime) -> list[Alert]:
    news_since = max(mark.began_at, now - TOKEN_NEWS_FOR)
    dead = Credential.objects.filter(state=CredentialState.DEAD, state_since__gte=news_since)
    return [
        _alert(AlertKind.TOKEN, f"token:{pk}:{since.isoformat()}", now, at=since, credential_id=pk)
        for pk, since in dead.values_list("pk", "state_since")
        if since is not None
    ]


def _alert(kind: AlertKind, key: str, now: datetime.datetime, **columns: object) -> Alert:
    return Alert(kind=kind, key=key, found_at=now, **columns)


# --- Incidents --------------------------------------------------------------------------------------------------------


def _fold(now: datetime.datetime) -> None:
    """Put the alerts of the last minutes that have one cause into one incident."""
    alone = Alert.objects.filter(incident=None, found_at__gt=now - fold.WITHIN)
    flips = [
        Flip(pk, kind, int(waba or 0), int(client or 0), int(credential or 0))
        for pk, kind, waba, client, credential in alone.values_list("pk", "kind", "waba", "waba__client", "credential")
    ]
    if not flips:
        return
    lately = Incident.objects.open().filter(last_at__gt=now - fold.WITHIN)
    known = [Cause(one.cause, one.kind, one.waba_id or one.credential_id or 0) for one in lately]
    for cause, alerts in fold.fold(flips, known=known).items():
        _join(cause, alerts, now)


def _join(cause: Cause, alerts: Iterable[int], now: datetime.datetime) -> None:
    rows = Alert.objects.filter(pk__in=list(alerts))
    times = list(rows.values_list("at", flat=True))
    incident, _ = Incident.objects.get_or_create(
        cause=cause.cause,
        kind=cause.kind,
        subject=cause.subject,
        ended_at=None,
        defaults={
            "waba_id": cause.key if cause.cause == IncidentCause.WABA else None,
            "credential_id": cause.key if cause.cause == IncidentCause.TOKEN else None,
            "began_at": min(times),
            "last_at": now,
            "made_at": now,
        },
    )
    rows.update(incident=incident)
    Incident.objects.filter(pk=incident.pk).update(last_at=now)


def close_incidents(now: datetime.datetime) -> None:
    """End the incidents of which no alert holds any more."""
    going_on = Alert.objects.filter(holding(now), incident__isnull=False, incident__ended_at=None)
    Incident.objects.open().exclude(pk__in=going_on.values("incident")).update(ended_at=now)
