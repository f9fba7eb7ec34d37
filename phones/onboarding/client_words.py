"""What a client reads of their own numbers: plain words, no ids, nothing of how Meta's systems are called. Pure.

The words for account managers are in `phones.numbers.lifecycle` and `phones.actions.words`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from clients.choices import LinkState
from phones.choices import ActionKind, Tone
from phones.numbers.lifecycle import Move, Stage, Step
from phones.numbers.rules import (
    CONNECTED,
    LAPSED,
    LIMITED,
    NAME_IN_REVIEW,
    NAME_REFUSED,
    MaySend,
    is_new_name_waiting,
    is_verified,
)

if TYPE_CHECKING:
    from phones.models import PhoneNumber


@dataclass(frozen=True, slots=True)
class ClientStanding:
    """Where a number stands, for its client: `sentence` says what it means, `what_to_do` the one thing to do.

    `what_to_do` is empty when there is nothing; `needs_code` is true where the code page is what they need.
    """

    title: str
    sentence: str
    tone: Tone
    what_to_do: str = ""
    needs_code: bool = False


def why_closed(state: LinkState | None) -> str:
    """Why a link opens nothing; None is an address that belongs to no link."""
    if state == LinkState.EXPIRED:
        return _("It has expired: links work for a limited time.")
    if state == LinkState.REVOKED:
        return _("It was withdrawn. Perhaps you were sent a newer one.")
    return _("This address belongs to no link. Perhaps a part of it was cut off when it was copied.")


def standing_of(number: PhoneNumber) -> ClientStanding:
    """Where `number` stands, in its client's words. A stage without words of its own gets honest general ones."""
    return SENTENCES.get(number.stage, _unknown)(number)


def _needs_code(number: PhoneNumber) -> ClientStanding:
    if number.step == Step.VERIFY_CODE:
        return ClientStanding(
            _("A code is on its way to you"),
            _("We sent a code to this number, to make sure that it is yours."),
            Tone.ACT,
            _("Type the code on your code page. It is good for ten minutes."),
            needs_code=True,
        )
    sentence = _("Before the number can go live, a short code has to show that it is yours.")
    if is_verified(number):
        sentence = _("WhatsApp wants it confirmed once more: a new code has to show that it is still yours.")
    elif number.code_verification_status == LAPSED:
        sentence = _("It was confirmed before, but too long ago. A new code has to show that it is still yours.")
    return ClientStanding(
        _("Please confirm your number"),
        sentence,
        Tone.ACT,
        _("Have the phone with you, open your code page and ask for the code by text message or call."),
        needs_code=True,
    )


def _name_blocks(number: PhoneNumber) -> ClientStanding:
    if number.name_status in NAME_REFUSED:
        return _name_refused(_("WhatsApp did not accept the name"), _("Without an accepted name it can’t go live."))
    if number.move == Move.META:
        return ClientStanding(
            _("WhatsApp is looking at the name"),
            _("The number goes live when the name that people will see is accepted."),
            Tone.WAIT,
        )
    return ClientStanding(
        _("We are asking for the name"),
        _("The name that people will see has to be accepted before the number goes live. We are on it."),
        Tone.WAIT,
    )


def _name_refused(title: str, sentence: str) -> ClientStanding:
    return ClientStanding(
        title,
        sentence,
        Tone.ACT,
        _("Tell us another name: the one your customers know you by, as it stands on your website."),
    )


def _ready(_number: PhoneNumber) -> ClientStanding:
    return ClientStanding(_("Nearly there"), _("The number is confirmed, and we are registering it."), Tone.WAIT)


def _registering(_number: PhoneNumber) -> ClientStanding:
    return ClientStanding(_("Nearly there"), _("We are registering the number and wait for the answer."), Tone.WAIT)


def _registered(number: PhoneNumber) -> ClientStanding:
    live = _("Live")
    if number.new_name_status in NAME_REFUSED:
        return _name_refused(live, _("The number works. WhatsApp did not accept the new name for it."))
    if is_new_name_waiting(number):
        return ClientStanding(
            live, _("The number works. The new name is accepted, and we are putting it to use."), Tone.OK
        )
    if number.new_name_status in NAME_IN_REVIEW:
        return ClientStanding(live, _("The number works. WhatsApp is looking at the new name."), Tone.OK)
    if number.name_status in NAME_REFUSED:
        return _name_refused(live, _("The number works, but WhatsApp did not accept the name that people see."))
    if number.name_status in NAME_IN_REVIEW:
        return ClientStanding(
            live, _("The number works. WhatsApp is still looking at the name that people see."), Tone.OK
        )
    return ClientStanding(live, _("The number works. There is nothing to do."), Tone.OK)


def _restricted(number: PhoneNumber) -> ClientStanding:
    if number.step in {Step.REQUEST_CODE, Step.VERIFY_CODE}:
        return _needs_code(number)
    if number.status == "BANNED":
        return ClientStanding(
            _("Blocked by WhatsApp"),
            _("WhatsApp has blocked this number, so it can neither send nor receive."),
            Tone.BAD,
            _("Open Business Support Home at facebook.com, read the reason there and ask for a review."),
        )
    if number.may_send == MaySend.YES:
        return ClientStanding(
            _("Live, with a limit on your account"),
            _("The number works. WhatsApp has limited something of your account, or says that it will."),
            Tone.WARN,
            _("Open Business Support Home at facebook.com: it says what, and why."),
        )
    if number.may_send == MaySend.UNKNOWN:
        return ClientStanding(
            _("We can’t tell whether it works"),
            _("WhatsApp does not say whether the number can be used as usual at the moment."),
            Tone.WARN,
            _("Open Business Support Home at facebook.com: it says whether something is wrong with your account.")
            if number.move == Move.CLIENT
            else "",
        )
    if number.status not in LIMITED or number.may_send == MaySend.NO:
        is_theirs = number.move == Move.CLIENT
        return ClientStanding(
            _("Held back by WhatsApp"),
            _("The number can’t be used as usual at the moment.")
            if is_theirs
            else _("The number can’t be used as usual at the moment. We are looking into it."),
            Tone.WARN,
            _("Open WhatsApp Manager at facebook.com: it says what is missing, a payment method for example.")
            if is_theirs
            else "",
        )
    if number.status == "FLAGGED":
        return ClientStanding(
            _("Too many people complain"),
            _("The number works. But many people block or report its messages, and WhatsApp may limit it."),
            Tone.WARN,
            _("Write only to people who asked for it, and less often."),
        )
    return ClientStanding(
        _("At its limit"),
        _("The number may answer, but start no new conversations for now. This ends by itself."),
        Tone.WARN,
        _("Wait a day, and write only to people who asked for it."),
    )


def _disconnected(number: PhoneNumber) -> ClientStanding:
    title = _("Not connected")
    if number.status == "MIGRATED":
        return ClientStanding(title, _("The number was moved to another account."), Tone.NONE)
    if number.status == CONNECTED:
        return ClientStanding(
            title,
            _("The number is no longer connected to us. The app on your phone goes on working."),
            Tone.ACT,
            _("Connect it again in your WhatsApp Business app, unless it does so by itself within a few minutes."),
        )
    if number.is_on_biz_app:
        return ClientStanding(
            title,
            _("The number is in your WhatsApp Business app, but no longer connected to us."),
            Tone.ACT,
            _("Connect it again in the app. If that does not work, open your signup link once more."),
        )
    if number.step == Step.VERIFY_CODE:
        return _needs_code(number)
    if number.step == Step.REQUEST_CODE:
        return ClientStanding(
            title,
            _("The number is not in use at the moment. To bring it back, a short code has to show that it is yours."),
            Tone.ACT,
            _("Have the phone with you, open your code page and ask for the code by text message or call."),
            needs_code=True,
        )
    if number.move == Move.CLIENT:
        return ClientStanding(
            title,
            _("The number is not in use with us. It may be in an app on a phone, or with another provider."),
            Tone.ACT,
            _("Tell us where it is in use today."),
        )
    return ClientStanding(title, _("The number is not in use at the moment. We are bringing it back."), Tone.WAIT)


def _business_app(number: PhoneNumber) -> ClientStanding:
    if number.may_send != MaySend.YES:
        return ClientStanding(
            _("Not connected to us"),
            _("You use the number in the WhatsApp Business app, and it does not work with us beside it yet."),
            Tone.ACT,
            _("Connect it in the app, or open your signup link again and choose the number there."),
        )
    return ClientStanding(
        _("In your WhatsApp Business app"),
        _("You use the number in the app, and it works with us beside it. There is nothing to do."),
        Tone.OK,
    )


def _window_closed(_number: PhoneNumber) -> ClientStanding:
    return ClientStanding(
        _("The time ran out"),
        _("After signing up a number has to go live within a set time, and that time has passed."),
        Tone.ACT,
        _("Open your signup link again and go through it once more. If it no longer opens, ask us for a new one."),
    )


def _not_visible(number: PhoneNumber) -> ClientStanding:
    if number.status == "DELETED":
        return ClientStanding(_("Removed"), _("The number was removed from your account."), Tone.NONE)
    return ClientStanding(
        _("We can’t see this number"),
        _("It is no longer on an account that you share with us, or we may not look at the account any more."),
        Tone.ACT,
        _("Tell us whether you have moved or removed it. If not, open your signup link once more."),
    )


def _unknown(_number: PhoneNumber) -> ClientStanding:
    return ClientStanding(
        _("We are looking into it"), _("It is not clear yet where this number stands. We are checking."), Tone.WAIT
    )


SENTENCES: Mapping[str, Callable[[PhoneNumber], ClientStanding]] = {
    Stage.NEEDS_CODE: _needs_code,
    Stage.NAME_BLOCKS: _name_blocks,
    Stage.READY: _ready,
    Stage.REGISTERING: _registering,
    Stage.REGISTERED: _registered,
    Stage.RESTRICTED: _restricted,
    Stage.DISCONNECTED: _disconnected,
    Stage.BUSINESS_APP: _business_app,
    Stage.WINDOW_CLOSED: _window_closed,
    Stage.NOT_VISIBLE: _not_visible,
    Stage.UNKNOWN: _unknown,
}


def sentence_of(kind: ActionKind, error_kind: str, *, answer_lost: bool = False) -> str:
    """Why asking for a code, or confirming one, came to nothing: what the client reads."""
    if answer_lost:
        return _("We don’t know yet whether that worked. Please wait two minutes, open your link again and look.")
    if error_kind == "code_rejected":
        return _("This code is not right, or too old. Please look again; if it stays so, ask for a new one.")
    if error_kind == "code_request_failed":
        return _("The code could not be sent. Please try a call in place of a text message, or the other way round.")
    if error_kind == "throttled":
        return _("Too much was asked at once. Please try again in an hour.")
    if kind == ActionKind.REQUEST_CODE:
        return _("The code could not be sent. Please try again later, or write to us.")
    return _("The code could not be confirmed. Please try again later, or write to us.")
