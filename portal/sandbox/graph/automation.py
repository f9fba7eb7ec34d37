"""``/<PHONE_NUMBER_ID>/conversational_automation``: ice breakers, commands and the welcome message of a number.

From Meta's guide to conversational components. Whether what a POST leaves out stays is not documented: here it does.
"""

import json
import unicodedata

from portal.sandbox.graph import access, errors
from portal.sandbox.graph.calls import Call, success
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Node

EDGE = "conversational_automation"
MOST_PROMPTS, LONGEST_PROMPT = 4, 80
MOST_COMMANDS, LONGEST_NAME, LONGEST_DESCRIPTION = 30, 32, 256
_TRUTH = {"true": True, "false": False}


def change(call: Call, node: Node) -> Values:
    """The reply of the POST. Raises GraphError 100 for what Meta's limits don't allow."""
    number = access.number_to_act_on(call, node)
    given = {name: value for name, read in _READ.items() if (value := read(call.request.value(name))) is not None}
    if not given:
        raise errors.bad_parameter(f"The call changes nothing: it needs one of {', '.join(_READ)}")
    kept = number_value(number, EDGE)
    shown = {**(kept if isinstance(kept, dict) else {"id": number.id}), **given}
    call.world.act(number, "automation_changed", {EDGE: {name: value for name, value in shown.items() if value != []}})
    return success(number)


def _welcome(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if str(value) not in _TRUTH:
        raise errors.bad_parameter("Param enable_welcome_message must be a boolean")
    return _TRUTH[str(value)]


def _prompts(value: object) -> list[str] | None:
    prompts = _listed("prompts", value)
    if prompts is None:
        return None
    if len(prompts) > MOST_PROMPTS:
        raise errors.bad_parameter(f"Param prompts must be at most {MOST_PROMPTS} texts")
    return [_text("prompts", prompt, LONGEST_PROMPT) for prompt in prompts]


def _commands(value: object) -> list[dict[str, str]] | None:
    commands = _listed("commands", value)
    if commands is None:
        return None
    if len(commands) > MOST_COMMANDS:
        raise errors.bad_parameter(f"Param commands must be at most {MOST_COMMANDS} objects")
    found = []
    for one in commands:
        if not isinstance(one, dict) or one.keys() != {"command_name", "command_description"}:
            raise errors.bad_parameter("Param commands must be objects of command_name and command_description")
        name = _text("command_name", one["command_name"], LONGEST_NAME)
        description = _text("command_description", one["command_description"], LONGEST_DESCRIPTION)
        found.append({"command_name": name, "command_description": description})
    return found


def _listed(name: str, value: object) -> list[object] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = 0
    if value is not None and not isinstance(value, list):
        raise errors.bad_parameter(f"Param {name} must be an array")
    return value


def _text(name: str, value: object, longest: int) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise errors.bad_parameter(f"Param {name} must be a text of at most {longest} characters")
    if any(unicodedata.category(letter) == "So" for letter in value):
        raise errors.bad_parameter(f"Param {name} must not have emojis")
    return value


_READ = {"enable_welcome_message": _welcome, "prompts": _prompts, "commands": _commands}
