"""What WhatsApp offers people who open a chat with a number: ice breakers and commands, and their rules. Pure.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/conversational-components
"""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

MOST_PROMPTS, LONGEST_PROMPT = 4, 80
MOST_COMMANDS, LONGEST_NAME, LONGEST_DESCRIPTION = 30, 32, 256
BY_DEFAULT: Mapping[str, Any] = {"enable_welcome_message": False, "prompts": [], "commands": []}
_LABELS = {"enable_welcome_message": "welcome message", "prompts": "ice breakers", "commands": "commands"}


def said_in(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a reading of the node says of it, empty lists for what is left out; None where it says nothing."""
    said = node.get("conversational_automation")
    if not said:
        return None
    commands = [
        command(str(one.get("command_name", "")), str(one.get("command_description", "")))
        for one in said.get("commands") or ()
    ]
    return {
        "enable_welcome_message": bool(said.get("enable_welcome_message")),
        "prompts": [str(prompt) for prompt in said.get("prompts") or ()],
        "commands": commands,
    }


def command(name: str, description: str) -> dict[str, str]:
    return {"command_name": name, "command_description": description}


def differing(details: Mapping[str, Any]) -> list[str]:
    """Which parts an action changed, in words."""
    before, after = details.get("before", {}), details.get("changes", {})
    return [label for name, label in _LABELS.items() if before.get(name) != after.get(name)]


def commands_in_words(commands: Sequence[Mapping[str, str]]) -> str:
    """A line for each, like menu: Shows what there is today."""
    return "\n".join(f"{one['command_name']}: {one['command_description']}" for one in commands)


def prompts_in(text: str) -> list[str]:
    """The ice breakers that a person wrote, a line each. Raises ValueError with what Meta would not take."""
    found = [line for line in map(str.strip, text.splitlines()) if line]
    if len(found) > MOST_PROMPTS:
        raise ValueError(f"Meta takes at most {MOST_PROMPTS} ice breakers.")
    for line in found:
        _insist(line, LONGEST_PROMPT, "An ice breaker")
    if len({*found}) < len(found):
        raise ValueError("An ice breaker stands there twice.")
    return found


def commands_in(text: str) -> list[dict[str, str]]:
    """The commands that a person wrote, a line each: its name, a colon, what it does. Raises ValueError likewise."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, description = (part.strip() for part in line.partition(":"))
        name = name.removeprefix("/")
        if not (name and colon and description):
            raise ValueError("A line for each command, like “menu: Shows what there is today”.")
        _insist(name, LONGEST_NAME, "The name of a command")
        _insist(description, LONGEST_DESCRIPTION, "What a command does")
        found.append(command(name, description))
    if len(found) > MOST_COMMANDS:
        raise ValueError(f"Meta takes at most {MOST_COMMANDS} commands.")
    if len({one["command_name"].casefold() for one in found}) < len(found):
        raise ValueError("A command stands there twice.")
    return found


def _insist(text: str, longest: int, what: str) -> None:
    if len(text) > longest:
        raise ValueError(f"{what} has at most {longest} characters: “{text[:20]}…” has {len(text)}.")
    if any(unicodedata.category(letter) == "So" for letter in text):
        raise ValueError("Meta takes no emojis here.")
