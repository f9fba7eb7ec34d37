"""Pooled connections to one server, whose calls end in time and whose answers end in size.

`requests` sends, over a pool of urllib3 that is looked up once and not anew for each request. Everything overridden
here is documented by the two libraries as meant for it. Knows HTTP, nothing of Graph.
"""

import logging
import re
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
import urllib3.response
from urllib3.util import parse_url

from portal.graph.http.proxies import without_password
from portal.graph.http.watchdog import Attempt, Watchdog


class _ThisThread(threading.local):
    attempt: Attempt | None = None
    watchdog: Watchdog


# The pool opens, uses and reads connections on the thread that asks, and has no way to hand anything down to them.
_this_thread = _ThisThread()


class _HTTPConnection(urllib3.connection.HTTPConnection):
    """Tells the attempt that uses it whether anything was sent, and the watchdog which socket it waits on."""

    attempt: Attempt | None = None

    def connect(self) -> None:
        attempt = _this_thread.attempt
        if attempt is None:
            return super().connect()
        attempt.sent = False
        super().connect()
        if time.monotonic() >= attempt.end:
            raise TimeoutError
        attempt.sent = True
        return None

    def request(self, *given: Any, **named: Any) -> None:
        self._hand_over()
        super().request(*given, **named)

    def getresponse(self) -> urllib3.response.HTTPResponse:  # type: ignore[override] # as urllib3's own
        self._hand_over()  # once more: the socket may be new since
        return super().getresponse()

    def _hand_over(self) -> None:
        if attempt := _this_thread.attempt:
            _this_thread.watchdog.hand_over(self, attempt)


class _HTTPSConnection(_HTTPConnection, urllib3.connection.HTTPSConnection):
    pass


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered; `body` is decompressed, None when it is larger than allowed or belongs to a redirect."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


class BoundedAdapter(requests.adapters.HTTPAdapter):
    """Sends prepared requests to one server over pooled connections. Safe to share between threads.

    No redirects, no cookies, no proxy but the given one, nothing from the environment, no tries of its own. What
    requests finds out anew for each request (the pool, the authorities, the cookies) is most of what a call costs; here
    it is known.
    """

    def __init__(self, address: str, *, pool_size: int, tls: ssl.SSLContext | None, proxy: str = "") -> None:
        """`address` may have a path, which comes before every other. Without `tls` it is spoken to in plain text.

        With a `proxy`, the encrypted connection to the server goes through it: it sees the host's name and no more.
        """
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._path = (parse_url(address).path or "").rstrip("/")
        # One context for all connections: reading the authorities takes 30 ms.
        encryption: dict[str, Any] = {"ssl_context": tls, "cert_reqs": "CERT_REQUIRED"} if tls else {}
        if proxy:
            via, login = without_password(proxy)
            proxies = urllib3.ProxyManager(
                via, proxy_headers=login, proxy_ssl_context=tls, maxsize=pool_size, **encryption
            )
            self._pool = proxies.connection_from_url(address)
        else:
            self._pool = urllib3.connection_from_url(address, maxsize=pool_size, **encryption)
        self._pool.ConnectionCls = _HTTPSConnection if tls else _HTTPConnection
        self._watchdog = Watchdog()

    def fetch(
        self, request: requests.PreparedRequest, attempt: Attempt, *, connect_timeout: float, max_bytes: int
    ) -> Answer:
        """The answer to a request, whose address is path and query alone.

        Raises what requests and urllib3 raise, and `TimeoutError` among their causes.
        """
        left = attempt.end - time.monotonic()
        if left <= 0:
            attempt.sent = False
            raise TimeoutError
        timeouts = (min(connect_timeout, left), min(attempt.longest_silence, left))
        self._watchdog.watch(attempt)
        try:
            answer = self._answer(request, attempt, timeouts, max_bytes)
        finally:
            self._watchdog.release(attempt)
        if attempt.cut_off:
            raise TimeoutError
        return answer

    def _answer(
        self, request: requests.PreparedRequest, attempt: Attempt, timeouts: tuple[float, float], max_bytes: int
    ) -> Answer:
        _this_thread.attempt, _this_thread.watchdog = attempt, self._watchdog
        try:
            raw = self.send(request, stream=True, timeout=timeouts).raw
        finally:
            _this_thread.attempt = None
        try:
            body = None
            if not 300 <= raw.status < 400:
                body = raw.read(max_bytes + 1, decode_content=True)
            return Answer(raw.status, raw.headers, body if body is None or len(body) <= max_bytes else None)
        finally:
            # Keeps the connection when the answer was read to its end, drops it otherwise.
            raw.close()
            raw.release_conn()

    def close(self) -> None:
        self._pool.close()

    # --- Called by requests ---

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> urllib3.HTTPConnectionPool:
        return self._pool

    def cert_verify(self, *_: Any) -> None:
        """Nothing: certificates are always verified, by the pool's own context."""

    def request_url(self, request: requests.PreparedRequest, _proxies: object) -> str:
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
