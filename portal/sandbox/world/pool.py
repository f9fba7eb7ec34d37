"""The partner's pool of pre-verified numbers: what becomes of one by the clock, and when a customer takes it.

From Meta's page on pre-verified numbers: a verification is good for 90 days and may be repeated in the last 45 of them;
a number that was never verified leaves the pool after 90 days; one that a customer claims leaves it at once, and is to
be registered within 90 days. What partners may ask for is ``graph.preverified``. That a claimed number's name is
decided on at once, and that a lapsed verification never makes a number leave, is this server's choice.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names
from portal.sandbox.world.numbering import calling_code, country_of, international
from portal.sandbox.world.situations import FRESH_SIGNUP
from portal.sandbox.world.world import Business, Number, PreverifiedNumber, Waba, World, timestamp

_DAY = 86_400.0
VALID_SECONDS = 90 * _DAY
UNVERIFIED_SECONDS = 90 * _DAY
AGAIN_SECONDS = 45 * _DAY


@dataclass(frozen=True, slots=True)
class State:
    """How far a number in the pool has come: days since it was added, and since it was verified, if ever."""

    added: float
    verified: float | None = None


STATES: Mapping[str, State] = {
    "fresh": State(2, 1),
    "verified": State(31, 30),
    "renewable": State(61, 60),
    "expiring": State(88, 87),
    "expired": State(130, 100),
    "unverified": State(2),
    "leaving": State(87),
}
# The country and state of each number that the book puts into the pool, and those that are shared with a partner.
_STOCK = (
    *(("US", "fresh"), ("GB", "fresh"), ("DE", "verified"), ("BR", "verified"), ("US", "renewable")),
    *(("IN", "renewable"), ("ES", "expiring"), ("AU", "expiring"), ("MX", "expired"), ("US", "expired")),
    *(("IE", "unverified"), ("GB", "leaving")),
)
_SHARED = (2, 4)
_APART_SECONDS = 7_000.0


def stock(world: World, new_id: Callable[[], str]) -> None:
    """Fill the pool of a new world with numbers in every state, as of its start, and share some with a partner."""
    other = Business(new_id(), "Northgate Messaging Ltd", "GB")
    world.nodes[other.id] = other
    for place, (country, state) in enumerate(_STOCK):
        display, _ = world.numbering.next_number(country, world.partner.id)
        entry = PreverifiedNumber(new_id(), world.partner, re.sub(r"\D", "", display), world.started)
        put_in_state(entry, STATES[state], world.started - place * _APART_SECONDS)
        entry.partners = [other] if place in _SHARED else []
        world.pool[entry.id] = entry


def put_in_state(entry: PreverifiedNumber, state: State, as_of: float) -> None:
    """Have a number be in this state at a moment (Unix seconds)."""
    entry.created = as_of - state.added * _DAY
    entry.code_verification_status, entry.verified, entry.expires = "NOT_VERIFIED", None, None
    if state.verified is not None:
        _verify(entry, as_of - state.verified * _DAY)
        _expire(entry, as_of)


def settle(world: World) -> None:
    """Let everything happen to the pool that is due by the world's clock."""
    now = world.now()
    for entry in list(world.pool.values()):
        if _expire(entry, now):
            world.record("preverified_expired", preverified_id=entry.id)
        elif entry.verified is None and now >= entry.created + UNVERIFIED_SECONDS:
            remove(world, entry)
            world.record("preverified_left", preverified_id=entry.id)


def find(world: World, preverified_id: str) -> PreverifiedNumber | None:
    """The number with this id, if it is in the pool still."""
    settle(world)
    return world.pool.get(preverified_id)


def holding(world: World, digits: str) -> PreverifiedNumber | None:
    """The number in the pool with these digits, calling code first."""
    return next((entry for entry in world.pool.values() if entry.phone_number == digits), None)


def may_be_verified(world: World, entry: PreverifiedNumber) -> bool:
    """Whether a code may be asked for: there is no verification that holds, or it has come to its last 45 days."""
    return entry.expires is None or world.now() >= entry.expires - AGAIN_SECONDS


def verify(world: World, entry: PreverifiedNumber) -> None:
    """Have a number be verified as of now."""
    _verify(entry, world.now())
    world.record("preverified_verified", preverified_id=entry.id)


def claim(world: World, entry: PreverifiedNumber, waba: Waba, display_name: str) -> Number:
    """Take a number out of the pool and put it on a WABA under a new id, as the end of Embedded Signup does.

    It can be registered at once if its verification holds and the name passes the review; without a verification it
    needs a code first. Raises KeyError when it is in the pool no more.
    """
    remove(world, entry)
    now, dial = world.now(), calling_code(entry.phone_number)
    holds = entry.expires is not None and now < entry.expires
    values: Values = {
        **FRESH_SIGNUP.base,
        "display_phone_number": international(dial, entry.phone_number.removeprefix(dial)),
        "verified_name": display_name,
        "name_status": display_names.verdict(display_name),
        "code_verification_status": "VERIFIED" if holds else "NOT_VERIFIED",
        "country_dial_code": dial,
        "is_preverified_number": True,
        "last_onboarded_time": timestamp(now),
    }
    country = country_of(dial)
    if country:
        values["country_code"] = country
    number = world.new_number(waba, values)
    world.record("number_added", waba_id=waba.id, phone_number_id=number.id, preverified_id=entry.id)
    return number


def remove(world: World, entry: PreverifiedNumber) -> None:
    """Take a number out of the pool. Raises KeyError when it is there no more."""
    del world.pool[entry.id]
    world.hidden_states.pop(entry.id, None)
    world.unsaved = True


def _verify(entry: PreverifiedNumber, second: float) -> None:
    entry.code_verification_status, entry.verified, entry.expires = "VERIFIED", second, second + VALID_SECONDS


def _expire(entry: PreverifiedNumber, now: float) -> bool:
    """Let the verification lapse if it is time; whether it did."""
    if entry.code_verification_status != "VERIFIED" or entry.expires is None or now < entry.expires:
        return False
    entry.code_verification_status = "EXPIRED"
    return True
