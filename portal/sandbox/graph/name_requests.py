"""Asking for a display name. The rules of names and their review are ``world.display_names``.

From Meta's page on display names. What an eleventh request gets, or an Official Business Account, is not documented:
100 with a sentence is this server's choice.
"""

from portal.sandbox.graph import errors
from portal.sandbox.graph.calls import Call
from portal.sandbox.http.messages import Values
from portal.sandbox.world.display_names import LONGEST, SHORTEST, begin_review, fits
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Number


def name_in(call: Call, parameter: str) -> str:
    """The display name of a call. Raises GraphError 100 unless it is a text of 2 to 75 characters."""
    name = call.request.value(parameter)
    name = name.strip() if isinstance(name, str) else ""
    if not fits(name):
        raise errors.bad_parameter(f"Param {parameter} must be a name of {SHORTEST} to {LONGEST} characters")
    return name


def ask(call: Call, number: Number) -> None:
    """Ask for ``new_display_name``. Raises GraphError 100 when it cannot be asked for, or was asked for too often."""
    name = name_in(call, "new_display_name")
    if number_value(number, "is_official_business_account") is True:
        raise errors.bad_parameter("The display name of an Official Business Account is changed by support only")
    if call.world.hidden_state(number).count("new_display_name", call.world.now()):
        raise errors.bad_parameter("The display name of a number can be changed 10 times in 30 days")
    values: Values = {"new_display_name": name, "new_name_status": "PENDING_REVIEW"}
    call.world.act(number, "name_requested", values)
    call.world.approvals.pop(number.id, None)
    begin_review(call.world, number)
