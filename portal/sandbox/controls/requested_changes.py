"""Bringing about a change of the practice world that a tester asks for, and those that are due by its clock.

What can happen to a number is ``number_changes``, to a WABA ``waba_changes``; what else happens by itself, and can be
asked for as well, is ``world.random_changes``. What partners do through Graph is none of these.
"""

from portal.sandbox.controls import number_changes, waba_changes
from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names, pool, random_changes
from portal.sandbox.world.world import World

_KINDS = {**number_changes.KINDS, **waba_changes.KINDS}


def make(world: World, body: Values) -> Values:
    """Let one thing happen; its entry in the log of changes.

    ``body`` has the ``kind`` and, to choose, ``phone_number_id`` or ``waba_id``: otherwise chance picks one that fits.
    What else it may say depends on the kind, and stands at the kind's function here. Raises BadRequestError when it
    cannot happen.
    """
    kind = body.get("kind", "")
    change = _KINDS.get(str(kind))
    if change is not None:
        return change(world, body)
    if kind and kind not in random_changes.KINDS:
        raise BadRequestError(f"kind is one of {', '.join(sorted({*_KINDS, *random_changes.KINDS}))}")
    return random_changes.change(world, str(kind))


def settle(world: World) -> None:
    """Let everything happen that is due by the clock: to display names, to the pool, and by appointment to WABAs."""
    display_names.settle(world)
    pool.settle(world)
    if not world.appointments:
        return
    now = world.now()
    due = [each for each in world.appointments if _moment(each) <= now]
    world.appointments = [each for each in world.appointments if _moment(each) > now]
    for each in due:
        if str(each["waba_id"]) in world.wabas:
            make(world, each)


def _moment(appointment: Values) -> float:
    at = appointment["at"]
    return float(at) if isinstance(at, (int, float)) else 0.0
