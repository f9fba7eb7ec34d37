"""Turns events into readings: the WABA they are about is read next, once, and not more often than Meta allows."""

import datetime
from collections.abc import Iterable

from django.db.models import Count

from clients.choices import CredentialKind
from clients.models import Credential, Waba
from phones.choices import CONTENT_FIELDS
from phones.models import Event
from portal import database_clock
from portal.many_rows import save_columns

# A WABA that has much to tell is read less often. Meta grants 200 calls an hour for the least of WABAs, and a reading
# takes two: twenty readings at once and thirty in the rest of the hour leave half of that to people.
MANY_EVENTS = 20
SOON = datetime.timedelta(seconds=2)
SPARING = datetime.timedelta(seconds=120)
BETWEEN_DISCOVERIES = datetime.timedelta(seconds=10)


def give(wabas: Iterable[Waba], *, now: datetime.datetime) -> None:
    """Have these WABAs read as soon as may be, also when one is being read right now. The rows are locked."""
    hinted = list(wabas)
    for waba in hinted:
        waba.hinted_at = now
    save_columns(hinted, ["hinted_at"])
    have_read(hinted, now=now)


def have_read(wabas: Iterable[Waba], *, now: datetime.datetime) -> None:
    """Give these WABAs their next turn as soon as their quota allows. The rows are locked."""
    turns = list(wabas)
    busy = _with_many_events([waba.pk for waba in turns], since=now - datetime.timedelta(hours=1))
    for waba in turns:
        spacing = SPARING if waba.pk in busy else SOON
        earliest = max(now, waba.last_attempt_at + spacing) if waba.last_attempt_at else now
        waba.next_sync_at = min(waba.next_sync_at, earliest)
    save_columns(turns, ["next_sync_at"])


def discover() -> None:
    """Have the business's WABAs listed again soon: one may have come to us that the desk does not know."""
    now = database_clock.now()
    for credential in Credential.objects.filter(kind=CredentialKind.SYSTEM_USER, next_sync_at__gt=now):
        last = credential.last_attempt_at
        soon = max(now, last + BETWEEN_DISCOVERIES) if last else now
        Credential.objects.filter(pk=credential.pk, next_sync_at__gt=soon).update(next_sync_at=soon)


def _with_many_events(pks: list[int], *, since: datetime.datetime) -> set[int]:
    if not pks:
        return set()
    # What customers write is counted among the events, but it has nothing read.
    recent = Event.objects.filter(waba__in=pks, received_at__gte=since).exclude(field__in=CONTENT_FIELDS).order_by()
    counted = recent.values_list("waba_id").annotate(count=Count("pk"))
    return {pk for pk, count in counted if pk is not None and count > MANY_EVENTS}
