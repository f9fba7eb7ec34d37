"""``POST /<PHONE_NUMBER_ID>``: setting the PIN and asking for a display name. Other settings are not built.

From Meta's pages on two-step verification and on display names.
"""

from portal.sandbox.graph import access, errors, name_requests, pins
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import Node


def edit_number(call: Call, node: Node) -> Values:
    """Set ``pin``, ask for ``new_display_name``, or both; nothing of it when one of them is refused."""
    number = access.number_to_act_on(call, node)
    given = [name for name in ("pin", "new_display_name") if call.request.value(name) is not None]
    if not given:
        raise errors.bad_parameter("The call changes nothing: it needs pin or new_display_name")
    pin = pins.pin_in(call) if "pin" in given else None
    if "new_display_name" in given:
        name_requests.ask(call, number)
    if pin is not None:
        pins.set_pin(call.world, number, pin)
    return success(number)
