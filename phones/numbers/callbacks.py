"""Where Meta sends a number's messages, by its `webhook_configuration`, and which addresses it takes. Pure."""

import re

OF_NUMBER = "phone_number"
LONGEST = 200
_ADDRESS = re.compile(r"https://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?::[0-9]{1,5})?(?:/[\x21-\x7e]*)?")


def own_callback(configuration: object) -> str:
    """The address that is set at the number itself; empty where there is none."""
    return str(configuration.get(OF_NUMBER) or "") if isinstance(configuration, dict) else ""


def problem_with(address: str) -> str:
    """Why Meta would not take it for a callback, in one sentence; empty when it might."""
    if len(address) > LONGEST:
        return f"Meta takes at most {LONGEST} characters."
    if not _ADDRESS.fullmatch(address):
        return "A callback is a plain address that begins with https://, without a name or password in it."
    return ""
