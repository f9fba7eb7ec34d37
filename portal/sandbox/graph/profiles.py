"""``/<PHONE_NUMBER_ID>/whatsapp_business_profile``: what people see of the business behind a number.

From Meta's page on business profiles. What comes without ``fields``, and what Graph says to a value that is too long,
is not documented: the product's name alone, and 100 with a sentence, are this server's choice. A picture comes by the
handle of a file that was uploaded.
"""

import json
import re
from typing import Any

from portal.sandbox.graph import access, errors, reading, uploads
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.graph.fields import PROFILE
from portal.sandbox.graph.selection import parts_of, wanted_of
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Node, Number

EDGE = "whatsapp_business_profile"
LONGEST = {"about": 139, "address": 256, "description": 512, "email": 128}
VERTICALS = frozenset(
    {
        *("", "UNDEFINED", "OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE"),
        *("GROCERY", "GOVT", "HOTEL", "HEALTH", "NONPROFIT", "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT"),
        "NOT_A_BIZ",
    }
)
MOST_WEBSITES, LONGEST_WEBSITE = 2, 256
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WEBSITE = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)


def show(call: Call, node: Node) -> Values:
    """The reply of the GET: a list of one. Fields that are empty are left out."""
    number = access.number_to_act_on(call, node)
    reading.charge(call, number)
    wanted = wanted_of(call.parameters.get("fields", ""), PROFILE.name, call.version)
    return {"data": [parts_of(_profile(number), wanted)]}


def change(call: Call, node: Node) -> Values:
    """The reply of the POST: what is named is changed, all of it or nothing, and the rest stays."""
    number = access.number_to_act_on(call, node)
    if call.request.value("messaging_product") != "whatsapp":
        raise errors.bad_parameter('Param messaging_product must be "whatsapp"')
    profile = {**_profile(number), **_given(call)}
    kept = {name: value for name, value in profile.items() if value not in ("", [])}
    call.world.act(number, "profile_changed", {EDGE: {"data": [kept]}})
    return success(number)


def _profile(number: Number) -> Values:
    found: Any = number_value(number, EDGE)
    return dict(found["data"][0])


def _given(call: Call) -> Values:
    """What of the profile is to change, checked. Raises GraphError 100."""
    given: Values = {}
    for name in (*LONGEST, "vertical"):
        value = call.request.value(name)
        if value is not None:
            given[name] = _text(name, value)
    websites = call.request.value("websites")
    if websites is not None:
        given["websites"] = _websites(websites)
    handle = call.request.value("profile_picture_handle")
    if handle is not None:
        given["profile_picture_url"] = uploads.picture_url(call, handle)
    return given


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > LONGEST.get(name, 512):
        raise errors.bad_parameter(f"Param {name} must be a text of at most {LONGEST.get(name, 512)} characters")
    if name == "about" and not value.strip():
        raise errors.bad_parameter("Param about must have at least one character")
    if name == "email" and value and not _EMAIL.fullmatch(value):
        raise errors.bad_parameter("Param email must be a valid email address")
    if name == "vertical" and value not in VERTICALS:
        raise errors.bad_parameter(f"Param vertical must be one of {', '.join(sorted(VERTICALS - {''}))}")
    return value


def _websites(value: object) -> list[str]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, list) or len(value) > MOST_WEBSITES:
        raise errors.bad_parameter(f"Param websites must be an array of at most {MOST_WEBSITES} addresses")
    for each in value:
        if not isinstance(each, str) or len(each) > LONGEST_WEBSITE or not _WEBSITE.fullmatch(each):
            raise errors.bad_parameter("Param websites must be addresses that begin with http:// or https://")
    return value
