"""Pooled connections whose every wait ends with the exchange it belongs to.

The read timeout of `requests` bounds one silence, not one answer: a server that sends a byte a second keeps a caller
for as long as it likes. Here each read from the socket gets what is left of the exchange, for headers and body alike.
Knows HTTP, nothing of Graph.
"""

import http.client
import io
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
import requests.adapters
import urllib3.connection
import urllib3.connectionpool


@dataclass(slots=True)
class Exchange:
    """One request and its answer. `end` is a `time.monotonic()` value, `longest_silence` is seconds."""

    end: float
    longest_silence: float
    sent: bool = True
    """Whether the request may have left this machine: false from the start of connecting until connected."""


class _ThisThread(threading.local):
    exchange: Exchange | None = None


# The pool makes connections and answers on the thread that asks, and has no way to hand anything down to them.
_this_thread = _ThisThread()


class _Reads(io.RawIOBase):
    """A socket's bytes, each read bounded by the exchange."""

    def __init__(self, raw: io.RawIOBase, connection: socket.socket, exchange: Exchange) -> None:
        super().__init__()
        self._raw = raw
        self._socket = connection
        self._exchange = exchange

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        left = self._exchange.end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(min(left, self._exchange.longest_silence))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        if exchange := _this_thread.exchange:
            self.fp = io.BufferedReader(_Reads(self.fp.detach(), sock, exchange))


class _HTTPConnection(urllib3.connection.HTTPConnection):
    response_class = _BoundedResponse

    def connect(self) -> None:
        exchange = _this_thread.exchange
        if exchange:
            exchange.sent = False
        super().connect()
        if exchange:
            exchange.sent = True


class _HTTPSConnection(_HTTPConnection, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `body` is decompressed, None when it is larger than allowed or belongs to a redirect."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """Sends prepared requests over pooled connections. Safe to share between threads.

    No redirects, no cookies, no proxies, nothing from the environment, no tries of its own.
    """

    def __init__(self, *, pool_size: int, tls: ssl.SSLContext | None) -> None:
        # One context for all connections: requests would read the bundle (30 ms) for every connection it opens.
        self._tls = tls
        super().__init__(pool_connections=1, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Called by requests: a pool manager that makes the connections of this module."""
        super().init_poolmanager(*args, ssl_context=self._tls, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}

    def cert_verify(self, conn: Any, url: str | bytes, verify: Any, cert: Any) -> None:  # noqa: ARG002 requests calls it
        """Called by requests: certificates are always verified, against the authorities of the shared context."""
        conn.cert_reqs = "CERT_REQUIRED"

    def exchange(
        self, request: requests.PreparedRequest, exchange: Exchange, *, connect_timeout: float, max_bytes: int
    ) -> Answer:
        """The answer to a request. Raises what requests and urllib3 raise, and `TimeoutError` among their causes."""
        left = exchange.end - time.monotonic()
        if left <= 0:
            exchange.sent = False
            raise TimeoutError
        timeouts = (min(connect_timeout, left), min(exchange.longest_silence, left))
        _this_thread.exchange = exchange
        try:
            response = self.send(request, stream=True, timeout=timeouts)
        finally:
            _this_thread.exchange = None
        try:
            body = None
            if not 300 <= response.status_code < 400:
                body = response.raw.read(max_bytes + 1, decode_content=True)
            return Answer(
                response.status_code, response.headers, body if body is None or len(body) <= max_bytes else None
            )
        finally:
            response.close()  # keeps the connection when the answer was read to its end, drops it otherwise


class _WithoutQueries(logging.Filter):
    """urllib3 prints whole addresses in a few of its records; their queries hold secrets."""

    _query = re.compile(r"\?[^\s'\")]*")

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._query.sub("?…", record.getMessage()), None
        return True


for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_WithoutQueries())
