"""From a number's facts to what it needs: its stage, the next action, whose move it is, and until when. Pure.

No ORM, no HTTP, no clock of its own. Single questions (registered? verified?) are answered in `phones.numbers.rules`,
spans of time in `phones.numbers.clocks`. It claims health only on facts that say so: what Graph did not return is
unknown, never good.
"""

from dataclasses import dataclass, field, replace
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
class OutsideTrouble:
    """What troubles a number and its own state does not say: its WABA, our access, its tie to the app, its health.

    `stops`: nothing can be done to it before that is over; else what the number itself needs goes on.
    """

    may_send: rules.MaySend
    sentence: str
    move: Move
    stage: Stage = Stage.RESTRICTED
    stops: bool = True
    step: Step = Step.NONE


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a number. Graph's values are None where Graph did not return them.

    The rest are our own records: `signup_at` from the signup itself, `open_action` while an action waits for Meta's
    answer, `code_sent_at` for a code that is still good, `name_approved_at` when a requested name became usable,
    `pin_unknown` when it has a PIN that the desk does not keep. Of registrations: `registered_before`, when it was last
    known to be registered; `registration_accepted_at`, when Meta took one that was not seen since; and
    `registration_refused`, the kind of error of the last one, while nothing was done about that. `trouble` is the worst
    of what holds it back from outside.
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
    registered_before: datetime | None = None
    registration_accepted_at: datetime | None = None
    registration_refused: str = ""
    pin_unknown: bool = False
    trouble: OutsideTrouble | None = None


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
    return _under_its_waba(facts, _by_itself(replace(facts, trouble=None), now))


def _by_itself(facts: Facts, now: datetime) -> Standing:
    return (
        _out_of_sight(facts)
        or _moved(facts)
        or _under_way(facts)
        or _in_trouble(facts, now)
        or _on_the_app(facts)
        or _accepted(facts, now)
        or (_registered(facts, now) if rules.may_send(facts) == rules.MaySend.YES else None)
        or (_on_its_way(facts, now) if rules.may_be_registered(facts) else None)
        or _unclear(facts)
    )


# A number in such a stage of its own is not better off for a trouble that only limits it.
_NO_BETTER = frozenset({Stage.RESTRICTED, Stage.DISCONNECTED, Stage.WINDOW_CLOSED})


def _under_its_waba(facts: Facts, own: Standing) -> Standing:
    """The same, with what troubles the number from outside above it; its own deadline runs on.

    A number that no WABA lists has no worse trouble, and the outcome of an action is waited for in any case.
    """
    trouble = facts.trouble
    if trouble is None or facts.missing_since is not None or facts.status in rules.LEFT:
        return own
    if own.stage == Stage.REGISTERING or (not facts.readable and trouble.stage != Stage.NOT_VISIBLE):
        return own
    if trouble.stops or own.move == Move.NOBODY:
        return Standing(trouble.stage, trouble.sentence, trouble.move, trouble.step, deadline=own.deadline)
    stage = own.stage if own.stage in _NO_BETTER else trouble.stage
    sentence = f"{trouble.sentence} {own.next_action}"
    return Standing(stage, sentence, own.move, own.step, since=own.since, deadline=own.deadline)


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


def _moved(facts: Facts) -> Standing | None:
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
_ON_PREMISE = "Not on Cloud API: the Business app or another provider may hold it. Ask the client."


def _in_trouble(facts: Facts, now: datetime) -> Standing | None:
    # A number that is registered nowhere is not limited in sending: what it needs is its registration.
    is_limited_in_name_only = facts.status in rules.LIMITED and rules.reported_registered(facts) is False
    if facts.status in _TROUBLE and not is_limited_in_name_only:
        sentence, move = _TROUBLE[facts.status]
        return Standing(Stage.RESTRICTED, sentence, move)
    if rules.is_disconnected(facts):
        return _disconnected(facts, now)
    return None


def _disconnected(facts: Facts, now: datetime) -> Standing:
    if facts.is_on_biz_app:
        sentence = "Disconnected: the client connects it again in their WhatsApp Business app."
        return Standing(Stage.DISCONNECTED, sentence, Move.CLIENT)
    if (accepted := _accepted(facts, now)) is not None:
        return accepted
    if facts.platform_type == rules.ON_PREMISE:
        return Standing(Stage.DISCONNECTED, _ON_PREMISE, Move.CLIENT)
    if rules.wants_code(facts):
        sentence = "Disconnected: to bring it back, prove ownership with a new code, then register it."
        if facts.code_sent_at is not None:
            return Standing(Stage.DISCONNECTED, _CODE_SENT, Move.CLIENT, Step.VERIFY_CODE, since=facts.code_sent_at)
        return Standing(Stage.DISCONNECTED, sentence, Move.US, Step.REQUEST_CODE)
    sentence, step = _with_pin("Disconnected: register it again to bring it back.", facts)
    return Standing(Stage.DISCONNECTED, sentence, Move.US, step)


def _on_the_app(facts: Facts) -> Standing | None:
    if not facts.is_on_biz_app:
        return None
    if rules.may_send(facts) == rules.MaySend.YES:
        sentence = "The client's WhatsApp Business app manages it: nothing to do."
        return Standing(Stage.BUSINESS_APP, sentence, Move.NOBODY)
    if rules.reported_registered(facts) is False:
        sentence = "In the client's WhatsApp Business app and not on Cloud API: the client connects it in the app."
        return Standing(Stage.BUSINESS_APP, sentence, Move.CLIENT)
    return _unclear(facts)


def _accepted(facts: Facts, now: datetime) -> Standing | None:
    if not rules.waits_to_show(facts, now=now):
        return None
    sentence = "Meta took the registration; waiting for it to show: read the number again."
    return Standing(Stage.REGISTERING, sentence, Move.META, Step.REFRESH, since=facts.registration_accepted_at)


def _with_pin(sentence: str, facts: Facts) -> tuple[str, Step]:
    """`sentence` for registering, and its step; the PIN comes first where Meta would refuse any that we have."""
    if facts.registration_refused in rules.PIN_REFUSED:
        return "Meta refused the PIN: set a new PIN, then register it.", Step.SET_PIN
    if facts.pin_unknown:
        return "It has a PIN that the desk does not know: set a new PIN, then register it.", Step.SET_PIN
    return sentence, Step.REGISTER


def _registered(facts: Facts, now: datetime) -> Standing:
    wanted = facts.new_display_name
    if rules.is_new_name_waiting(facts):
        name = f" “{wanted}”" if wanted else ""
        deadline = facts.name_approved_at + clocks.NEW_NAME_WINDOW if facts.name_approved_at else None
        if clocks.has_passed(deadline, now=now):
            sentence = f"The approved name{name} was not made live in time: ask for it again."
            return Standing(Stage.REGISTERED, sentence, Move.US, Step.DISPLAY_NAME, since=deadline)
        sentence, step = _with_pin(f"Register again to make the approved name{name} live.", facts)
        if rules.wants_code(facts):
            sentence, step = f"Meta wants a new code before it makes the approved name{name} live.", Step.REQUEST_CODE
            if facts.code_sent_at is not None:
                sentence, step = _CODE_SENT, Step.VERIFY_CODE
        return Standing(Stage.REGISTERED, sentence, Move.US, step, since=facts.name_approved_at, deadline=deadline)
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
    deadline = rules.registration_deadline(facts, now=now)
    if rules.has_missed_window(facts, now=now):
        sentence = "The time to register it has passed: the client goes through signup again."
        return Standing(Stage.WINDOW_CLOSED, sentence, Move.CLIENT, since=deadline, deadline=deadline)
    if rules.wants_code(facts):
        return _unverified(facts, deadline)
    if rules.is_verified(facts):
        return _verified(facts, deadline, now)
    sentence = "Meta did not say whether the number is verified: read it again."
    return Standing(Stage.UNKNOWN, sentence, Move.US, Step.REFRESH, deadline=deadline)


_CODE_SENT = "A code was sent: enter it as soon as the client has it."


def _unverified(facts: Facts, deadline: datetime | None) -> Standing:
    if facts.code_sent_at is not None:
        return Standing(
            Stage.NEEDS_CODE, _CODE_SENT, Move.CLIENT, Step.VERIFY_CODE, since=facts.code_sent_at, deadline=deadline
        )
    if rules.is_verified(facts):
        sentence = "Meta wants a new code before it registers the number: request one with the client."
    elif facts.code_verification_status == rules.LAPSED:
        sentence = "Its verification has lapsed: request a new code with the client."
    elif rules.is_added_outside(facts):
        sentence = "Added by hand, not by signup: request a code while you have the client on the line."
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


def _verified(facts: Facts, deadline: datetime | None, now: datetime) -> Standing:
    if rules.has_blocking_name(facts):
        sentence = "The name has no certificate, so it can't be registered: request a display name."
        if facts.name_status in rules.NAME_REFUSED:
            sentence = "Meta declined the name, so it can't be registered: propose another."
        return Standing(Stage.NAME_BLOCKS, sentence, Move.US, Step.DISPLAY_NAME, deadline=deadline)
    if facts.registration_refused == rules.CERTIFICATE_MISSING and facts.name_status not in rules.NAME_ACCEPTED:
        if facts.name_status == rules.NAME_WITHOUT_REVIEW:
            sentence = "Meta has neither a review nor a certificate of the name: request a display name."
            return Standing(Stage.NAME_BLOCKS, sentence, Move.US, Step.DISPLAY_NAME, deadline=deadline)
        sentence = "Waiting for Meta to issue the name's certificate; then register it."
        return Standing(Stage.NAME_BLOCKS, sentence, Move.META, deadline=deadline)
    sentence, step = _with_pin(_how_to_register(facts, now), facts)
    since = facts.signup_at or facts.last_onboarded_time
    return Standing(Stage.READY, sentence, Move.US, step, since=since, deadline=deadline)


def _how_to_register(facts: Facts, now: datetime) -> str:
    if facts.registered_before is not None:
        if clocks.has_passed(rules.signup_deadline(facts), now=now):
            return (
                "It was registered before: register it again with a PIN. Its days after signup are over, and Meta does "
                "not say whether they count here: try."
            )
        return "It was registered before: register it again with a PIN."
    if facts.name_status == rules.NAME_WITHOUT_REVIEW:
        return "Register it with a PIN. Meta has no review of its name, and does not say whether that will do: try."
    return "Register it with a PIN."


def _unclear(facts: Facts) -> Standing:
    if facts.status is None or facts.status == "UNKNOWN":
        return Standing(Stage.UNKNOWN, "Meta did not return its state: read it again.", Move.US, Step.REFRESH)
    if facts.platform_type == rules.ON_PREMISE:
        return Standing(Stage.UNKNOWN, _ON_PREMISE, Move.CLIENT)
    if facts.status == rules.CONNECTED:
        sentence = "Connected, but Meta did not confirm Cloud API: read it again, or look in WhatsApp Manager."
        return Standing(Stage.UNKNOWN, sentence, Move.US, Step.REFRESH)
    sentence = f"Meta reports {facts.status}, which does not say whether it can send: look in WhatsApp Manager."
    return Standing(Stage.UNKNOWN, sentence, Move.US, Step.REFRESH)
