"""Posts what waits to webhooks, in the order of the history, until it is taken: signed, and for a day.

One worker at a time posts to a webhook. Where it does not take a post, all of it waits, ever longer up to half an hour;
what has waited for a day is given up and kept, and can be posted again.
"""

import datetime
import json
import time
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import structlog
from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.views.decorators.debug import sensitive_variables

from clients import roles
from clients.models import Client, User, Waba
from phones.choices import ChangeKind
from phones.models import Change, Webhook, WebhookDelivery
from phones.sync.write_numbers import ID_FIELD
from phones.webhook_choices import DeliveryState
from phones.webhooks.find import person_of
from portal import database_clock, outgoing, stopping
from portal.crypto import SecretUnreadableError
from portal.rows import row_or_none

log = structlog.get_logger(__name__)

A_POST = 100
GIVEN_UP_AFTER = datetime.timedelta(days=1)
KEEP_FOR = datetime.timedelta(days=30)
_FIRST_WAIT, _LONGEST_WAIT = datetime.timedelta(seconds=30), datetime.timedelta(minutes=30)
# A post takes no longer; who holds a webhook for longer is gone.
_HOLD = datetime.timedelta(minutes=2)
# Of these kinds old and new are values of one number; of others they may name WABAs that its person does not see, and
# so may the id under which a number was known elsewhere.
_OF_ONE_NUMBER = frozenset({ChangeKind.FIELD, ChangeKind.EVENT})


def deliver_all(*, stop_at: float) -> int:
    """Post what waits; gives how many events were taken or dropped. Who was posted to longest ago comes first.

    So none waits for good behind one that takes all of a turn.
    """
    now, closed = database_clock.now(), 0
    free = Q(busy_until=None) | Q(busy_until__lt=now)
    due = Q(next_at=None) | Q(next_at__lte=now)
    for webhook in Webhook.objects.filter(free, due, is_on=True).order_by(F("last_at").asc(nulls_first=True), "pk"):
        while not stopping.turn_is_over(stop_at) and _hold(webhook):
            count = _post_next(webhook)
            closed += count
            if count == 0:
                break
    return closed


def _hold(webhook: Webhook) -> bool:
    """Whether it is us who post to it now."""
    now = database_clock.now()
    free = Webhook.objects.filter(Q(busy_until=None) | Q(busy_until__lt=now), pk=webhook.pk, is_on=True)
    return free.update(busy_until=now + _HOLD) == 1


def _post_next(webhook: Webhook) -> int:
    """Post what waits longest, and let the webhook go; how many events were taken or dropped, 0 where none was."""
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.WAITING)
    some = list(waiting.order_by("pk").select_related("change__number", "change__waba", "change__client")[:A_POST])
    events, keys = _events(some, person_of(webhook))
    # What its person does not see any more is not told, however long ago it was written down.
    gone = [one.pk for one in some if one.pk not in keys]
    WebhookDelivery.objects.filter(pk__in=gone).update(state=DeliveryState.DROPPED, closed_at=database_clock.now())
    if not events:
        Webhook.objects.filter(pk=webhook.pk).update(busy_until=None)
        return len(gone)
    why_not = _post(webhook, events)
    now = database_clock.now()
    if why_not:
        _wait(webhook, why_not, now)
        return 0
    WebhookDelivery.objects.filter(pk__in=keys).update(state=DeliveryState.SENT, closed_at=now)
    told = {"failures": 0, "next_at": None, "busy_until": None, "last_at": now}
    Webhook.objects.filter(pk=webhook.pk).update(outcome=f"Took {len(events)}.", **told)
    return len(events)


def _wait(webhook: Webhook, why: str, now: datetime.datetime) -> None:
    current = row_or_none(Webhook.objects.filter(pk=webhook.pk))
    if current is None:
        return  # deleted while it was posted to
    wait = min(_FIRST_WAIT * 2 ** min(current.failures, 10), _LONGEST_WAIT)
    Webhook.objects.filter(pk=webhook.pk).update(
        failures=current.failures + 1, next_at=now + wait, busy_until=None, last_at=now, outcome=why[:300]
    )
    old = WebhookDelivery.objects.filter(
        webhook=webhook, state=DeliveryState.WAITING, waits_since__lt=now - GIVEN_UP_AFTER
    )
    given_up = old.update(state=DeliveryState.DEAD, closed_at=now)
    log.warning("A webhook did not take a post.", webhook=webhook.pk, why=why, given_up=given_up)


@sensitive_variables()
def _post(webhook: Webhook, events: Sequence[dict[str, Any]]) -> str:
    """Post the events; why they were not taken, or nothing."""
    try:
        address, secret = webhook.opened()
    except SecretUnreadableError:
        return "Its stored address can’t be opened: make the webhook anew."
    body = json.dumps({"events": list(events)}, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Numberdesk", "Numberdesk-Delivery": str(uuid.uuid4())}
    headers |= outgoing.signed(body, secret=secret, at=int(time.time()))
    allowed = {"private_too": settings.CHANNELS_MAY_BE_PRIVATE, "hosts": settings.CHANNEL_HOSTS}
    try:
        status = outgoing.post(address, body, headers, **allowed)
    except (outgoing.NotPostedError, outgoing.AnswerLostError) as error:
        return str(error)
    return "" if 200 <= status < 300 else f"{webhook.host} answered with status {status}."


def _events(some: Sequence[WebhookDelivery], person: User | None) -> tuple[list[dict[str, Any]], set[int]]:
    """What is told of those that `person` still sees, and their keys. A trial is told in any case."""
    changes = [one.change_id for one in some if one.change_id is not None]
    seen, wabas, clients = set[int](), set[int](), set[int]()
    if person is not None and changes:
        seen = _visible(Change.objects.visible_to(person), changes)
        about = [one.change for one in some if one.change is not None]
        wabas = _visible(Waba.objects.visible_to(person), [change.waba_id for change in about])
        clients = _visible(Client.objects.visible_to(person), [change.client_id for change in about])
    told, keys = [], set()
    for one in some:
        if one.change is None:
            told.append({"id": str(one.public_id), "kind": "trial", "at": _time(one.waits_since)})
        elif one.change_id in seen and person is not None:
            told.append({"id": str(one.public_id), **_told(one.change, person, wabas, clients)})
        else:
            continue
        keys.add(one.pk)
    return told, keys


def _visible(rows: QuerySet[Any], keys: Iterable[int | None]) -> set[int]:
    """The keys of those of `rows` that are among `keys`."""
    return set(rows.filter(pk__in={key for key in keys if key}).values_list("pk", flat=True))


def _told(change: Change, person: User, wabas: set[int], clients: set[int]) -> dict[str, Any]:
    """The line as `person` may know it: a number may be under a WABA of a client that they don't see."""
    is_of_number = change.kind in _OF_ONE_NUMBER and change.field != ID_FIELD
    has_values = is_of_number or roles.sees_everything(person)
    number, waba = change.number, change.waba if change.waba_id in wabas else None
    client = change.client if change.client_id in clients else None
    return {
        "kind": change.kind,
        "at": _time(change.at),
        "phone_number_id": number.phone_number_id if number is not None else None,
        "display_phone_number": number.display_phone_number if number is not None else None,
        "waba_id": waba.waba_id if waba is not None else None,
        "client_id": client.pk if client is not None else None,
        "client": client.name if client is not None else None,
        "field": change.field or None,
        "old": change.old if has_values else None,
        "new": change.new if has_values else None,
        "source": change.source,
    }


def _time(at: datetime.datetime) -> str:
    return f"{at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def prune() -> None:
    """Forget what was taken or given up long ago."""
    old = database_clock.now() - KEEP_FOR
    WebhookDelivery.objects.exclude(state=DeliveryState.WAITING).filter(closed_at__lt=old).delete()
