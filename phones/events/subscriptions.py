"""Whether Meta sends us each WABA's events: asked nightly, put right by a person's click.

Without our app among a WABA's subscribed apps no event of it ever comes, and nothing else shows that.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-webhooks
"""

import datetime
import random
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.views.decorators.debug import sensitive_variables

from clients.access import NoTokenError, graph_client, meter, token_now
from clients.models import User, Waba
from clients.models.answers import NO_ERROR, columns_of
from clients.querysets import WabaQuerySet
from phones.actions import lost_answers, settle
from phones.actions.send_once import send_once
from phones.actions.waba import SubscribeRequest, UnsubscribeRequest, WabaCallbackRequest
from phones.models import Action, Event, Subscription
from phones.sync import pace
from phones.sync.first_calls import HANDFUL, OutOfCalls
from portal import database_clock, stopping, tracing
from portal.graph import GraphClient, GraphError, SubscribedApp

EVERY = datetime.timedelta(hours=24)
AGAIN = datetime.timedelta(hours=1)
LEASE = datetime.timedelta(minutes=5)
# WABAs asked about at a time: so many calls at most are made with a token that Meta refuses.
CHUNK = THREADS = HANDFUL
QUIET = datetime.timedelta(days=7)
OTHERS = datetime.timedelta(days=1)

Answer = list[SubscribedApp] | GraphError


def check_due(*, seconds: float) -> int:
    """Ask Meta about the WABAs whose turn it is, for `seconds` at most; gives how many were asked about."""
    _add_missing_rows()
    stop_at = time.monotonic() + seconds
    graph, asked, out_of_calls = graph_client(), 0, OutOfCalls()
    with ThreadPoolExecutor(THREADS, thread_name_prefix="subscriptions") as pool:
        while not stopping.turn_is_over(stop_at) and (wabas := _take()):
            questions = [(waba, _token_of(waba)) for waba in wabas]
            answers = pool.map(tracing.carried(lambda question: _ask(graph, *question)), questions)
            for (waba, _token), answer in zip(questions, answers, strict=True):
                _record(waba, answer)
                error = answer if isinstance(answer, GraphError) else None
                is_out = out_of_calls.hears(error, credential=waba.credential_id or 0, waba=waba.pk)
                if is_out or (error is not None and pace.is_of_the_token(error)):
                    _put_off(waba)
            asked += len(wabas)
    return asked


def check(waba: Waba) -> Subscription:
    """Ask Meta about one WABA now, and give what is known then. Never raises for what Meta says."""
    Subscription.objects.get_or_create(waba=waba, defaults={"check_due_at": database_clock.now()})
    return _record(waba, _ask(graph_client(), waba, _token_of(waba)))


def read(waba: Waba, *, token: str) -> Subscription:
    """Ask Meta about one WABA with this token, and give what is known then. Raises GraphError."""
    Subscription.objects.get_or_create(waba=waba, defaults={"check_due_at": database_clock.now()})
    return _record(waba, graph_client().subscribed_apps(waba.waba_id, token=token, meter=meter()))


def subscribe(*, waba: Waba, user: User, key: uuid.UUID) -> Action:
    """Put our app among those that get the WABA's events: written down, sent once, and read back.

    The same `key` again gives the same action and sends nothing. Raises NotSentError without a usable token.
    """
    return send_once(SubscribeRequest(key=key, waba=waba, user=user), read_back=lambda _action: check(waba))


@sensitive_variables()
def set_callback(*, waba: Waba, user: User, key: uuid.UUID, seen: str, callback_url: str, verify_token: str) -> Action:
    """Have the WABA's messages sent to `callback_url`, or to the app's callback where it is empty; the same way.

    `seen` is the address that it had when the person decided. Raises NotSentError.
    """
    request = WabaCallbackRequest(
        key=key, waba=waba, user=user, before=seen, callback_url=callback_url, verify_token=verify_token
    )
    return send_once(request, read_back=lambda _action: check(waba))


def unsubscribe(*, waba: Waba, user: User, key: uuid.UUID) -> Action:
    """Take our app from among those that get the WABA's events: written down, sent once, and read back.

    The same `key` again gives the same action and sends nothing. Raises NotSentError without a usable token.
    """
    return send_once(UnsubscribeRequest(key=key, waba=waba, user=user), read_back=lambda _action: check(waba))


def gone_quiet(wabas: WabaQuerySet) -> WabaQuerySet:
    """Of `wabas`, those that sent no event for a week while others did: their events may go astray."""
    now = database_clock.now()
    others_sent = Exists(Event.objects.filter(received_at__gte=now - OTHERS))
    silent = Q(last_event_at__lt=now - QUIET) | Q(last_event_at=None, created_at__lt=now - QUIET)
    return wabas.filter(others_sent, silent)


def _add_missing_rows() -> None:
    """A row for each WABA that has none yet, due at once; the rounds that follow spread themselves."""
    known = Subscription.objects.filter(waba=OuterRef("pk"))
    now, missing = database_clock.now(), Waba.objects.filter(~Exists(known)).values_list("pk", flat=True)
    rows = [Subscription(waba_id=pk, check_due_at=now) for pk in missing]
    Subscription.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)


def _take() -> list[Waba]:
    """Some WABAs whose turn it is, put off at once so that no other worker takes them too."""
    now = database_clock.now()
    due = Subscription.objects.filter(check_due_at__lte=now).order_by("check_due_at", "pk")
    mine = [
        pk
        for pk in due.values_list("pk", flat=True)[:CHUNK]
        if Subscription.objects.filter(pk=pk, check_due_at__lte=now).update(check_due_at=now + LEASE)
    ]
    return list(Waba.objects.filter(subscription__in=mine).select_related("credential").order_by("pk"))


def _put_off(waba: Waba) -> None:
    """Ask about no WABA of the same token for a while."""
    of_token = Subscription.objects.filter(waba__credential=waba.credential_id, check_due_at__lte=database_clock.now())
    of_token.update(check_due_at=database_clock.now() + AGAIN)


def _token_of(waba: Waba) -> str:
    """The token to ask with; "" when there is none that works or Meta asked us to wait."""
    try:
        return token_now(waba.credential, waba, at=database_clock.now())
    except NoTokenError:
        return ""


def _ask(graph: GraphClient, waba: Waba, token: str) -> Answer | None:
    """What Meta says; None when it can't be asked. No database here: this runs in threads."""
    if not token:
        return None
    try:
        return graph.subscribed_apps(waba.waba_id, token=token, meter=meter())
    except GraphError as error:
        return error


@transaction.atomic
def _record(waba: Waba, answer: Answer | None) -> Subscription:
    """Store what Meta said. Where it could not be asked, what was known stays, with its age and the reason."""
    now = database_clock.now()
    subscription = Subscription.objects.select_for_update().get(waba=waba)
    trouble, is_open = dict(NO_ERROR), False
    if isinstance(answer, list):
        ours = next((app for app in answer if app.app_id == settings.META_APP_ID), None)
        subscription.is_ours = ours is not None if settings.META_APP_ID else None
        subscription.override_callback_uri = (ours.override_callback_uri or "")[:512] or None if ours else None
        subscription.other_apps = [
            {"id": app.app_id, "name": app.name or ""} for app in answer if app.app_id != settings.META_APP_ID
        ]
        subscription.checked_at = now
        is_open = settle.settle_subscription(
            waba, is_ours=subscription.is_ours, callback_url=subscription.override_callback_uri or ""
        )
    elif answer is None:
        trouble["error_kind"] = "no_token"
    else:
        trouble = columns_of(answer)
    for name, value in trouble.items():
        setattr(subscription, name, value)
    if is_open:
        subscription.check_due_at = now + lost_answers.GRACE
    else:
        pause = EVERY if isinstance(answer, list) else AGAIN
        subscription.check_due_at = now + pause * random.uniform(0.9, 1.1)  # noqa: S311 - spreads the load, no secret
    subscription.save()
    return subscription
