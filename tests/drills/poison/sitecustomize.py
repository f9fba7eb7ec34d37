"""Python loads this at the start of a process with this folder in PYTHONPATH: one that asks for POISON ends at once.

It stands for what no code of ours can catch, as a fault in a library's C code or a machine that runs out of memory. It
listens to the standard library's own event (https://docs.python.org/3/library/audit_events.html) and changes nothing.
"""

import os
import sys

_POISON = os.environ.get("POISON", "").encode()


def _end_when_asked_for(event: str, values: tuple[object, ...]) -> None:
    if event == "http.client.send" and _POISON:
        sent = values[1]
        if isinstance(sent, bytes | bytearray) and _POISON in sent:
            os._exit(9)


sys.addaudithook(_end_when_asked_for)
