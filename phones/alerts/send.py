"""Sends the mails and posts that wait: each is claimed by one conditional UPDATE and handed over at most once.

What was claimed and never came to an end (the process died) may have been sent: it says so and is not sent again. Only
where the server certainly took nothing is it tried again, for half a day.
"""

import datetime
import time

import structlog
from django.conf import settings
from django.db.models import F, Max, Q
from django.utils import timezone

from phones.alert_choices import DispatchKind, DispatchState
from phones.alerts import people, posting, writing
from phones.alerts.letters import letter_of
from phones.alerts.unsubscribing import is_subscribed
from phones.models import Alert, Dispatch, Incident
from portal import stopping
from portal.mail_server import MailRefusedError, MailServer, NotTakenError
from portal.outgoing import AnswerLostError, NotPostedError

log = structlog.get_logger(__name__)

AT_ONCE = 200
SECONDS = 45.0
KEEP_FOR = datetime.timedelta(days=90)
# A worker that has not come back by then is gone: sending one takes less than a minute.
LOST_AFTER = datetime.timedelta(minutes=5)
RETRIES = [datetime.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 420)]
MAYBE_SENT = "It was handed over and the answer was lost, so it may have arrived. It is not sent again."


def send_due(now: datetime.datetime | None = None) -> int:
    """Send what waits, for less than a minute; gives how many were handed over."""
    now = now or timezone.now()
    lost = Dispatch.objects.filter(state=DispatchState.SENDING, claimed_at__lt=now - LOST_AFTER)
    lost.update(state=DispatchState.UNKNOWN, outcome=MAYBE_SENT, closed_at=now)
    waiting = Dispatch.objects.filter(state=DispatchState.WAITING, due_at__lte=now).order_by("due_at", "pk")
    stop_at, sent, mails = time.monotonic() + SECONDS, 0, MailServer()
    try:
        for dispatch in waiting.select_related("person", "channel", "approval__number", "approval__run")[:AT_ONCE]:
            if stopping.turn_is_over(stop_at):
                break
            if _claim(dispatch, now):
                sent += _deliver(dispatch, mails, now)
    finally:
        mails.close()
    return sent


def prune() -> None:
    """Delete old mails, posts, alerts and incidents. The last digest stays: it says where the next begins."""
    old = timezone.now() - KEEP_FOR
    last_digests = Dispatch.objects.filter(kind=DispatchKind.DIGEST).values("person").annotate(last=Max("pk"))
    Dispatch.objects.filter(created_at__lt=old).exclude(pk__in=last_digests.values("last")).delete()
    Alert.objects.filter(found_at__lt=old).filter(Q(incident=None) | Q(incident__ended_at__lt=old)).delete()
    Incident.objects.filter(ended_at__lt=old, alerts=None).delete()


def _claim(dispatch: Dispatch, now: datetime.datetime) -> bool:
    waiting = Dispatch.objects.filter(pk=dispatch.pk, state=DispatchState.WAITING)
    return waiting.update(state=DispatchState.SENDING, claimed_at=now, tries=F("tries") + 1) == 1


def _deliver(dispatch: Dispatch, mails: MailServer, now: datetime.datetime) -> bool:
    """Send one that is ours, and write down what came of it; whether it was handed over."""
    letter = letter_of(dispatch, holding_at=now)
    why_not = _why_not(dispatch, is_empty=letter.is_empty)
    if why_not is not None:
        _close(dispatch, why_not[0], why_not[1])
        return False
    try:
        if dispatch.channel is not None:
            posting.post(dispatch, letter)
        elif dispatch.person is not None:
            mails.send(writing.mail_of(dispatch, letter))
    except (NotTakenError, NotPostedError) as error:
        _try_again(dispatch, str(error), now)
        return False
    except (MailRefusedError, posting.RefusedError) as error:
        _close(dispatch, DispatchState.FAILED, str(error))
        return False
    except AnswerLostError as error:
        _close(dispatch, DispatchState.UNKNOWN, f"{error} {MAYBE_SENT}")
        return False
    _close(dispatch, DispatchState.SENT, "", address=dispatch.person.email if dispatch.person else "")
    return True


def _why_not(dispatch: Dispatch, *, is_empty: bool) -> tuple[DispatchState, str] | None:
    """Why it is not sent at all, if so."""
    person = dispatch.person
    if is_empty:
        return DispatchState.DROPPED, "Nothing of it concerns its reader any more."
    channel = dispatch.channel
    if channel is not None and not channel.is_on and dispatch.kind != DispatchKind.TRIAL:
        return DispatchState.DROPPED, "Its channel was switched off meanwhile."
    if person is None:
        return None
    if not person.is_active or not is_subscribed(people.settings_of(person), dispatch.kind):
        return DispatchState.DROPPED, "Its reader wants no such mails any more."
    if not person.email:
        return DispatchState.PAGE, "There is no mail address to send it to."
    if not settings.SENDS_MAIL:
        return DispatchState.PAGE, "The desk has no mail server (EMAIL_URL)."
    return None


def _close(dispatch: Dispatch, state: DispatchState, outcome: str, *, address: str = "") -> None:
    Dispatch.objects.filter(pk=dispatch.pk, state=DispatchState.SENDING).update(
        state=state, outcome=outcome[:300], closed_at=timezone.now(), due_at=None, address=address
    )
    if state in {DispatchState.FAILED, DispatchState.UNKNOWN}:
        log.warning("Not sent.", dispatch=str(dispatch.public_id), state=state.value, why=outcome)


def _try_again(dispatch: Dispatch, why: str, now: datetime.datetime) -> None:
    """Let it wait, unless it was tried often enough or is a trial, which somebody looks at now."""
    if dispatch.kind == DispatchKind.TRIAL or dispatch.tries >= len(RETRIES):
        _close(dispatch, DispatchState.FAILED, why)
        return
    Dispatch.objects.filter(pk=dispatch.pk, state=DispatchState.SENDING).update(
        state=DispatchState.WAITING, due_at=now + RETRIES[dispatch.tries], outcome=why[:300]
    )
    log.warning("Sent later.", dispatch=str(dispatch.public_id), why=why)
