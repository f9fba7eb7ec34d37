"""The PIN of two-step verification: what it is, when a wrong one is forgiven, and how it is set.

From Meta's pages on registration and two-step verification. How many wrong PINs are too many, what is too quick, and
how long the waits are is not documented: five, thirty seconds apart, a minute and an hour are this server's choice.
"""

import re
from hashlib import sha256

from portal.sandbox.graph import errors, refusals
from portal.sandbox.graph.calls import Call
from portal.sandbox.world.values import MISSING, number_value
from portal.sandbox.world.world import Number, World

WRONG_AT_MOST = 5
QUICK_SECONDS = 30.0
PAUSE_SECONDS = 60.0
LOCK_SECONDS = 3600.0
_FORGIVEN_SECONDS = 86_400.0


def pin_of(world: World, number: Number) -> str | None:
    """The PIN of this number; None when two-step verification is off. One that its owner once chose is invented."""
    enabled = number_value(number, "is_pin_enabled")
    if enabled is MISSING:
        enabled = number_value(number, "platform_type") == "CLOUD_API"
    if enabled is not True:
        return None
    hidden = world.hidden_states.get(number.id)
    if hidden is not None and hidden.pin is not None:
        return hidden.pin
    drawn = int.from_bytes(sha256(f"{world.seed} pin {number.id}".encode()).digest())
    return f"{drawn % 10**6:06d}"


def pin_in(call: Call) -> str:
    """The ``pin`` of a call. Raises GraphError 100 unless it is a text of six digits."""
    pin = call.request.value("pin")
    if pin is None:
        raise errors.bad_parameter("The parameter pin is required")
    if not isinstance(pin, str) or not re.fullmatch("[0-9]{6}", pin):
        raise errors.bad_parameter("Param pin must be a string of six digits")
    return pin


def check(world: World, number: Number, pin: str) -> None:
    """Compare a PIN with the number's own; any is right while two-step verification is off.

    Raises GraphError 133005 when it is wrong, 133009 when two wrong ones follow on each other quickly, and 133008 when
    it is one too many. During the wait after the last two, the PIN is not so much as looked at.
    """
    own = pin_of(world, number)
    if own is None:
        return
    hidden, now = world.hidden_state(number), world.now()
    if now < hidden.pin_locked_until:
        raise refusals.pins_exceeded(hidden.pin_locked_until - now)
    if now < hidden.pin_paused_until:
        raise refusals.pin_too_fast(hidden.pin_paused_until - now)
    if pin == own:
        hidden.wrong_pins = []
        return
    earlier = [each for each in hidden.wrong_pins if each > now - _FORGIVEN_SECONDS]
    hidden.wrong_pins = [*earlier, now]
    if len(hidden.wrong_pins) >= WRONG_AT_MOST:
        hidden.wrong_pins = []
        hidden.pin_locked_until = now + LOCK_SECONDS
        raise refusals.pins_exceeded(LOCK_SECONDS)
    if earlier and now - earlier[-1] < QUICK_SECONDS:
        hidden.pin_paused_until = now + PAUSE_SECONDS
        raise refusals.pin_too_fast(PAUSE_SECONDS)
    raise refusals.pin_mismatch()


def set_pin(world: World, number: Number, pin: str) -> None:
    """Give the number this PIN. Wrong ones are forgotten; a wait that is under way for too many of them goes on."""
    hidden = world.hidden_state(number)
    hidden.pin, hidden.pin_is_known = pin, True
    hidden.wrong_pins, hidden.pin_paused_until = [], 0.0
    world.act(number, "pin_set", {"is_pin_enabled": True})
