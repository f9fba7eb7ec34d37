"""``POST /<id>``: the settings of a number (PIN, display name, an address for its events) and of a WABA.

From Meta's pages on two-step verification, on display names, on overriding an app's callback and its reference of the
WABA. Other settings are not built. Meta asks an address for its consent; that is not done here.
"""

import json

from portal.sandbox.graph import access, errors, name_requests, pins, subscriptions
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import Node, Number, Waba

_NUMBER_SETTINGS = ("pin", "new_display_name", "webhook_configuration")
_WABA_SETTINGS = (
    "disable_marketing_messages_on_cloud_api",
    "is_enabled_for_insights",
    "template_auto_archival_enabled",
)
_TRUTH = {"true": True, "1": True, "false": False, "0": False}


def edit(call: Call, node: Node) -> Values:
    """The reply of the POST; nothing is changed when one of the settings is refused."""
    if isinstance(node, Waba) and _given(call, _WABA_SETTINGS):
        return _edit_waba(call, node)
    return _edit_number(call, access.number_to_act_on(call, node))


def _edit_number(call: Call, number: Number) -> Values:
    given = _given(call, _NUMBER_SETTINGS)
    if not given:
        raise errors.bad_parameter(f"The call changes nothing: it needs one of {', '.join(_NUMBER_SETTINGS)}")
    pin = pins.pin_in(call) if "pin" in given else None
    uri = _address(given["webhook_configuration"]) if "webhook_configuration" in given else None
    if "new_display_name" in given:
        name_requests.ask(call, number)
    if pin is not None:
        pins.set_pin(call.world, number, pin)
    if uri is not None:
        shown = subscriptions.with_address(number, "phone_number", uri)
        call.world.act(number, "callback_overridden", {"webhook_configuration": shown})
    return success(number)


def _edit_waba(call: Call, waba: Waba) -> Values:
    access.check_readable(call, waba)
    given = _given(call, _WABA_SETTINGS)
    for name, value in given.items():
        if str(value).lower() not in _TRUTH:
            raise errors.bad_parameter(f"Param {name} must be a boolean")
    call.world.change_waba(waba, {name: _TRUTH[str(value).lower()] for name, value in given.items()})
    return {"id": waba.id}


def _given(call: Call, known: tuple[str, ...]) -> Values:
    return {name: value for name in known if (value := call.request.value(name)) is not None}


def _address(given: object) -> str:
    """The address out of a ``webhook_configuration``, empty to take it away. Raises GraphError 100."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            given = None
    if not isinstance(given, dict) or not given.keys() <= {"override_callback_uri", "verify_token"}:
        raise errors.bad_parameter(
            "Param webhook_configuration must be an object of override_callback_uri and verify_token"
        )
    return "" if given.get("override_callback_uri") == "" else subscriptions.override_in(given)[0]
