"""One thread that ends the calls whose time is up, by shutting down the sockets they wait on.

A socket's timeout bounds one silence, not one answer: a server that sends a byte a second, in its headers or in its
body, would keep a caller for as long as it likes. Knows sockets, nothing of HTTP.
"""

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from typing import Protocol

_AGAIN = 0.1  # seconds until an overdue call that is still waiting is looked at once more


@dataclass(slots=True, eq=False)
class Attempt:
    """One request and its answer. `end` is a `time.monotonic()` value, `longest_silence` is seconds."""

    end: float
    longest_silence: float
    sent: bool = True
    """Whether the request may have left this machine: false from the start of connecting until connected."""
    connection: "Connection | None" = None
    sock: socket.socket | None = None
    """Where the answer comes from; a connection that closes with its answer has forgotten it by then."""
    cut_off: bool = False
    """Whether the watchdog has shut the socket down, so that what was read may end too early."""


class Connection(Protocol):
    """A connection that attempts use one after another."""

    sock: socket.socket | None
    attempt: Attempt | None
    """The latest that uses it."""


class Watchdog:
    """Watches the attempts of all threads. Its own thread starts with the first and ends when there is none left."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._attempts: set[Attempt] = set()
        self._looks_at = 0.0
        self._thread: threading.Thread | None = None

    def watch(self, attempt: Attempt) -> None:
        """From now until `release`, the attempt's socket is shut down when its end has come."""
        with self._changed:
            self._attempts.add(attempt)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="graph-watchdog", daemon=True)
                self._thread.start()
            elif attempt.end < self._looks_at:
                self._changed.notify()

    def hand_over(self, connection: Connection, attempt: Attempt) -> None:
        """From now on the connection is cut off with this attempt, and with no earlier one.

        An answer read to its end puts its connection into the pool before `release`. When that connection was cut off
        in between, this raises `ConnectionAbortedError`, and nothing of the new attempt was sent.
        """
        with self._changed:
            earlier = connection.attempt
            if earlier is not None and earlier.cut_off and earlier.sock is connection.sock is not None:
                attempt.sent = False
                raise ConnectionAbortedError
            connection.attempt = attempt
            attempt.connection, attempt.sock = connection, connection.sock

    def release(self, attempt: Attempt) -> None:
        """Afterwards the attempt's connection is left alone."""
        with self._changed:
            self._attempts.discard(attempt)

    def _run(self) -> None:
        with self._changed:
            while self._attempts:
                now = time.monotonic()
                self._looks_at = min(attempt.end if attempt.end > now else now + _AGAIN for attempt in self._attempts)
                for attempt in self._attempts:
                    if attempt.end <= now:
                        _cut_off(attempt)
                self._changed.wait(self._looks_at - now)
            self._thread = None


def _cut_off(attempt: Attempt) -> None:
    if attempt.connection is None or attempt.connection.attempt is not attempt or attempt.sock is None:
        return
    attempt.cut_off = True
    with contextlib.suppress(OSError):  # the server may have closed it first
        # Of the plain socket below, also under TLS: there, `shutdown` of its own makes the reading thread take what is
        # still encrypted for the answer.
        socket.socket.shutdown(attempt.sock, socket.SHUT_RDWR)
