"""Ends process groups when the process that started them is gone, however it went: also by SIGKILL.

The guard is a process of its own, outside the terminal's reach. It reads the groups from a pipe, whose end means that
nobody holds the other side any longer. Runs as a plain file, without Django, so it is there at once and small.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

STOP_SECONDS = 2.0


class Guard:
    """A guard over process groups, from now until it is dismissed."""

    def __init__(self) -> None:
        reading, self._telling = os.pipe()
        with os.fdopen(reading, "rb") as pipe:
            nowhere = subprocess.DEVNULL
            command = [sys.executable, "-I", __file__]
            self._process = subprocess.Popen(
                command, stdin=pipe, stdout=nowhere, stderr=nowhere, start_new_session=True
            )

    def watch(self, group: int) -> None:
        """Have this process group ended once we are gone."""
        os.write(self._telling, f"{group}\n".encode())

    def forget(self, group: int) -> None:
        """Leave this process group alone, which has ended: others may have its id."""
        os.write(self._telling, f"-{group}\n".encode())

    def dismiss(self) -> None:
        """End the guard, before others may have the ids of groups that are gone."""
        self._process.kill()
        self._process.wait()
        os.close(self._telling)


def main() -> None:
    """Wait for the pipe's end, then ask the groups to end, and kill what does not."""
    groups: set[int] = set()
    for told in map(int, sys.stdin):
        if told > 0:
            groups.add(told)
        else:
            groups.discard(-told)
    for how in (signal.SIGTERM, signal.SIGKILL):
        give_up_at = time.monotonic() + STOP_SECONDS
        for group in groups:
            _signal(group, how)
        while time.monotonic() < give_up_at and any(_signal(group, 0) for group in groups):
            time.sleep(0.05)


def _signal(group: int, how: int) -> bool:
    """Whether there was a process to take the signal."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, how)
        return True
    return False


if __name__ == "__main__":
    main()
