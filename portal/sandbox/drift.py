"""Slow change: one small thing at a time happens to the practice world, as it would at Meta.

The same seed brings the same changes in the same order. What may happen is here; when it does is up to the server's
clock or ``/_practice/drift``.
"""

from collections.abc import Callable
from random import Random

from portal.sandbox import book
from portal.sandbox.messages import Values
from portal.sandbox.situations import FRESH_SIGNUP, MANAGER_ADDED
from portal.sandbox.values import has_certificate, is_registered, number_value
from portal.sandbox.world import Number, Waba, World, timestamp

_TRIES = 200
_NEWCOMERS_AT_MOST = 500  # a practice server left running for weeks must not grow without end
_WINDOW = 14 * 86_400  # seconds in which a number has to be registered
_WORSE = {"GREEN": "YELLOW", "YELLOW": "RED"}
_BETTER = {"RED": "YELLOW", "YELLOW": "GREEN", "UNKNOWN": "GREEN"}


def change(world: World) -> Values:
    """Let one thing happen; its entry in the log of changes, of kind ``nothing`` when nothing could."""
    rng = Random(f"{world.seed} drift {world.drifted}")
    world.drifted += 1
    wishes = rng.choices(_KINDS, [weight for _, weight in _KINDS], k=1) + _KINDS
    for happen, _ in wishes:
        entry = happen(world, rng)
        if entry is not None:
            return entry
    return world.record("nothing")


def _quality_drops(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, lambda each: is_registered(each) and number_value(each, "quality_rating") in _WORSE)
    return None if number is None else _rate(world, number, _WORSE, "quality_dropped")


def _quality_recovers(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, lambda each: _is_alive(each) and number_value(each, "quality_rating") in _BETTER)
    return None if number is None else _rate(world, number, _BETTER, "quality_recovered")


def _rate(world: World, number: Number, steps: dict[str, str], kind: str) -> Values:
    rating = steps[str(number_value(number, "quality_rating"))]
    values: Values = {"quality_rating": rating, "status": "FLAGGED" if rating == "RED" else "CONNECTED"}
    if number_value(number, "quality_score") is not None:
        values["quality_score"] = {"score": rating}
    return _change(world, number, kind, values)


def _name_requested(world: World, rng: Random) -> Values | None:
    number = _find(
        world, rng, lambda each: is_registered(each) and not isinstance(number_value(each, "new_display_name"), str)
    )
    if number is None:
        return None
    name = f"{number_value(number, 'verified_name')} {rng.choice(('Plus', 'One', '24', 'Express'))}"
    return _change(world, number, "name_requested", {"new_display_name": name, "new_name_status": "PENDING_REVIEW"})


def _name_decided(world: World, rng: Random) -> Values | None:
    decision = rng.choice(("APPROVED", "APPROVED", "DECLINED"))
    number = _find(world, rng, lambda each: _field_in_review(each) is not None)
    field = None if number is None else _field_in_review(number)
    return None if number is None or field is None else _change(world, number, "name_decided", {field: decision})


def _registered(world: World, rng: Random) -> Values | None:
    earliest = timestamp(world.now() - _WINDOW)
    number = _find(
        world,
        rng,
        lambda each: _is_pending(each, "VERIFIED") and has_certificate(each) and _onboarded(each) > earliest,
    )
    if number is None:
        return None
    values: Values = {
        "status": "CONNECTED",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD"},
        "is_pin_enabled": True,
    }
    return _change(world, number, "registered", values)


def _code_verified(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, lambda each: _is_pending(each, "NOT_VERIFIED"))
    return None if number is None else _change(world, number, "code_verified", {"code_verification_status": "VERIFIED"})


def _disconnected(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, is_registered)
    if number is None:
        return None
    values: Values = {
        "status": "DISCONNECTED",
        "platform_type": "NOT_APPLICABLE",
        "throughput": {"level": "NOT_APPLICABLE"},
    }
    return _change(world, number, "disconnected", values)


def _reconnected(world: World, rng: Random) -> Values | None:
    number = _find(
        world, rng, lambda each: number_value(each, "status") == "DISCONNECTED" and not _was_deregistered(world, each)
    )
    values: Values = {"status": "CONNECTED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}}
    return None if number is None else _change(world, number, "reconnected", values)


def _added_in_manager(world: World, rng: Random) -> Values | None:
    wabas = [waba for waba in world.related("client") if not waba.trouble]
    if not wabas or world.newcomers >= _NEWCOMERS_AT_MOST:
        return None
    waba = rng.choice(wabas)
    number = book.new_number(world, waba, MANAGER_ADDED)
    return world.record("number_added", waba_id=waba.id, phone_number_id=number.id)


def _client_shared(world: World, rng: Random) -> Values | None:
    if world.newcomers >= _NEWCOMERS_AT_MOST:
        return None
    waba = share_client(world, rng.randrange(1, 4))
    return world.record("waba_shared", waba_id=waba.id, phone_number_ids=[number.id for number in waba.numbers])


def share_client(world: World, numbers: int) -> Waba:
    """A new client's WABA with this many numbers, just onboarded through Embedded Signup."""
    waba = book.new_client(world)
    for _ in range(numbers):
        book.new_number(world, waba, FRESH_SIGNUP)
    return waba


def _change(world: World, number: Number, kind: str, values: Values) -> Values:
    old = {name: number_value(number, name) for name in values}
    shown = {name: value if isinstance(value, (str, bool, dict)) else None for name, value in old.items()}
    world.change_number(number, values)
    waba_id = number.wabas[0].id if number.wabas else None
    return world.record(kind, waba_id=waba_id, phone_number_id=number.id, old=shown, new=values)


def _find(world: World, rng: Random, fits: Callable[[Number], bool]) -> Number | None:
    """A number somewhere in the book that fits; None when a fair number of tries finds none."""
    wabas = [waba for waba in world.wabas.values() if waba.numbers and waba.relation != "unshared" and not waba.trouble]
    for _ in range(_TRIES if wabas else 0):
        number = rng.choice(rng.choice(wabas).numbers)
        if fits(number):
            return number
    return None


def _is_alive(number: Number) -> bool:
    alive = number_value(number, "status") in {"CONNECTED", "FLAGGED"}
    return alive and number_value(number, "platform_type") == "CLOUD_API"


def _field_in_review(number: Number) -> str | None:
    fields = ("new_name_status", "name_status")
    return next((field for field in fields if number_value(number, field) == "PENDING_REVIEW"), None)


def _onboarded(number: Number) -> str:
    """When Embedded Signup ended; a number that never went through it has no window to miss."""
    value = number_value(number, "last_onboarded_time")
    return value if isinstance(value, str) else "never"


def _was_deregistered(world: World, number: Number) -> bool:
    """Whether the partner took the number off Cloud API: then it does not come back by itself."""
    standing = world.standings.get(number.id)
    return standing is not None and standing.deregistered


def _is_pending(number: Number, code_status: str) -> bool:
    pending = number_value(number, "status") == "PENDING"
    return pending and number_value(number, "code_verification_status") == code_status


_KINDS: list[tuple[Callable[[World, Random], Values | None], int]] = [
    (_quality_drops, 5),
    (_quality_recovers, 5),
    (_name_decided, 4),
    (_name_requested, 3),
    (_registered, 3),
    (_code_verified, 2),
    (_added_in_manager, 3),
    (_disconnected, 2),
    (_reconnected, 2),
    (_client_shared, 1),
]
