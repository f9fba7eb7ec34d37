"""The story of one try at Embedded Signup: who began it, what the page in the browser reported of it, how it ended.

What the browser tells is kept in the `said_` columns as a hint and decides nothing at Meta. A state binds what comes
back to the link, the attempt and the browser that began, and is used once. No Graph here: the code is exchanged in
`phones.onboarding.exchange`.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import structlog
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from clients.choices import AttemptState
from clients.links import digest_of
from clients.models import SignupAttempt, SignupLink
from clients.models.answers import columns_of
from portal import database_clock
from portal.graph import GraphError
from portal.logs import redact

log = structlog.get_logger(__name__)

STATE_LIFETIME = timedelta(hours=24)
PATIENCE = timedelta(minutes=2)
# Far above what a client needs, so that a robot on an open link makes no endless rows, nor calls to Meta.
MOST_TRIES = 100
_SALT = "clients.signups.state"
_LONGEST_STATE = 500
_LARGEST = 10**40
_NAME_OF_IDS = re.compile(r"[a-z][a-z0-9_]{0,50}_ids?")
_MOST_IDS = 50
# Before an answer of Meta's came back. What the dialog said last may be overtaken: people go back and try again.
_UNDER_WAY = (AttemptState.SENT, AttemptState.OPENED, AttemptState.STARTED, AttemptState.CANCELLED, AttemptState.ERROR)

Kind = Literal["forged", "foreign", "expired", "used"]


class TooManyTriesError(Exception):
    """No further attempt is begun on this link. The text is one sentence for the client."""


class StateRefusedError(Exception):
    """The state does not belong to what is going on. The text is one sentence for the client."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(_sentence(kind))
        self.kind: Kind = kind


def _sentence(kind: Kind) -> str:
    if kind == "used":
        return _("This signup has been sent to us already. To add another number, open your link and start again.")
    if kind == "expired":
        return _("This page has been open for too long. Please open your link again.")
    if kind == "foreign":
        return _("This signup was begun in another browser or from another link. Please open your link again.")
    return _("This page is not complete any more. Please open your link again.")


# --- Beginning --------------------------------------------------------------------------------------------------------


@sensitive_variables("browser")
@transaction.atomic
def begin(*, link: SignupLink, browser: str) -> tuple[SignupAttempt, str]:
    """The attempt that this browser goes on with on `link`, opened, and the state that what comes back has to carry.

    `browser` is a random id that only this browser's session holds. An attempt whose dialog was left, or said that it
    was done, keeps its story: what follows is a new one. Raises TooManyTriesError.
    """
    digest = digest_of(browser)
    # The lock lets the one attempt that was sent go to one browser.
    SignupLink.objects.select_for_update().get(pk=link.pk)
    rows = SignupAttempt.objects.select_for_update().filter(link=link, state_used_at=None, handled_at=None)
    free = rows.exclude(said_event__startswith="FINISH")
    now = database_clock.now()
    attempt = (
        free.filter(browser_digest=digest, state__in=[AttemptState.OPENED, AttemptState.STARTED]).first()
        or free.filter(browser_digest="", state=AttemptState.SENT).first()
        or _another(link, now)
    )
    attempt.browser_digest = digest
    if attempt.state == AttemptState.SENT:
        attempt.state, attempt.opened_at = AttemptState.OPENED, now
    attempt.save()
    # The client can read what is signed: no key, which would count all signups, but the place among those of the link.
    place = SignupAttempt.objects.filter(link=link, pk__lt=attempt.pk).count()
    return attempt, signing.dumps([link.token_digest, place], salt=_SALT)


def _another(link: SignupLink, now: datetime) -> SignupAttempt:
    if SignupAttempt.objects.filter(link=link).count() >= MOST_TRIES:
        log.warning("A signup link takes no more tries.", link=link.pk)
        raise TooManyTriesError(_("This link was used too often. Please ask your account manager for a new one."))
    return SignupAttempt(link=link, created_at=now)


@sensitive_variables()
def attempt_of(*, link: SignupLink, state: str, browser: str, even_used: bool = False) -> SignupAttempt:
    """The attempt that `state` was given out for. Raises StateRefusedError.

    A state whose code came is refused, except with `even_used`: Meta's message may come after the code.
    """
    attempt = _attempt_behind(state, link)
    if attempt is None or not constant_time_compare(attempt.browser_digest, digest_of(browser)):
        raise StateRefusedError("foreign")
    if attempt.state_used_at is not None and not even_used:
        raise StateRefusedError("used")
    return attempt


@sensitive_variables()
def _attempt_behind(state: str, link: SignupLink) -> SignupAttempt | None:
    if len(state) > _LONGEST_STATE:
        raise StateRefusedError("forged")
    try:
        digest, place = signing.loads(state, salt=_SALT, max_age=STATE_LIFETIME)
    except signing.SignatureExpired:
        raise StateRefusedError("expired") from None
    except (signing.BadSignature, ValueError):  # a signature in letters that no signature has is a ValueError
        raise StateRefusedError("forged") from None
    if digest != link.token_digest:
        return None
    return SignupAttempt.objects.filter(link=link).order_by("pk")[place : place + 1].first()


def use_state(*, attempt: SignupAttempt) -> bool:
    """Whether it is this caller who may exchange the code: of any number of callers, one."""
    now = database_clock.now()
    mine = SignupAttempt.objects.filter(pk=attempt.pk, state_used_at=None).update(
        state_used_at=now,
        state=AttemptState.STARTED,
        started_at=Coalesce("started_at", "opened_at", "created_at"),
        ended_at=None,
    )
    if mine:
        attempt.refresh_from_db()
    return mine == 1


# --- What the page tells ----------------------------------------------------------------------------------------------


def note_started(*, attempt: SignupAttempt) -> None:
    """Meta's dialog was opened, for the first time or again. One that said it was done stays done, and may be lost."""
    under_way = SignupAttempt.objects.filter(pk=attempt.pk, state_used_at=None, state__in=_UNDER_WAY)
    under_way.exclude(said_event__startswith="FINISH").update(
        state=AttemptState.STARTED, started_at=Coalesce("started_at", database_clock.now()), ended_at=None
    )
    attempt.refresh_from_db()


@transaction.atomic
def note_message(*, attempt: SignupAttempt, message: Mapping[str, object]) -> None:
    """Keep what a message event of Meta's said, as the page passed it on: known names and ids only, without secrets.

    A dialog that was left or reported an error ends the attempt, unless the dialog has said before that it was done or
    the code has come. After both, nothing more is heard: what comes then is from another window.

    Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation
    """
    event, data = _text(message.get("event"), 60), message.get("data")
    if message.get("type") != "WA_EMBEDDED_SIGNUP" or not event:
        return
    row = SignupAttempt.objects.select_for_update().get(pk=attempt.pk)
    is_done = event.startswith("FINISH")
    if row.said_event.startswith("FINISH") and (not is_done or row.state_used_at is not None):
        return
    row.said_event = event
    data = data if isinstance(data, Mapping) else {}
    reported = _reported(data)
    for column, value in reported.items():
        setattr(row, column, value or getattr(row, column))
    row.said_version = _text(message.get("version"), 20) or row.said_version
    row.said_ids = _with_named_ids(row.said_ids, data)
    if row.state_used_at is None and row.state in _UNDER_WAY:
        if is_done:
            row.ended_at = database_clock.now()  # the dialog's end: `mark_lost` counts from it
        elif event in {"CANCEL", "ERROR"}:
            has_error = event == "ERROR" or bool(reported["said_error"] or reported["said_error_code"])
            row.state = AttemptState.ERROR if has_error else AttemptState.CANCELLED
            row.ended_at = database_clock.now()
    row.save()
    attempt.refresh_from_db()


def _reported(data: Mapping[str, object]) -> dict[str, str]:
    """Column → what the message said; empty where it said nothing usable."""
    listed = data.get("waba_ids")
    first_listed = listed[0] if isinstance(listed, list) and listed else None
    return {
        "said_waba_id": _id(data.get("waba_id")) or _id(first_listed),
        "said_phone_number_id": _id(data.get("phone_number_id")),
        "said_business_id": _id(data.get("business_id")),
        "said_step": _text(data.get("current_step"), 60),
        "said_error": _text(data.get("error_message"), 1000),
        "said_error_code": _text(data.get("error_code"), 60),
        "said_session_id": _text(data.get("session_id"), 200),
    }


def _with_named_ids(known: Mapping[str, list[str]], data: Mapping[str, object]) -> dict[str, list[str]]:
    """The ids known so far and those in a message, by the names that Meta gives them: no account of a signup is lost.

    Names that are new to the desk are among them, such as those of messaging accounts (`primary_waac_ids`). Whoever has
    the link can send any number of messages, so names and ids have a limit.
    """
    found = dict(known)
    for name, value in data.items():
        if _NAME_OF_IDS.fullmatch(str(name)) and (name in found or len(found) < _MOST_IDS):
            listed = value[:_MOST_IDS] if isinstance(value, list) else [value]
            if ids := [each for each in map(_id, listed) if each]:
                found[name] = list(dict.fromkeys([*found.get(name, ()), *ids]))[:_MOST_IDS]
    return found


def _text(value: object, longest: int) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
        value = str(value)
    if not isinstance(value, str):
        return ""
    # Half a character pair, which JSON can spell, is text that no database takes.
    text = value[: longest * 4].encode(errors="replace").decode()
    return redact("".join(sign if sign.isprintable() else " " for sign in text)).strip()[:longest]


def _id(value: object) -> str:
    text = _text(value, 40)
    return text if text.isascii() and text.isdigit() and len(text) <= 32 else ""


# --- Ending -----------------------------------------------------------------------------------------------------------


def fail(*, attempt: SignupAttempt, state: AttemptState, refusal: str = "", error: GraphError | None = None) -> None:
    """End the attempt in `state`. `refusal` is a word of ours for why, `error` what Meta answered."""
    columns: dict[str, object] = {"state": state, "refusal": refusal, "ended_at": database_clock.now()}
    if error is not None:
        columns |= columns_of(error)
    SignupAttempt.objects.filter(pk=attempt.pk).update(**columns)
    said = str(error) if error is not None else ""
    log.warning("A signup was not completed.", attempt=attempt.pk, state=state.value, refusal=refusal, error=said)
    attempt.refresh_from_db()


def mark_lost(now: datetime) -> int:
    """How many attempts came to their end without telling us, and are written down as such now.

    LOST: the dialog said two minutes ago that it was done, and its code, which lives 30 seconds, never came. FAILED
    with the refusal `interrupted`: the code came, and whoever exchanged it stopped before it was done.
    """
    waited = SignupAttempt.objects.filter(handled_at=None, state__in=_UNDER_WAY)
    lost = waited.filter(state_used_at=None, said_event__startswith="FINISH", ended_at__lte=now - PATIENCE)
    stopped = waited.filter(state_used_at__lte=now - PATIENCE, credential=None)
    marked = lost.update(state=AttemptState.LOST)
    marked += stopped.update(state=AttemptState.FAILED, refusal="interrupted", ended_at=now)
    if marked:
        log.warning("Signups ended without reaching us.", count=marked)
    return marked


def is_configured() -> bool:
    return bool(settings.META_APP_ID and settings.META_APP_SECRET and settings.META_LOGIN_CONFIG_ID)
