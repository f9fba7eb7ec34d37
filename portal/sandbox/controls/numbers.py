"""What a tester may see and set of a number that Graph shows nobody: its PIN, the code on its owner's phone, counters.

For the control endpoints. Moments are ISO 8601 like a node's times, or null.
"""

import re

from portal.sandbox.graph import callbacks
from portal.sandbox.graph.codes import takes_calls_only
from portal.sandbox.graph.fields import all_values
from portal.sandbox.graph.pins import pin_of, set_pin
from portal.sandbox.graph.registration import window_ends
from portal.sandbox.http.messages import Values
from portal.sandbox.world.hidden_state import LIMITS, HiddenState
from portal.sandbox.world.world import Number, PreverifiedNumber, World, timestamp

_LEFT_OUT = frozenset({"whatsapp_business_profile", "certificate", "new_certificate"})


def field_values(world: World, number: Number) -> Values:
    """The values that Graph's newest version would return."""
    found = {name: value for name, value in all_values(number).items() if name not in _LEFT_OUT}
    shown = callbacks.in_force(world, found.pop("webhook_configuration", None))
    return found | {"webhook_configuration": shown} if shown else found


def facts(world: World, number: Number) -> Values:
    """Everything about one number."""
    hidden, now = world.hidden_states.get(number.id, HiddenState()), world.now()
    ends = window_ends(world, number)
    return {
        "id": number.id,
        "waba_ids": [waba.id for waba in number.wabas],
        "values": field_values(world, number),
        "pin": pin_of(world, number),
        "pin_is_known": hidden.pin_is_known and pin_of(world, number) is not None,
        "wrong_pins": len(hidden.wrong_pins),
        "pin_paused_until": _moment(hidden.pin_paused_until, now),
        "pin_locked_until": _moment(hidden.pin_locked_until, now),
        **code_facts(world, number),
        "counters": {kind: _counter(hidden, kind, now) for kind in LIMITS},
        "registration_window_ends": None if ends is None else timestamp(ends),
        "review_ends": _moment(world.reviews.get(number.id, 0.0), now),
        "approval_lapses": _moment(world.approvals.get(number.id, 0.0), now),
        "half_deregistered": hidden.half_deregistered,
        "data_localization_region": hidden.region,
    }


def code_facts(world: World, number: Number | PreverifiedNumber) -> Values:
    """How far the proof of one number has come."""
    hidden, now = world.hidden_states.get(number.id, HiddenState()), world.now()
    code = hidden.code if now < hidden.code_ends else None
    return {
        "code": code,
        "code_ends": None if code is None else timestamp(hidden.code_ends),
        "wrong_codes": hidden.wrong_codes,
        "code_locked_until": _moment(hidden.code_locked_until, now),
        "takes_calls_only": takes_calls_only(number),
    }


def change(world: World, number: Number, body: Values) -> None:
    """Set what is given of ``pin``, ``calls`` and ``half_deregistered``. Raises ValueError with a sentence.

    ``pin`` is the one that the owner chose, null for none; ``calls`` says how many of each kind were made just now.
    """
    pin, calls, half = body.get("pin"), body.get("calls", {}), body.get("half_deregistered", False)
    if pin is not None and not (isinstance(pin, str) and re.fullmatch("[0-9]{6}", pin)):
        raise ValueError("pin is a text of six digits, or null")
    if not isinstance(calls, dict) or not all(kind in LIMITS and _is_count(each) for kind, each in calls.items()):
        raise ValueError(f"calls is an object of counts from 0 to 10 for {', '.join(LIMITS)}")
    if half not in (True, False):
        raise ValueError("half_deregistered is true or false")
    hidden, now = world.hidden_state(number), world.now()
    if "pin" in body:
        _change_pin(world, number, pin)
    if "half_deregistered" in body:
        hidden.half_deregistered = bool(half)
    for kind, count in calls.items():
        hidden.calls[kind] = [now] * count
        hidden.blocked_until.pop(kind, None)


def _change_pin(world: World, number: Number, pin: str | None) -> None:
    """Give the number a PIN as its owner would, so that no partner knows it, or turn two-step verification off."""
    hidden = world.hidden_state(number)
    if pin is None:
        hidden.pin = None
        world.change_number(number, {"is_pin_enabled": False})
    else:
        set_pin(world, number, pin)
    hidden.pin_is_known = False
    hidden.pin_locked_until = 0.0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 10


def _counter(hidden: HiddenState, kind: str, now: float) -> Values:
    blocked = hidden.blocked_until.get(kind, 0.0)
    used = len(hidden.counted(kind, now))
    return {"used": used, "most": LIMITS[kind].most, "blocked_until": _moment(blocked, now)}


def _moment(second: float, now: float) -> str | None:
    """A moment that is still to come; None for one that has passed."""
    return timestamp(second) if second > now else None
