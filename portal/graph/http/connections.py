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
import urllib3
import urllib3.connection
import urllib3.connectionpool
from urllib3.util import parse_url


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
    """Sends prepared requests to one server over pooled connections. Safe to share between threads.

    No redirects, no cookies, no proxies, nothing from the environment, no tries of its own. Where requests finds out
    anew for each request which pool it belongs to and what its answer's cookies are, this one knows: that is most of
    what a call costs.
    """

    def __init__(self, address: str, *, pool_size: int, tls: ssl.SSLContext | None) -> None:
        """`address` may have a path, which comes before every other. Without `tls` it is spoken to in plain text."""
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        parts = parse_url(address)
        self._path = (parts.path or "").rstrip("/")
        self._pool: urllib3.HTTPConnectionPool
        if tls is None:
            self._pool = _HTTPPool(parts.host or "", parts.port, maxsize=pool_size)
        else:
            # One context for all connections: reading the authorities takes 30 ms.
            self._pool = _HTTPSPool(
                parts.host or "", parts.port, maxsize=pool_size, ssl_context=tls, cert_reqs="CERT_REQUIRED"
            )

    def exchange(
        self, request: requests.PreparedRequest, exchange: Exchange, *, connect_timeout: float, max_bytes: int
    ) -> Answer:
        """The answer to a request, whose address is path and query alone.

        Raises what requests and urllib3 raise, and `TimeoutError` among their causes.
        """
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
        raw = response.raw
        try:
            body = None
            if not 300 <= response.status_code < 400:
                body = raw.read(max_bytes + 1, decode_content=True)
            return Answer(raw.status, raw.headers, body if body is None or len(body) <= max_bytes else None)
        finally:
            # Keeps the connection when the answer was read to its end, drops it otherwise.
            raw.close()
            raw.release_conn()

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self._pool.close()

    # --- Called by requests ---

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> urllib3.HTTPConnectionPool:
        """The one pool there is."""
        return self._pool

    def cert_verify(self, *_: Any) -> None:
        """Nothing: certificates are always verified, by the pool's own context."""

    def request_url(self, request: requests.PreparedRequest, _proxies: object) -> str:
        """Where below the server's address a request goes."""
        return f"{self._path}{request.url}"

    def build_response(self, _request: requests.PreparedRequest, resp: Any) -> requests.Response:
        """The answer, without looking for cookies and encodings in it."""
        response = requests.Response()
        response.status_code, response.headers, response.raw = resp.status, resp.headers, resp
        return response


class _WithoutQueries(logging.Filter):
    """urllib3 prints whole addresses in a few of its records, and header lines it cannot read, with a traceback.

    The queries hold secrets, and a server may repeat one anywhere.
    """

    _query = re.compile(r"\?[^\s'\")]*")
    _unread = re.compile(r"(?<=unparsed data: ).*", re.DOTALL)

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._query.sub("?…", self._unread.sub("…", record.getMessage())), None
        record.exc_info = record.exc_text = None
        return True


for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_WithoutQueries())
