"""A way to a server that can be lost without a word, as a firewall, a NAT or a failover loses it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Iterator

LARGEST_READ = 1 << 16


class Way:
    """Carries bytes both ways, on a thread. After `lose`, what was connected stays so and hears nothing for ever."""

    def __init__(self, port: int) -> None:
        self._there = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ)
        self._others: dict[socket.socket, socket.socket] = {}
        self._silent: list[socket.socket] = []
        self._is_lost = self._is_closed = False
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._carry, name="half-open way", daemon=True)
        self._thread.start()

    def lose(self) -> None:
        """From now on nothing arrives; neither side is told."""
        with self._lock:
            self._is_lost = True
            for one in list(self._others):
                self._selector.unregister(one)
                self._silent.append(one)
            self._others.clear()

    def heal(self) -> None:
        """New connections get through; those from before stay silent."""
        with self._lock:
            self._is_lost = False

    def close(self) -> None:
        self._is_closed = True
        self._thread.join()
        for one in [self._door, *self._others, *self._silent]:
            one.close()

    def _carry(self) -> None:
        while not self._is_closed:
            for key, _ in self._selector.select(timeout=0.1):
                with self._lock:
                    if key.fileobj is self._door:
                        self._let_in()
                    elif isinstance(key.fileobj, socket.socket) and key.fileobj in self._others:
                        self._pass_on(key.fileobj)

    def _let_in(self) -> None:
        here, _ = self._door.accept()
        if self._is_lost:
            self._silent.append(here)
            return
        try:
            there = socket.create_connection(("127.0.0.1", self._there), timeout=5)
        except OSError:
            here.close()
            return
        for one, other in ((here, there), (there, here)):
            self._others[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, one: socket.socket) -> None:
        other = self._others[one]
        try:
            said = one.recv(LARGEST_READ)
            other.sendall(said)
        except OSError:
            said = b""
        if not said:
            for end in (one, other):
                self._selector.unregister(end)
                del self._others[end]
                end.close()


@contextlib.contextmanager
def way_to(port: int) -> Iterator[Way]:
    way = Way(port)
    try:
        yield way
    finally:
        way.close()
