"""``/<PHONE_NUMBER_ID>/settings``, ``…/username``, ``…/username_suggestions``: how a number is called, kept and found.

From Meta's reference of the settings and its guides to local storage and the identity check; of usernames from what
providers pass on. Settings and username answer with one object, and a number without a username gives an empty one. A
POST sets what it names and leaves the rest. What a name that is taken gets, and storage of a number that is registered,
is not documented: code 100 with a sentence is this server's choice.
"""

import re

from portal.sandbox.graph import access, call_settings, errors, reading, registration
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import habit, number_value
from portal.sandbox.world.world import Node, Number

SETTINGS, USERNAME, SUGGESTIONS = "settings", "username", "username_suggestions"
_MAY_CHANGE = ("calling", "storage_configuration", "user_identity_change")
_FORM = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9_](?:\.?[A-Za-z0-9_]){2,34}")


def show(call: Call, node: Node) -> Values:
    """The reply of ``GET …/settings``."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    return settings_of(number)


def change(call: Call, node: Node) -> Values:
    """The reply of ``POST …/settings``: all of it is set, or nothing. Raises GraphError."""
    number = access.number_to_act_on(call, node)
    given = {name: value for name in _MAY_CHANGE if (value := call.request.value(name)) is not None}
    if not given:
        raise errors.bad_parameter(f"The call changes nothing: it needs one of {', '.join(_MAY_CHANGE)}")
    new: Values = {}
    if "calling" in given:
        new["calling"] = call_settings.changed(number, given["calling"], now=call.world.now())
    if "storage_configuration" in given:
        new["storage_configuration"] = _storage(number, given["storage_configuration"])
    if "user_identity_change" in given:
        new["user_identity_change"] = _identity(given["user_identity_change"])
    kept = number.own.get(SETTINGS)
    call.world.act(number, "settings_changed", {SETTINGS: {**(kept if isinstance(kept, dict) else {}), **new}})
    return success(number)


def _storage(number: Number, given: object) -> Values:
    """Where messages are kept, which only a number that is not registered may be told."""
    if registration.is_on_platform(number):
        raise errors.bad_parameter("Storage can be configured for a phone number that is not registered only")
    if not isinstance(given, dict):
        given = {}
    status, region = given.get("status"), given.get("data_localization_region")
    if given == {"status": "IN_COUNTRY_STORAGE_DISABLED"}:
        return {"status": "DEFAULT"}
    if status != "IN_COUNTRY_STORAGE_ENABLED" or given != {"status": status, "data_localization_region": region}:
        raise errors.bad_parameter("Invalid storage_configuration: it needs a status and its data_localization_region")
    if region not in registration.REGIONS:
        raise errors.bad_parameter(f"Param data_localization_region must be one of {', '.join(registration.REGIONS)}")
    return {"status": status, "data_localization_region": region}


def _identity(given: object) -> Values:
    if not isinstance(given, dict) or not isinstance(given.get("enable_identity_key_check"), bool) or len(given) > 1:
        raise errors.bad_parameter("Param user_identity_change must be an object of enable_identity_key_check")
    return given


def show_username(call: Call, node: Node) -> Values:
    """The reply of ``GET …/username``."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    username = number_value(number, USERNAME)
    if not isinstance(username, str) or not username:
        return {}
    return {"username": username, "status": ("approved", "reserved")[habit(number, "username", 2)]}


def set_username(call: Call, node: Node) -> Values:
    """The reply of ``POST …/username``. Raises GraphError 100 for what is no username, or another number's."""
    number = access.number_to_act_on(call, node)
    wanted = call.request.value(USERNAME)
    if not isinstance(wanted, str) or not _FORM.fullmatch(wanted):
        raise errors.bad_parameter("Param username must be 3 to 35 letters, digits, periods and underscores")
    others = (other for other in call.world.numbers() if other is not number)
    if any(str(number_value(other, USERNAME)).casefold() == wanted.casefold() for other in others):
        raise errors.bad_parameter("This username is not available")
    call.world.act(number, "username_set", {USERNAME: wanted})
    return {"status": show_username(call, number)["status"]}


def delete_username(call: Call, node: Node) -> Values:
    """The reply of ``DELETE …/username``."""
    number = access.number_to_act_on(call, node)
    call.world.act(number, "username_deleted", {USERNAME: ""})
    return success(number)


def suggest(call: Call, node: Node) -> Values:
    """The reply of ``GET …/username_suggestions``."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    name = number_value(number, "verified_name")
    words = re.findall(r"[a-z0-9]+", name.lower()) if isinstance(name, str) else []
    found = ["_".join(words)[:35], f"{''.join(words)[:28]}.support"] if words else []
    return {"data": [{"username_suggestions": found}] if found else []}


def settings_of(number: Number) -> Values:
    """What was set, and Meta's defaults for the rest."""
    kept = number.own.get(SETTINGS)
    defaults: Values = {
        "calling": call_settings.DEFAULTS,
        "storage_configuration": {"status": "DEFAULT"},
        "user_identity_change": {"enable_identity_key_check": False},
        "payload_encryption": {"status": "DISABLED"},
    }
    return {**defaults, **kept} if isinstance(kept, dict) else defaults
