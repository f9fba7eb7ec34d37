"""Where Meta sends our app's events: what it should be, what Meta says it is, and putting that right.

Meta keeps one callback for the whole app. A callback that a WABA or a number has of its own is for messages and never
gets the events that the desk lives by.
Source: https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge
"""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.urls import reverse

from clients.access import graph_client, meter
from clients.models import User
from clients.models.answers import NO_ERROR, columns_of
from phones.actions import lost_answers, settle
from phones.actions.callback import CallbackRequest
from phones.actions.guards import Refusal
from phones.actions.send_once import NotSentError, send_once
from phones.choices import ActionState
from phones.events.intake import OBJECT
from phones.models import Action, AppCallback
from portal import database_clock
from portal.graph import GraphError

# What the desk reads, and no conversations.
FIELDS = (
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "business_capability_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
)
EVERY = datetime.timedelta(hours=24)
AGAIN = datetime.timedelta(hours=1)
# Pages show what was read at most so many seconds ago.
KEPT_SECONDS = 60


class NotConfiguredError(NotSentError):
    """The environment lacks what this needs; the text says what."""

    def __init__(self, sentence: str) -> None:
        super().__init__(Refusal(sentence))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What should be and what Meta says is. `actual` is None while Meta was never asked with success."""

    expected: str
    actual: AppCallback | None
    why_not: str = ""

    @property
    def is_ours(self) -> bool | None:
        """Whether Meta sends events here; None when that is not known."""
        if self.actual is None or self.actual.checked_at is None:
            return None
        return self.actual.callback_url == self.expected and self.actual.is_active is not False

    @property
    def missing_fields(self) -> list[str]:
        """The fields that the desk needs and the app does not get."""
        if self.actual is None or self.actual.checked_at is None:
            return []
        return [name for name in FIELDS if name not in self.actual.fields]


def expected_address() -> str:
    return f"{settings.PUBLIC_URL}{reverse('phones:webhook')}"


def compare() -> Comparison:
    """What is known of the app's callback, without asking Meta."""
    return Comparison(expected_address(), _known() if settings.META_APP_ID else None, _why_not())


def _known() -> AppCallback | None:
    """The row of our app, read within the last minute or now: many pages say something of it."""
    kept: list[AppCallback] | None = cache.get(_key())
    if kept is None:
        kept = list(AppCallback.objects.filter(app_id=settings.META_APP_ID))
        cache.set(_key(), kept, KEPT_SECONDS)
    return kept[0] if kept else None


def _key() -> str:
    return f"callback-{settings.META_APP_ID}"


def check_due() -> None:
    """Ask Meta once a day, and again after an hour when it could not be asked."""
    row = AppCallback.objects.filter(app_id=settings.META_APP_ID).first()
    is_due = row is None or row.check_due_at is None or row.check_due_at <= database_clock.now()
    if is_due and not _why_not():
        check()


def check() -> AppCallback:
    """Ask Meta now and store the answer. Never raises for what Meta says; NotConfiguredError without an app."""
    token = _app_token()
    row, _ = AppCallback.objects.get_or_create(app_id=settings.META_APP_ID)
    try:
        subscriptions = graph_client().app_subscriptions(settings.META_APP_ID, token=token, meter=meter())
    except GraphError as error:
        trouble = columns_of(error)
        row.check_due_at = database_clock.now() + AGAIN
    else:
        ours = next((one for one in subscriptions if one.object == OBJECT), None)
        row.callback_url = (ours.callback_url or "")[:512] if ours else ""
        row.fields = sorted(ours.fields) if ours else []
        row.is_active = ours.active if ours else None
        row.checked_at = database_clock.now()
        is_open = settle.settle_callback(row.callback_url, row.fields)
        row.check_due_at = row.checked_at + (lost_answers.GRACE if is_open else EVERY)
        trouble = NO_ERROR
    return _noted(row, trouble)


def point_here(*, user: User, key: uuid.UUID) -> Action:
    """Have Meta send our app's events here, and read back what it says then.

    Meta calls the address for a handshake before it agrees, and takes the list of fields for the whole of it: what the
    app gets by now is asked first and kept, and nothing is sent when that is not known. The same `key` again gives the
    same action. Raises NotSentError.
    """
    token = _app_token()
    if not settings.WEBHOOK_VERIFY_TOKEN:
        raise NotConfiguredError("Set WEBHOOK_VERIFY_TOKEN first: Meta asks for it in the handshake.")
    before = check()
    if before.error_kind:
        sentence = "Meta did not return which fields the app gets now, and setting them blindly might stop some."
        raise NotSentError(Refusal(sentence))
    request = CallbackRequest(
        key=key,
        user=user,
        token=token,
        app_id=settings.META_APP_ID,
        callback_url=expected_address(),
        fields=sorted({*FIELDS, *before.fields}),
        verify_token=settings.WEBHOOK_VERIFY_TOKEN,
        before=before.callback_url,
    )
    return send_once(request, read_back=_read_back)


def _read_back(action: Action) -> None:
    """Ask Meta where the events go now. Why the change failed stays with the callback, until it is asked again."""
    row = check()
    action.refresh_from_db()
    if action.state != ActionState.SUCCEEDED:
        _noted(row, action.error_columns)


def _noted(row: AppCallback, trouble: Mapping[str, object]) -> AppCallback:
    for name, value in trouble.items():
        setattr(row, name, value)
    row.save()
    cache.delete(_key())
    return row


def _why_not() -> str:
    if not settings.META_APP_ID or not settings.META_APP_SECRET:
        return "Set META_APP_ID and META_APP_SECRET, so that Meta can be asked where it sends the events."
    return ""


def _app_token() -> str:
    if why_not := _why_not():
        raise NotConfiguredError(why_not)
    return f"{settings.META_APP_ID}|{settings.META_APP_SECRET}"
