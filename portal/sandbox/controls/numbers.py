"""What a tester may see and set of a number that Graph shows nobody: its PIN, the code on its owner's phone, counters.

For the control endpoints. Moments are ISO 8601 like a node's times, or null.
"""

import re

from portal.sandbox.graph.codes import takes_calls_only
from portal.sandbox.graph.fields import all_values
from portal.sandbox.graph.pins import pin_of, set_pin
from portal.sandbox.graph.registration import window_ends
from portal.sandbox.http.messages import Values
from portal.sandbox.world.hidden_state import LIMITS, Standing
from portal.sandbox.world.world import Number, PreverifiedNumber, World, timestamp

_LEFT_OUT = frozenset({"whatsapp_business_profile", "certificate", "new_certificate"})


def field_values(number: Number) -> Values:
    """The values that Graph's newest version would return."""
    return {name: value for name, value in all_values(number).items() if name not in _LEFT_OUT}


def facts(world: World, number: Number) -> Values:
    """Everything about one number."""
    standing, now = world.standings.get(number.id, Standing()), world.now()
    ends = window_ends(world, number)
    return {
        "id": number.id,
        "waba_ids": [waba.id for waba in number.wabas],
        "values": field_values(number),
        "pin": pin_of(world, number),
        "pin_is_known": standing.pin_is_known and pin_of(world, number) is not None,
        "wrong_pins": len(standing.wrong_pins),
        "pin_paused_until": _moment(standing.pin_paused_until, now),
        "pin_locked_until": _moment(standing.pin_locked_until, now),
        **code_facts(world, number),
        "counters": {kind: _counter(standing, kind, now) for kind in LIMITS},
        "registration_window_ends": None if ends is None else timestamp(ends),
        "review_ends": _moment(world.reviews.get(number.id, 0.0), now),
        "approval_lapses": _moment(world.approvals.get(number.id, 0.0), now),
        "half_deregistered": standing.half_deregistered,
        "data_localization_region": standing.region,
    }


def code_facts(world: World, number: Number | PreverifiedNumber) -> Values:
    """How far the proof of one number has come."""
    standing, now = world.standings.get(number.id, Standing()), world.now()
    code = standing.code if now < standing.code_ends else None
    return {
        "code": code,
        "code_ends": None if code is None else timestamp(standing.code_ends),
        "wrong_codes": standing.wrong_codes,
        "code_locked_until": _moment(standing.code_locked_until, now),
        "takes_calls_only": takes_calls_only(number),
    }


def change(world: World, number: Number, wish: Values) -> None:
    """Set what is given of ``pin``, ``calls`` and ``half_deregistered``. Raises ValueError with a sentence.

    ``pin`` is the one that the owner chose, null for none; ``calls`` says how many of each kind were made just now.
    """
    pin, calls, half = wish.get("pin"), wish.get("calls", {}), wish.get("half_deregistered", False)
    if pin is not None and not (isinstance(pin, str) and re.fullmatch("[0-9]{6}", pin)):
        raise ValueError("pin is a text of six digits, or null")
    if not isinstance(calls, dict) or not all(kind in LIMITS and _is_count(each) for kind, each in calls.items()):
        raise ValueError(f"calls is an object of counts from 0 to 10 for {', '.join(LIMITS)}")
    if half not in (True, False):
        raise ValueError("half_deregistered is true or false")
    standing, now = world.standing(number), world.now()
    if "pin" in wish:
        _change_pin(world, number, pin)
    if "half_deregistered" in wish:
        standing.half_deregistered = bool(half)
    for kind, count in calls.items():
        standing.calls[kind] = [now] * count
        standing.blocked_until.pop(kind, None)


def _change_pin(world: World, number: Number, pin: str | None) -> None:
    """Give the number a PIN as its owner would, so that no partner knows it, or turn two-step verification off."""
    standing = world.standing(number)
    if pin is None:
        standing.pin = None
        world.change_number(number, {"is_pin_enabled": False})
    else:
        set_pin(world, number, pin)
    standing.pin_is_known = False
    standing.pin_locked_until = 0.0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10


def _counter(standing: Standing, kind: str, now: float) -> Values:
    blocked = standing.blocked_until.get(kind, 0.0)
    used = len(standing.counted(kind, now))
    return {"used": used, "most": LIMITS[kind].most, "blocked_until": _moment(blocked, now)}


def _moment(second: float, now: float) -> str | None:
    """A moment that is still to come; None for one that has passed."""
    return timestamp(second) if second > now else None
