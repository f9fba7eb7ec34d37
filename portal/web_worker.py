"""Gunicorn's worker with threads, to which a request gets only when it is here as a whole.

Gunicorn reads requests in the thread that answers them, so that a client who sends a byte a second has a thread to
itself, for as long as it likes. Here the thread that waits for all connections reads, and a request that takes too long
costs a connection and no more. What is whole goes to the threads of its lane: health, Meta's events and people's pages
have threads that never wait for Meta.
"""

import contextlib
import socket
import struct
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped] # gunicorn has no types

from portal.allauth_settings import PROVIDER_ID
from portal.patience import person_waits
from portal.requests_in_time import Incoming

MOST_HELD = 64 * 1024 * 1024  # bytes of requests that are not whole yet
_PIECE = 64 * 1024
# For a client that does not take its answer, and for what the parser waits for all the same.
_SILENCE_SECONDS = 60
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
# The threads of each lane. Only people's forms wait for Meta, and their single sign-on for its provider.
LANES = {"health": 2, "events": 4, "pages": 8, "forms": 16}
_ANSWERED_AT_ONCE = ("/login/", "/logout/", "/account/", "/admin/")
_ASKS_THE_PROVIDER = f"/account/{PROVIDER_ID}/"


def lane_of(method: str, path: str) -> str:
    """Which threads answer a request."""
    if path in {"/healthz", "/readyz"}:
        return "health"
    if path.startswith("/webhooks/"):
        return "events"
    is_form = method not in {"GET", "HEAD", "OPTIONS"} and not path.startswith(_ANSWERED_AT_ONCE)
    return "forms" if is_form or path.startswith(_ASKS_THE_PROVIDER) else "pages"


class _Lanes:
    """Threads for each kind of request, in the place of gunicorn's one pool."""

    def __init__(self) -> None:
        self._pools = {name: ThreadPoolExecutor(size, thread_name_prefix=name) for name, size in LANES.items()}

    def submit(self, lane: str, *work: Any) -> Future[Any]:
        return self._pools[lane].submit(*work)

    def shutdown(self, *, wait: bool) -> None:
        for pool in self._pools.values():
            pool.shutdown(wait=wait)


class WebWorker(ThreadWorker):  # type: ignore[misc] # likewise
    """Overrides how a connection gets to a thread, and how often connections are looked through."""

    tpool: _Lanes

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._incoming: dict[TConn, Incoming] = {}
        self._held = 0

    def get_thread_pool(self) -> _Lanes:
        return _Lanes()

    def enqueue_req(self, conn: TConn) -> None:
        """Read the next request of a connection; gunicorn calls this when there is a new one, or something to read."""
        self._incoming[conn] = Incoming()
        conn.sock.settimeout(0)
        silence = struct.pack("ll", _SILENCE_SECONDS, 0)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            conn.sock.setsockopt(socket.SOL_SOCKET, option, silence)
        conn.timeout = time.monotonic() + self.cfg.keepalive
        self.poller.register(conn.sock, EVENT_READ, partial(self._read, conn))
        if conn.initialized and (ahead := conn.parser.unreader.take_buffered()):
            self._take(conn, ahead)
        else:
            self._read(conn)

    def murder_pending(self) -> None:
        """Close the connections whose request took too long, and the oldest where nearly all are in use."""
        now = time.monotonic()
        for conn, request in list(self._incoming.items()):
            if request.is_late(now):
                self._refuse(conn, "408 Request Timeout")
            elif not request.received and (conn.timeout < now or not self.alive):
                self._forget(conn)
                self._close(conn)
        while self.nr_conns > self.worker_connections * 0.9 and (self.keepalived_conns or self._incoming):
            if self.keepalived_conns:
                self.keepalived_conns[0].timeout = now
                self.murder_keepalived()
            else:
                self._refuse(next(iter(self._incoming)), "503 Service Unavailable")
        super().murder_pending()

    def _read(self, conn: TConn, _sock: object = None) -> None:
        try:
            data = conn.sock.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self._take(conn, data)
        else:
            self._forget(conn)
            self._close(conn)

    def _take(self, conn: TConn, data: bytes) -> None:
        request = self._incoming[conn]
        request.add(data)
        self._held += len(data)
        if request.is_whole:
            self._hand_over(conn)
        elif request.is_too_large:
            self._refuse(conn, "413 Content Too Large")
        elif self._held > MOST_HELD:
            self._refuse(conn, "503 Service Unavailable")
        elif request.waits_to_be_asked:
            request.waits_to_be_asked = False
            with contextlib.suppress(OSError):
                conn.sock.send(_CONTINUE)

    def _hand_over(self, conn: TConn) -> None:
        request = self._forget(conn)
        conn.data_ready = True
        conn.init()
        conn.parser.unreader.unread(bytes(request.received))
        answered = self.tpool.submit(lane_of(request.method, request.path), self._answer, conn, request.since)
        answered.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))

    def _answer(self, conn: TConn, since: float) -> Any:
        with person_waits(since=since):
            return self.handle(conn)

    def _forget(self, conn: TConn) -> Incoming:
        self.poller.unregister(conn.sock)
        request = self._incoming.pop(conn)
        self._held -= len(request.received)
        return request

    def _refuse(self, conn: TConn, status: str) -> None:
        self._forget(conn)
        with contextlib.suppress(OSError):
            conn.sock.send(f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode())
        self._close(conn)

    def _close(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()
