"""The page on which a client asks for the one-time code of one number and types it; then the number is registered.

The rules are those of number actions, and narrower limits for each link. What comes back is in the client's words: the
sentences of `phones.actions` are for account managers.
"""

import datetime
import uuid
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from clients import links
from clients.models import User
from phones.actions import situations
from phones.actions.number import NumberRequest, fingerprint, perform
from phones.actions.send_once import NotSentError
from phones.actions.six_digits import six_digits_in
from phones.choices import ActionKind, ActionState, ClientDoor
from phones.models import Action, CodeLink, PhoneNumber
from phones.numbers import rules
from phones.numbers.facts import facts_of
from phones.numbers.lifecycle import Facts
from phones.onboarding.client_times import moment
from phones.onboarding.client_words import sentence_of, standing_of
from portal import database_clock

log = structlog.get_logger(__name__)

LIFETIME = datetime.timedelta(days=14)
WINDOW = datetime.timedelta(hours=24)
MOST_REQUESTS = 5
MOST_WRONG_CODES = 10


class CodePageError(Exception):
    """What the client asked for did not happen. `sentence` tells them why, and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@transaction.atomic
def code_link_for(*, number: PhoneNumber, actor: User | None) -> CodeLink:
    """The open link for the code of `number`: the one there is, or a new one. `actor` is None for the signup's own."""
    # The lock lets two callers get one link.
    locked = PhoneNumber.objects.select_for_update(of=("self",), no_key=True).select_related("waba__client")
    number = locked.get(pk=number.pk)
    found = CodeLink.objects.open().filter(number=number).first()
    if found is not None:
        return found
    now = database_clock.now()
    link = CodeLink(number=number, created_by=actor, created_at=now, expires_at=now + LIFETIME)
    link.language = number.waba.client.language
    links.give_token(link)
    link.save()
    log.info("A code link was made.", link=link.pk, number=number.pk, actor=actor and actor.username)
    return link


def needs_code(number: PhoneNumber) -> bool:
    """Whether a one-time code is what `number` needs next: there is nothing to do on its code page otherwise."""
    return standing_of(number).needs_code


def request_code(*, link: CodeLink, code_method: str, language: str, key: uuid.UUID) -> Action:
    """Have Meta send a code to the link's number by SMS or VOICE; the action that did it.

    The same key again gives the same action and sends nothing. Raises CodePageError when no code was sent, and
    clients.links.LinkClosedError.
    """
    links.insist_open(link)
    number, seen = _number_of(link)
    done = Action.objects.filter(key=key).first()
    if done is None:
        asked = _count(link, ActionKind.REQUEST_CODE)
        if asked >= MOST_REQUESTS:
            raise CodePageError(
                _("You have asked for several codes today. Please wait until tomorrow, or write to us.")
            )
        _insist_on_need(number)
    details = {"code_method": code_method, "language": language}
    return _performed(_request(link, number, ActionKind.REQUEST_CODE, key, details=details, seen=seen))


@sensitive_variables()
def confirm_code(*, link: CodeLink, code: str, key: uuid.UUID) -> Action:
    """Confirm the code that the client typed, and register the number; the action that confirmed it.

    The registration is an action of its own, and what comes of it is for the desk: the client's part is done. The same
    key again gives the same action. Raises CodePageError when the code was not confirmed, and
    clients.links.LinkClosedError.
    """
    links.insist_open(link)
    digits = six_digits_in(code)
    if digits is None:
        raise CodePageError(_("The code has six digits. Please type it as it stands in the message."))
    number, seen = _number_of(link)
    if not Action.objects.filter(key=key).exists():
        if _count(link, ActionKind.VERIFY_CODE, error_kind="code_rejected") >= MOST_WRONG_CODES:
            raise CodePageError(_("Too many wrong codes were typed today. Please wait until tomorrow, or write to us."))
        _insist_on_need(number)
    action = _performed(_request(link, number, ActionKind.VERIFY_CODE, key, code=digits, seen=seen))
    _register(link, number, uuid.uuid5(key, "register"))
    return action


def _number_of(link: CodeLink) -> tuple[PhoneNumber, list[object]]:
    """The link's number as it stands, and the mark by which another action in between is noticed."""
    number = PhoneNumber.objects.select_related("waba__credential", "waba__last_failure").get(pk=link.number_id)
    return number, fingerprint(number)


def _count(link: CodeLink, kind: ActionKind, **more: object) -> int:
    """How many actions of this kind came from the link lately."""
    since = database_clock.now() - WINDOW
    rows = Action.objects.filter(number=link.number_id, kind=kind, sent_at__gt=since, **more)
    return sum(row.details.get("code_link") == str(link.pk) for row in rows)


def _insist_on_need(number: PhoneNumber) -> None:
    """Raises CodePageError when no code is needed, or none can help."""
    facts = facts_of(number, situations.records_of(number))
    if rules.is_out_of_sight(facts) or not facts.readable:
        raise CodePageError(_("We can’t reach this number at the moment. Please write to us."))
    if facts.is_on_biz_app:
        raise CodePageError(_("This number is in use in your WhatsApp Business app: no code is needed."))
    if rules.wants_code(facts):
        return
    if rules.is_registered(facts):
        raise CodePageError(_("This number is live already: there is nothing left to do."))
    if rules.is_verified(facts):
        raise CodePageError(_("This number is confirmed already: there is nothing left for you to do."))


def _request(link: CodeLink, number: PhoneNumber, kind: ActionKind, key: uuid.UUID, **more: Any) -> NumberRequest:
    """What the client wants done to `number`; nobody of ours has asked for it."""
    details = {**more.pop("details", {}), "by": ClientDoor.CODE_PAGE.value, "code_link": str(link.pk)}
    return NumberRequest(key=key, kind=kind, number=number, user=None, details=details, **more)


@sensitive_variables()
def _performed(request: NumberRequest) -> Action:
    """The action, done. Raises CodePageError unless it was."""
    number, kind = request.number, request.kind
    try:
        action = perform(request)
    except NotSentError as error:
        raise CodePageError(_not_now(error.refusal.until)) from None
    if action.number_id != number.pk or action.kind != kind:
        raise CodePageError(_("This page is out of date. Please open your link again."))
    if action.state != ActionState.SUCCEEDED:
        raise CodePageError(sentence_of(kind, action.error_kind, answer_lost=action.state != ActionState.FAILED))
    return action


def _not_now(until: datetime.datetime | None) -> str:
    if until is None:
        return _("That did not work just now. Please wait a minute, open your link again and look.")
    if until - database_clock.now() < datetime.timedelta(minutes=2):
        return _("A code was sent a moment ago. Please give it a minute to arrive.")
    return _("Please wait: this is possible again from %(moment)s.") % {"moment": moment(until)}


def _register(link: CodeLink, number: PhoneNumber, key: uuid.UUID) -> None:
    """Register the number that was just confirmed, unless that was done; a refusal is for the desk, not the client."""
    number.refresh_from_db()
    seen = fingerprint(number)
    facts: Facts = facts_of(number, situations.records_of(number))
    if rules.is_registered(facts) or not rules.is_verified(facts):
        return
    request = _request(link, number, ActionKind.REGISTER, key, generate_pin=True, seen=seen)
    try:
        perform(request)
    except NotSentError as error:
        log.warning("A confirmed number was not registered.", number=number.pk, why=str(error))
