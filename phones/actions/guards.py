"""Whether an action may be sent, and the way out when not. Pure: no ORM, no HTTP, no clock of its own.

Meta counts requests, not successes, and blocks a number for 72 hours at its limit; the desk's own limits lie below, and
a team lead may go beyond them with a reason, never beyond Meta's. Sources: graph-api.md 3.1, 4.1, 7, 9.5.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from phones.choices import ActionKind
from phones.numbers import clocks, rules
from phones.numbers.lifecycle import Facts, Step

REGISTER_WINDOW = timedelta(hours=72)
NAME_WINDOW = timedelta(days=30)
WRONG_PIN_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often within how long: `ours` is where the desk stops, `metas` where Meta does."""

    window: timedelta
    ours: int
    metas: int


LIMITS: Mapping[ActionKind, Limit] = {
    ActionKind.REGISTER: Limit(REGISTER_WINDOW, ours=5, metas=10),
    ActionKind.DEREGISTER: Limit(REGISTER_WINDOW, ours=5, metas=10),
    ActionKind.REQUEST_CODE: Limit(clocks.CODE_WINDOW, ours=5, metas=10),
    ActionKind.DISPLAY_NAME: Limit(NAME_WINDOW, ours=8, metas=10),
}
MOST_WRONG_PINS = 3
# How long Meta holds something back after such a refusal, where its answer does not say.
BLOCKED_FOR = {"registration_limit": REGISTER_WINDOW, "recently_deleted": timedelta(minutes=5)}
LEADS_DECIDE_WHERE = "Team leads and administrators decide where messages are sent."


@dataclass(frozen=True, slots=True)
class Situation:
    """What an action is judged by. Times are those at which earlier requests of this kind were sent.

    `wrong_pins` are the times of registrations that Meta refused for their PIN. `pin_given` is true for a PIN that a
    person typed or the desk keeps, false for one that the desk would make up.
    """

    facts: Facts
    is_pin_enabled: bool | None = None
    is_official: bool | None = None
    sent: Sequence[datetime] = field(default_factory=tuple)
    wrong_pins: Sequence[datetime] = field(default_factory=tuple)
    pin_given: bool = True
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an action is not sent: one sentence that says what to do instead, done with `way_out` where there is one.

    `may_override` is true when a team lead may send it all the same, giving a reason. `until` is when it is over.
    """

    sentence: str
    way_out: Step = Step.NONE
    may_override: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cost:
    """What an action uses up: it would be number `attempt` of `metas` within `window`, one is free at `resets_at`."""

    attempt: int
    ours: int
    metas: int
    window: timedelta
    resets_at: datetime | None


def cost(kind: ActionKind, sent: Sequence[datetime], *, now: datetime) -> Cost | None:
    """What the next action of this kind would cost; None for kinds that Meta does not count."""
    limit = LIMITS.get(kind)
    if limit is None:
        return None
    recent = sorted(at for at in sent if at > now - limit.window)
    resets_at = recent[0] + limit.window if recent else None
    return Cost(len(recent) + 1, limit.ours, limit.metas, limit.window, resets_at)


def refusal(kind: ActionKind, situation: Situation, *, now: datetime, overriding: bool = False) -> Refusal | None:
    """Why an action of this kind may not be sent at `now`; None when it may.

    With `overriding`, what a team lead may go beyond does not count, and everything else still does.
    """
    for guard in (_visible, _not_on_the_app, *_OF_KIND.get(kind, ()), _within_limits):
        found = guard(kind, situation, now)
        if found is not None and not (overriding and found.may_override):
            return found
    return None


Guard = Callable[[ActionKind, Situation, datetime], "Refusal | None"]


def _visible(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    if rules.is_out_of_sight(situation.facts):
        return Refusal("This number is no longer on a WABA that we see: nothing can be done to it from here.")
    return None


def _not_on_the_app(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    if situation.facts.is_on_biz_app:
        return Refusal("The client's WhatsApp Business app manages this number; doing this would take it off the app.")
    return None


def _verified(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    facts = situation.facts
    if rules.is_registered(facts):
        return None
    if facts.code_verification_status is None:
        return Refusal("Meta did not say whether the number is verified: read it again first.", Step.REFRESH)
    if not rules.is_verified(facts):
        return Refusal("The number is not verified: request a code and confirm it first.", Step.REQUEST_CODE)
    return None


def _name_usable(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    facts = situation.facts
    if rules.is_registered(facts) or not rules.has_blocking_name(facts):
        return None
    if facts.name_status in rules.NAME_REFUSED:
        return Refusal("Meta declined the display name, so registering fails: propose another.", Step.DISPLAY_NAME)
    return Refusal("The display name has no certificate, so registering fails: request one.", Step.DISPLAY_NAME)


def _window_open(_kind: ActionKind, situation: Situation, now: datetime) -> Refusal | None:
    if rules.has_missed_window(situation.facts, now=now):
        return Refusal("The time to register this number has passed: the client goes through signup again.")
    return None


def _shown(_kind: ActionKind, situation: Situation, now: datetime) -> Refusal | None:
    accepted = situation.facts.registration_accepted_at
    if accepted is None or not rules.waits_to_show(situation.facts, now=now):
        return None
    return Refusal(
        "Meta took the registration and does not show it yet: read the number. Another one uses up one more of those "
        "that Meta allows; a team lead may send it with a reason.",
        Step.REFRESH,
        may_override=True,
        until=accepted + clocks.SHOWS_WITHIN,
    )


def _pin_known(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    if situation.is_pin_enabled and not situation.pin_given:
        return Refusal(
            "This number has a PIN that the desk does not know, and a made-up one would be refused. Type the PIN that "
            "the client has, or set a new one first.",
            Step.SET_PIN,
        )
    return None


def _few_wrong_pins(_kind: ActionKind, situation: Situation, now: datetime) -> Refusal | None:
    recent = sorted(at for at in situation.wrong_pins if at > now - WRONG_PIN_WINDOW)
    if len(recent) >= MOST_WRONG_PINS:
        return Refusal(
            "Meta refused the PIN three times within a day, and more guesses lock the number: set a new PIN.",
            Step.SET_PIN,
            may_override=True,
            until=recent[0] + WRONG_PIN_WINDOW,
        )
    return None


def _registered(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    if rules.reported_registered(situation.facts) is False:
        return Refusal("The number is not registered, so there is nothing to deregister.", Step.REFRESH)
    return None


def _not_registered(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    reported = rules.reported_registered(situation.facts)
    if reported is None:
        return Refusal("Meta did not say whether the number is registered: read it again first.", Step.REFRESH)
    if reported:
        return Refusal(
            "Meta changes where messages are kept only while a number is not registered: deregister it, change this, "
            "and register it again."
        )
    return None


def _may_be_official(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    if situation.is_official:
        return Refusal("It is an official account already.")
    if situation.is_pin_enabled is False:
        return Refusal("Meta wants two-step verification for an official account: set a PIN first.", Step.SET_PIN)
    name = situation.facts.name_status
    if name is not None and name not in rules.NAME_ACCEPTED:
        return Refusal("Meta wants an approved display name for an official account: wait for it, or propose another.")
    return None


def _code_wanted(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    facts = situation.facts
    if rules.wants_code(facts):
        return None
    if rules.is_registered(facts):
        return Refusal("The number is registered: no code is needed.")
    if rules.is_verified(facts):
        return Refusal("The number is verified already: no code is needed.", Step.REGISTER)
    return None


def _code_pause(_kind: ActionKind, situation: Situation, now: datetime) -> Refusal | None:
    until = clocks.code_pause_until(situation.sent, now=now)
    if until is not None:
        return Refusal("A code was requested a moment ago: give it a minute to arrive.", until=until)
    return None


def _name_may_change(_kind: ActionKind, situation: Situation, _now: datetime) -> Refusal | None:
    if situation.is_official:
        return Refusal("An official business account changes its name through Meta's support only.")
    if situation.facts.new_name_status in rules.NAME_IN_REVIEW:
        return Refusal("Meta is reviewing a requested name already: wait for its decision.")
    return None


def _within_limits(kind: ActionKind, situation: Situation, now: datetime) -> Refusal | None:
    if situation.blocked_until is not None and situation.blocked_until > now:
        return Refusal("Meta has blocked this for the number for a while.", until=situation.blocked_until)
    spent = cost(kind, situation.sent, now=now)
    if spent is None or spent.attempt <= spent.ours:
        return None
    hours = round(spent.window / timedelta(hours=1))
    if spent.attempt > spent.metas:
        return Refusal(
            f"Meta allows {spent.metas} requests in {hours} hours and all are used: one more blocks the number.",
            until=spent.resets_at,
        )
    return Refusal(
        f"{spent.attempt - 1} of the {spent.metas} requests that Meta allows in {hours} hours are used. The desk stops "
        f"here so that some are left; a team lead may go on with a reason.",
        may_override=True,
        until=spent.resets_at,
    )


_OF_KIND: Mapping[ActionKind, Sequence[Guard]] = {
    ActionKind.REGISTER: (_verified, _name_usable, _window_open, _shown, _pin_known, _few_wrong_pins),
    ActionKind.DEREGISTER: (_registered,),
    ActionKind.REQUEST_CODE: (_code_wanted, _code_pause),
    ActionKind.VERIFY_CODE: (_code_wanted,),
    ActionKind.DISPLAY_NAME: (_name_may_change,),
    ActionKind.STORAGE: (_not_registered,),
    ActionKind.OFFICIAL_ACCOUNT: (_may_be_official,),
}
