"""The controls under ``/_practice/preverified``: look into the pool of pre-verified numbers and change it.

For tests and trainers; nothing of this is Meta's. Moments are ISO 8601 like a node's times, or null.
"""

from collections.abc import Callable

from portal.sandbox.controls import numbers
from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.graph.fields import all_values
from portal.sandbox.http.messages import Values
from portal.sandbox.world import pool
from portal.sandbox.world.world import PreverifiedNumber, World, timestamp


def controls(world: World) -> dict[tuple[str, str], Callable[[Values, str], object]]:
    """The controls, by method and path."""
    return {
        ("GET", "preverified"): lambda _, __: {"preverified": [_facts(world, each) for each in world.pool.values()]},
        ("GET", "preverified/*"): lambda _, path: _facts(world, _entry(world, path)),
        ("PATCH", "preverified/*"): lambda body, path: _put(world, _entry(world, path), body),
    }


def _entry(world: World, path: str) -> PreverifiedNumber:
    preverified_id = path.split("/")[1]
    entry = pool.find(world, preverified_id)
    if entry is None:
        raise BadRequestError(f"There is no pre-verified number {preverified_id}", 404)
    return entry


def _put(world: World, entry: PreverifiedNumber, body: Values) -> Values:
    """Have the number be in the named state as of now."""
    state = pool.STATES.get(str(body.get("state")))
    if state is None:
        raise BadRequestError(f"state is one of {', '.join(pool.STATES)}")
    pool.put_in_state(entry, state, world.now())
    world.record("preverified_set", preverified_id=entry.id, state=body["state"])
    return _facts(world, entry)


def _facts(world: World, entry: PreverifiedNumber) -> Values:
    leaves = None if entry.verified is not None else entry.created + pool.UNVERIFIED_SECONDS
    return {
        "id": entry.id,
        "values": all_values(entry),
        "created": timestamp(entry.created),
        "leaves": None if leaves is None else timestamp(leaves),
        "may_be_verified": pool.may_be_verified(world, entry),
        "partner_business_ids": [partner.id for partner in entry.partners],
        **numbers.code_facts(world, entry),
    }
