"""From a number's facts to what it needs: its stage, the next action, whose move it is, and until when. Pure.

No ORM, no HTTP, no clock of its own. Single questions (registered? verified?) are answered in `phones.numbers.rules`,
spans of time in `phones.numbers.clocks`. It claims health only on facts that say so: what Graph did not return is
unknown, never good.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from phones.numbers import clocks, rules


class Stage(StrEnum):
    """Where a number stands on its way to sending, or off it."""

    NEEDS_CODE = "needs_code"
    NAME_BLOCKS = "name_blocks"
    READY = "ready"
    REGISTERING = "registering"
    REGISTERED = "registered"
    RESTRICTED = "restricted"
    DISCONNECTED = "disconnected"
    BUSINESS_APP = "business_app"
    WINDOW_CLOSED = "window_closed"
    NOT_VISIBLE = "not_visible"
    UNKNOWN = "unknown"


class Move(StrEnum):
    US = "us"
    CLIENT = "client"
    META = "meta"
    NOBODY = "nobody"


class Step(StrEnum):
    """What the next action is done with; empty where it is not done from the desk."""

    NONE = ""
    REFRESH = "refresh"
    REQUEST_CODE = "request-code"
    VERIFY_CODE = "verify-code"
    REGISTER = "register"
    SET_PIN = "pin"
    DISPLAY_NAME = "display-name"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a number. Graph's values are None where Graph did not return them.

    The rest are our own records: `signup_at` from the signup itself, `open_action` while an action waits for Meta's
    answer, `code_sent_at` for a code that is still good, `name_approved_at` when a requested name became usable,
    `certificate_refused` when the last registration failed for want of the name's certificate.
    """

    status: str | None = None
    platform_type: str | None = None
    code_verification_status: str | None = None
    name_status: str | None = None
    new_name_status: str | None = None
    new_display_name: str | None = None
    verified_name: str | None = None
    is_on_biz_app: bool | None = None
    is_preverified_number: bool | None = None
    last_onboarded_time: datetime | None = None
    missing_since: datetime | None = None
    readable: bool = True
    signup_at: datetime | None = None
    open_action: str = ""
    open_action_at: datetime | None = None
    code_sent_at: datetime | None = None
    name_approved_at: datetime | None = None
    certificate_refused: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a number stands: the answer to "what now?".

    `next_action` is one plain sentence. `since` is when this came to hold as far as the facts tell, else None.
    `deadline` is when the chance to do it ends, None when there is none or it is not known.
    """

    stage: Stage
    next_action: str
    move: Move
    step: Step = Step.NONE
    since: datetime | None = None
    deadline: datetime | None = field(default=None)


def standing(facts: Facts, *, now: datetime) -> Standing:
    """Where a number with these facts stands at `now`. Raises nothing, whatever the facts."""
    return (
        _out_of_sight(facts)
        or _held_elsewhere(facts)
        or _under_way(facts)
        or _in_trouble(facts)
        or (_registered(facts, now) if rules.is_registered(facts) else None)
        or (_on_its_way(facts, now) if rules.may_be_registered(facts) else None)
        or _unclear(facts)
    )


def _out_of_sight(facts: Facts) -> Standing | None:
    if facts.missing_since is not None:
        sentence = "No WABA lists this number any more: ask the client whether it was moved or removed."
        return Standing(Stage.NOT_VISIBLE, sentence, Move.US, since=facts.missing_since)
    if facts.status == "DELETED":
        return Standing(Stage.NOT_VISIBLE, "Meta says it was deleted: nothing can be done from here.", Move.NOBODY)
    if not facts.readable:
        sentence = "Its WABA can't be read, so its state is not known: see the WABA for the reason."
        return Standing(Stage.NOT_VISIBLE, sentence, Move.US)
    return None


def _held_elsewhere(facts: Facts) -> Standing | None:
    if facts.is_on_biz_app:
        return Standing(
            Stage.BUSINESS_APP, "The client's WhatsApp Business app manages it: nothing to do.", Move.NOBODY
        )
    if facts.status == "MIGRATED":
        return Standing(Stage.DISCONNECTED, "It was moved to another account: nothing to do here.", Move.NOBODY)
    return None


def _under_way(facts: Facts) -> Standing | None:
    if facts.open_action in {"register", "deregister"}:
        sentence = "Waiting for Meta's answer; reading the number settles it."
        return Standing(Stage.REGISTERING, sentence, Move.META, Step.REFRESH, since=facts.open_action_at)
    return None


_TROUBLE = {
    "BANNED": ("Meta has banned it: the client appeals in Business Support Home.", Move.CLIENT),
    "RESTRICTED": ("At its messaging limit: it may answer, not start, conversations.", Move.CLIENT),
    "RATE_LIMITED": ("At its limit: it may answer, not start, conversations until the limit moves.", Move.CLIENT),
    "FLAGGED": ("Quality is low: fewer and better messages, or Meta limits it.", Move.CLIENT),
}


def _in_trouble(facts: Facts) -> Standing | None:
    if facts.status in _TROUBLE:
        sentence, move = _TROUBLE[facts.status]
        return Standing(Stage.RESTRICTED, sentence, move)
    if rules.is_disconnected(facts):
        return _disconnected(facts)
    return None


def _disconnected(facts: Facts) -> Standing:
    if facts.platform_type == "ON_PREMISE":
        sentence = "Not on Cloud API: the Business app or another provider may hold it. Ask the client."
        return Standing(Stage.DISCONNECTED, sentence, Move.CLIENT)
    if rules.is_unverified(facts):
        sentence = "Disconnected: to bring it back, prove ownership with a new code, then register it."
        return Standing(Stage.DISCONNECTED, sentence, Move.US, Step.REQUEST_CODE)
    return Standing(Stage.DISCONNECTED, "Disconnected: register it again to bring it back.", Move.US, Step.REGISTER)


def _registered(facts: Facts, now: datetime) -> Standing:
    wanted = facts.new_display_name
    if rules.is_new_name_waiting(facts):
        name = f" “{wanted}”" if wanted else ""
        deadline = facts.name_approved_at + clocks.NEW_NAME_WINDOW if facts.name_approved_at else None
        if clocks.has_passed(deadline, now=now):
            sentence = f"The approved name{name} was not made live in time: ask for it again."
            return Standing(Stage.REGISTERED, sentence, Move.US, Step.DISPLAY_NAME, since=deadline)
        sentence = f"Register again to make the approved name{name} live."
        return Standing(
            Stage.REGISTERED, sentence, Move.US, Step.REGISTER, since=facts.name_approved_at, deadline=deadline
        )
    if facts.new_name_status in rules.NAME_REFUSED:
        return Standing(Stage.REGISTERED, "Meta declined the new name: propose another.", Move.US, Step.DISPLAY_NAME)
    if facts.new_name_status in rules.NAME_IN_REVIEW:
        return Standing(Stage.REGISTERED, "Meta is reviewing the new name.", Move.META)
    if facts.name_status in rules.NAME_REFUSED:
        return Standing(Stage.REGISTERED, "Meta declined the name: propose another.", Move.US, Step.DISPLAY_NAME)
    if facts.name_status in rules.NAME_IN_REVIEW:
        return Standing(Stage.REGISTERED, "Meta is reviewing the display name.", Move.META)
    return Standing(Stage.REGISTERED, "Nothing to do.", Move.NOBODY)


def _on_its_way(facts: Facts, now: datetime) -> Standing:
    deadline = rules.registration_deadline(facts)
    if rules.has_missed_window(facts, now=now):
        sentence = "The time to register it has passed: the client goes through signup again."
        return Standing(Stage.WINDOW_CLOSED, sentence, Move.CLIENT, since=deadline, deadline=deadline)
    if rules.is_verified(facts):
        return _verified(facts, deadline)
    if rules.is_unverified(facts):
        return _unverified(facts, deadline)
    sentence = "Meta did not say whether the number is verified: read it again."
    return Standing(Stage.UNKNOWN, sentence, Move.US, Step.REFRESH, deadline=deadline)


def _unverified(facts: Facts, deadline: datetime | None) -> Standing:
    if facts.code_sent_at is not None:
        sentence = "A code was sent: enter it as soon as the client has it."
        return Standing(
            Stage.NEEDS_CODE, sentence, Move.CLIENT, Step.VERIFY_CODE, since=facts.code_sent_at, deadline=deadline
        )
    if facts.code_verification_status == rules.LAPSED:
        sentence = "Its verification has lapsed: request a new code with the client."
    elif rules.is_added_outside(facts):
        sentence = "Added outside the desk: request a code while you have the client on the line."
    else:
        sentence = "Request a code while you have the client on the line."
    return Standing(
        Stage.NEEDS_CODE,
        sentence,
        Move.US,
        Step.REQUEST_CODE,
        since=facts.signup_at or facts.last_onboarded_time,
        deadline=deadline,
    )


def _verified(facts: Facts, deadline: datetime | None) -> Standing:
    if facts.name_status in rules.NAME_REFUSED:
        sentence = "Meta declined the name, so it can't be registered: propose another."
        return Standing(Stage.NAME_BLOCKS, sentence, Move.US, Step.DISPLAY_NAME, deadline=deadline)
    if facts.name_status in rules.NAME_WITHOUT_CERTIFICATE:
        sentence = "The name has no certificate, so it can't be registered: request a display name."
        return Standing(Stage.NAME_BLOCKS, sentence, Move.US, Step.DISPLAY_NAME, deadline=deadline)
    if facts.certificate_refused and facts.name_status not in rules.NAME_ACCEPTED:
        sentence = "Waiting for Meta to issue the name's certificate; then register it."
        return Standing(Stage.NAME_BLOCKS, sentence, Move.META, deadline=deadline)
    return Standing(
        Stage.READY,
        "Register it with a PIN.",
        Move.US,
        Step.REGISTER,
        since=facts.signup_at or facts.last_onboarded_time,
        deadline=deadline,
    )


def _unclear(facts: Facts) -> Standing:
    if facts.status is None or facts.status == "UNKNOWN":
        return Standing(Stage.UNKNOWN, "Meta did not tell its state: read it again.", Move.US, Step.REFRESH)
    if facts.status == rules.CONNECTED:
        sentence = "Connected, but Meta did not confirm Cloud API: read it again, or look in WhatsApp Manager."
        return Standing(Stage.UNKNOWN, sentence, Move.US, Step.REFRESH)
    sentence = f"Meta reports {facts.status}, which does not say whether it can send: look in WhatsApp Manager."
    return Standing(Stage.UNKNOWN, sentence, Move.US, Step.REFRESH)
