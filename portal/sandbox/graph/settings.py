"""``GET /<PHONE_NUMBER_ID>/settings`` and ``…/username``: how a number may be called, kept, checked and found.

From Meta's reference of the settings and its page on business usernames. Both answer with one object; a number without
a username gives an empty one.
"""

from portal.sandbox.graph import access, reading
from portal.sandbox.graph.calls import Call
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import habit, number_value
from portal.sandbox.world.world import Node, Number

SETTINGS, USERNAME = "settings", "username"


def show(call: Call, node: Node) -> Values:
    """The reply of ``GET …/settings``."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    return settings_of(number)


def show_username(call: Call, node: Node) -> Values:
    """The reply of ``GET …/username``."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    username = number_value(number, USERNAME)
    if not isinstance(username, str) or not username:
        return {}
    return {"username": username, "status": ("approved", "reserved")[habit(number, "username", 2)]}


def settings_of(number: Number) -> Values:
    """What was set, and Meta's defaults for the rest."""
    kept = number.own.get(SETTINGS)
    defaults: Values = {
        "calling": {"status": "DISABLED", "call_icon_visibility": "DEFAULT", "callback_permission_status": "DISABLED"},
        "storage_configuration": {"status": "DEFAULT"},
        "user_identity_change": {"enable_identity_key_check": False},
        "payload_encryption": {"status": "DISABLED"},
    }
    return {**defaults, **kept} if isinstance(kept, dict) else defaults
