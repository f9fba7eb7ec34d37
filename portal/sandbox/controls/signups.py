"""The controls under ``/_practice/signups``: go through the login dialog without a browser, and see what was granted.

For tests and trainers; nothing of this is Meta's.
"""

from collections.abc import Callable

from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.http.messages import Values
from portal.sandbox.signup import signups
from portal.sandbox.world.world import World


def controls(world: World) -> dict[tuple[str, str], Callable[[Values, str], object]]:
    """The controls, by method and path."""
    return {
        ("GET", "signups"): lambda _, __: {"signups": signups.granted(world)},
        ("POST", "signups"): lambda body, _: _carry_out(world, body),
    }


def _carry_out(world: World, body: Values) -> Values:
    """What the page would have been told, and the ids that even a message event without them is about."""
    try:
        ending = signups.carry_out(world, signups.Choices.read(body))
    except ValueError as error:
        raise BadRequestError(str(error)) from error
    return {
        "code": ending.code,
        "message": ending.message,
        "waba_id": ending.waba_id,
        "phone_number_id": ending.phone_number_id,
        "business_id": ending.business_id,
    }
