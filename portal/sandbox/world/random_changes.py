"""Changes by chance: one small thing at a time happens to the practice world, as it would at Meta.

The same seed brings the same changes in the same order. What may happen is here; when it does is up to the server's
clock or ``/_practice/drift``. What a tester wants to see happen to a certain number or WABA is
``controls.requested_changes``.
"""

from collections.abc import Callable
from random import Random

from portal.sandbox.http.messages import Values
from portal.sandbox.world import book, display_names
from portal.sandbox.world.situations import FRESH_SIGNUP, MANAGER_ADDED
from portal.sandbox.world.values import has_certificate, is_registered, number_value
from portal.sandbox.world.world import Number, Waba, World, timestamp

_TRIES = 200
_NEWCOMERS_AT_MOST = 500  # a practice server left running for weeks must not grow without end
_WINDOW = 14 * 86_400  # seconds in which a number has to be registered
_WORSE = {"GREEN": "YELLOW", "YELLOW": "RED"}
_BETTER = {"RED": "YELLOW", "YELLOW": "GREEN", "UNKNOWN": "GREEN"}


def change(world: World, kind: str = "") -> Values:
    """Let one thing happen; its entry in the log of changes, of kind ``nothing`` when nothing could.

    ``kind`` is one of ``KINDS``; without one, chance decides.
    """
    rng = Random(f"{world.seed} drift {world.drifted}")
    world.drifted += 1
    kinds = list(KINDS.values())
    wishes = [KINDS[kind]] if kind else rng.choices(kinds, [weight for _, weight in kinds], k=1) + kinds
    for happen, _ in wishes:
        entry = happen(world, rng)
        if entry is not None:
            return entry
    return world.record("nothing")


def _quality_drops(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, lambda each: is_registered(each) and number_value(each, "quality_rating") in _WORSE)
    return None if number is None else rate(world, number, "quality_dropped", _stepped(number, _WORSE))


def _quality_recovers(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, lambda each: _is_alive(each) and number_value(each, "quality_rating") in _BETTER)
    return None if number is None else rate(world, number, "quality_recovered", _stepped(number, _BETTER))


def _stepped(number: Number, steps: dict[str, str]) -> str:
    return steps[str(number_value(number, "quality_rating"))]


def rate(world: World, number: Number, kind: str, rating: str) -> Values:
    """Give a live number this quality rating; the entry in the log of changes, of this kind."""
    values: Values = {"quality_rating": rating, "status": "FLAGGED" if rating == "RED" else "CONNECTED"}
    if number_value(number, "quality_score") is not None:
        values["quality_score"] = {"score": rating}
    return world.act(number, kind, values)


def _name_requested(world: World, rng: Random) -> Values | None:
    number = _find(
        world, rng, lambda each: is_registered(each) and not isinstance(number_value(each, "new_display_name"), str)
    )
    if number is None:
        return None
    name = f"{number_value(number, 'verified_name')} {rng.choice(('Plus', 'One', '24', 'Express'))}"
    return world.act(number, "name_requested", {"new_display_name": name, "new_name_status": "PENDING_REVIEW"})


def _name_decided(world: World, rng: Random) -> Values | None:
    status = rng.choice(("APPROVED", "APPROVED", "DECLINED"))
    number = _find(world, rng, lambda each: display_names.in_review(each) is not None)
    field = None if number is None else display_names.in_review(number)
    if number is None or field is None:
        return None
    return display_names.conclude(world, number, field, status, world.now())


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
    return world.act(number, "registered", values)


def _code_verified(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, lambda each: _is_pending(each, "NOT_VERIFIED"))
    return None if number is None else world.act(number, "code_verified", {"code_verification_status": "VERIFIED"})


def _disconnected(world: World, rng: Random) -> Values | None:
    number = _find(world, rng, is_registered)
    if number is None:
        return None
    values: Values = {
        "status": "DISCONNECTED",
        "platform_type": "NOT_APPLICABLE",
        "throughput": {"level": "NOT_APPLICABLE"},
    }
    return world.act(number, "disconnected", values)


def _reconnected(world: World, rng: Random) -> Values | None:
    number = _find(
        world, rng, lambda each: number_value(each, "status") == "DISCONNECTED" and not _was_deregistered(world, each)
    )
    values: Values = {"status": "CONNECTED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"}}
    return None if number is None else world.act(number, "reconnected", values)


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


def _onboarded(number: Number) -> str:
    """When Embedded Signup ended; a number that never went through it has no window to miss."""
    value = number_value(number, "last_onboarded_time")
    return value if isinstance(value, str) else "never"


def _was_deregistered(world: World, number: Number) -> bool:
    """Whether the partner took the number off Cloud API: then it does not come back by itself."""
    hidden = world.hidden_states.get(number.id)
    return hidden is not None and hidden.deregistered


def _is_pending(number: Number, code_status: str) -> bool:
    pending = number_value(number, "status") == "PENDING"
    return pending and number_value(number, "code_verification_status") == code_status


KINDS: dict[str, tuple[Callable[[World, Random], Values | None], int]] = {
    "quality_dropped": (_quality_drops, 5),
    "quality_recovered": (_quality_recovers, 5),
    "name_decided": (_name_decided, 4),
    "name_requested": (_name_requested, 3),
    "registered": (_registered, 3),
    "code_verified": (_code_verified, 2),
    "number_added": (_added_in_manager, 3),
    "disconnected": (_disconnected, 2),
    "reconnected": (_reconnected, 2),
    "waba_shared": (_client_shared, 1),
}
"""What may happen, by the kind of its entry in the log of changes, and how often."""
