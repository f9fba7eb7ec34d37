"""Clients who send a byte now and then and never come to an end, and what others notice of them."""

from __future__ import annotations

import contextlib
import socket
import time
import urllib.request
from collections.abc import Iterator

SLOW = 24
# Whoever has to wait for slow clients or for Meta waits for six seconds at least; a busy machine alone takes less.
AT_ONCE_SECONDS = 5
HEAD = "POST {path} HTTP/1.1\r\nHost: {host}\r\nX-Hub-Signature-256: sha256=" + "0" * 64 + "\r\n"


@contextlib.contextmanager
def slow_clients(address: str) -> Iterator[list[socket.socket]]:
    """More of them than a web process had threads, some at the webhook and some at the login."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(_dripping(address, number)) for number in range(SLOW)]


def assert_nobody_waits(address: str, slow: list[socket.socket]) -> None:
    """While they go on, health and the login answer at once."""
    for _ in range(3):
        for client in slow:
            client.send(b"a")
        assert seconds_of(f"http://{address}/healthz") < AT_ONCE_SECONDS
        assert seconds_of(f"http://{address}/login/") < AT_ONCE_SECONDS
        time.sleep(0.3)


@contextlib.contextmanager
def _dripping(address: str, number: int) -> Iterator[socket.socket]:
    """A client who never comes to the end: of the head, of a body with a length, or of one in chunks."""
    host, port = address.split(":")
    path = ("/webhooks/meta/", "/login/")[number % 2]
    head = HEAD.format(path=path, host=address)
    ends = ["X-Slow: ", "Content-Length: 100000\r\n\r\na=", "Transfer-Encoding: chunked\r\n\r\nfff\r\na="]
    with socket.create_connection((host, int(port)), timeout=5) as client:
        client.sendall((head + ends[number % 3]).encode())
        yield client


def seconds_of(address: str) -> float:
    before = time.monotonic()
    with urllib.request.urlopen(address, timeout=30) as answer:
        assert answer.status == 200
    return time.monotonic() - before
