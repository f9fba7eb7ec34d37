"""One call after another to Graph: the request, the answer, the judgement about it, and trying a read again.

Below is HTTP (`connections`), above are nodes and edges (`client`). The token travels in the Authorization header and
nowhere else.
"""

import hmac
import http.client
import json
import re
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

import requests
import urllib3.exceptions
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH

from portal.graph.calls import Call
from portal.graph.errors import (
    BadAnswer,
    DeadlineExceeded,
    ErrorFacts,
    GraphError,
    Reason,
    Throttled,
    TokenDead,
    Transient,
    Unreachable,
)
from portal.graph.errors.redaction import Redactor
from portal.graph.errors.verdicts import envelope_of, verdict
from portal.graph.http.config import GraphConfig
from portal.graph.http.connections import Answer, BoundedAdapter
from portal.graph.http.proxies import proxy_to
from portal.graph.http.usage import Meter, read_retry_after, read_usage
from portal.graph.http.watchdog import Attempt
from portal.graph.payloads import ShapeError, checked_id, decode

Result = TypeVar("Result")
Watcher = Callable[[Call, Callable[[], Any]], Any]

_LONGEST_PAUSE = 5.0
_FIRST_PAUSE = 0.5
_EXCERPT = 1000
_USED_UP = 100  # percent
_USABLE_TOKEN = re.compile(r"[\x21-\x7e]+")


class Transport:
    """Puts calls to Graph and hands back what a reader makes of the answers. Safe to share between threads.

    Each attempt at a call is carried out by the `watcher`, where there is one, which so learns how it ends.
    """

    watcher: ClassVar[list[Watcher]] = []  # one at most

    def __init__(self, config: GraphConfig, *, sleep: Callable[[float], None], random: Callable[[], float]) -> None:
        config.check()
        self._config = config
        proxy = proxy_to(config.api_url, config.proxy, config.no_proxy)
        self._adapter = BoundedAdapter(
            config.api_url, pool_size=config.pool_size, tls=_tls_context(config), proxy=proxy
        )
        self._sleep = sleep
        self._random = random

    def get(self, call: Call, *, token: str, meter: Meter, read: Callable[[object], Result]) -> Result:
        """What `read` makes of the JSON Graph answers. Raises a `GraphError`, and only that.

        `read` raises `ShapeError` for an answer of the wrong shape. A lost answer and an error that may pass are tried
        again after a random pause; a call that used up its time is not, nor one whose pause would pass the deadline.
        """
        tries = 0
        while True:
            outcome = self._try_once(call, token, meter, read)
            if not isinstance(outcome, GraphError):
                return outcome
            if not isinstance(outcome, Unreachable | Transient) or tries >= self._config.retries:
                raise outcome
            pause = self._random() * min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**tries)
            if outcome.retry_after is not None:
                pause = max(pause, outcome.retry_after.total_seconds())
                if pause > _LONGEST_PAUSE:
                    raise outcome
            if meter.deadline is not None and time.monotonic() + pause >= meter.deadline:
                raise outcome
            self._sleep(pause)
            tries += 1

    def send_once(self, call: Call, *, token: str | None, meter: Meter, read: Callable[[object], Result]) -> Result:
        """What `read` makes of the answer to a call that has an effect. Otherwise as `get`.

        At most one request is sent, whatever comes of it: `is_transient` and a configuration's `retries` are for reads.
        `token` is None for the one call that has its secrets in its query.
        """
        outcome = self._try_once(call, token, meter, read)
        if isinstance(outcome, GraphError):
            raise outcome
        return outcome

    def path_to(self, node_id: str, edge: str = "") -> str:
        """The path of a node, or of an edge of it. Raises `ValueError` for an id that is not made of digits."""
        path = f"/{self._config.version}/{checked_id(node_id)}"
        return f"{path}/{edge}" if edge else path

    def path_to_session(self, session: str) -> str:
        """The path of an upload session, which Graph has named."""
        return f"/{self._config.version}/{session}"

    def close(self) -> None:
        self._adapter.close()

    def _try_once(
        self, call: Call, token: str | None, meter: Meter, read: Callable[[object], Result]
    ) -> Result | GraphError:
        for watcher in self.watcher:
            outcome: Result | GraphError = watcher(call, lambda: self._attempt(call, token, meter, read))
            return outcome
        return self._attempt(call, token, meter, read)

    def _attempt(
        self, call: Call, token: str | None, meter: Meter, read: Callable[[object], Result]
    ) -> Result | GraphError:
        facts: ErrorFacts = {"method": call.method, "path": call.shown_path, "changes": call.changes}
        if token is not None and not _USABLE_TOKEN.fullmatch(token):
            return TokenDead("the token is empty or holds characters that no token has", **facts)
        now = time.monotonic()
        end = now + self._config.total_timeout
        if meter.deadline is not None:
            end = min(end, meter.deadline)
        if end <= now:
            return DeadlineExceeded("no time was left to make the call", sent=False, **facts)
        attempt = Attempt(end, self._config.read_timeout)
        proof = self._proof(token)
        answer = self._fetch(self._request(call, token, proof), attempt, facts)
        meter.calls += attempt.sent
        if isinstance(answer, GraphError):
            return answer
        redactor = Redactor([token or "", proof, self._config.app_secret, *call.secrets])
        return self._judge(call, answer, meter, read, redactor)

    def _proof(self, token: str | None) -> str:
        """What proves to Graph that the app itself uses the token; empty without a token or an app secret.

        Source: https://developers.facebook.com/docs/graph-api/guides/secure-requests
        """
        secret = self._config.app_secret
        return hmac.digest(secret.encode(), token.encode(), "sha256").hex() if secret and token else ""

    def _request(self, call: Call, token: str | None, proof: str) -> requests.PreparedRequest:
        """Filled in by hand: `prepare` parses and merges for longer than the rest of a call computes."""
        query = list(call.parameters)
        if call.fields:
            query.append(("fields", ",".join(call.fields)))
        if call.after is not None:
            query.append(("after", call.after))
        if proof:
            query.append(("appsecret_proof", proof))
        request = requests.PreparedRequest()
        request.method = call.method
        request.url = f"{call.path}?{urlencode(query, safe=',')}" if query else call.path
        request.headers = CaseInsensitiveDict(
            {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": self._config.user_agent}
        )
        if token is not None:
            request.headers["Authorization"] = f"Bearer {token}"
        if call.file:
            request.body = call.file
            request.headers["Authorization"] = f"OAuth {token}"
            request.headers["Content-Type"] = "application/octet-stream"
            request.headers["Content-Length"] = str(len(call.file))
            request.headers["file_offset"] = "0"
        if call.body:
            request.body = json.dumps(call.body).encode()
            request.headers["Content-Type"] = "application/json"
            request.headers["Content-Length"] = str(len(request.body))
        return request

    def _fetch(self, request: requests.PreparedRequest, attempt: Attempt, facts: ErrorFacts) -> Answer | GraphError:
        # Errors are returned and raised elsewhere: raised in the handler they would carry the library's exception, and
        # a traceback of that prints the whole address.
        try:
            return self._adapter.fetch(
                request, attempt, connect_timeout=self._config.connect_timeout, max_bytes=self._config.max_body_bytes
            )
        except (
            requests.RequestException,
            urllib3.exceptions.HTTPError,
            http.client.HTTPException,
            OSError,
            ValueError,
        ) as trouble:
            return _failure(trouble, attempt, facts)

    def _judge(
        self, call: Call, answer: Answer, meter: Meter, read: Callable[[object], Result], redactor: Redactor
    ) -> Result | GraphError:
        usage = read_usage(answer.headers)
        if usage:
            meter.usage.absorb(usage)
        retry_after = _longer(usage.wait_for(call.object_id) if usage else None, read_retry_after(answer.headers))
        is_apps_limit = usage is not None and usage.app_percent >= _USED_UP
        facts: ErrorFacts = {
            "method": call.method,
            "path": call.shown_path,
            "changes": call.changes,
            "http_status": answer.status,
            "retry_after": retry_after,
        }
        if 300 <= answer.status < 400:
            return BadAnswer("the server points elsewhere, and redirects are not followed", **facts)
        try:
            body = decode(answer.body)
            problem = ""
        except ShapeError as trouble:
            body, problem = None, str(trouble)
        if envelope := envelope_of(body):
            return verdict(envelope, call, answer.status, retry_after, redactor, is_apps_limit=is_apps_limit)
        if answer.status == 429:
            return Throttled("too many calls", scope="app", is_apps_limit=is_apps_limit, **facts)
        if answer.status >= 500:
            return Transient("the server failed without saying how", **facts)
        if not problem and not 200 <= answer.status < 300:
            problem = "the server refused without saying why"
        if not problem:
            try:
                return read(body)
            except ShapeError as trouble:
                problem = str(trouble)
        shown = b"" if call.uses_up_code else answer.body or b""  # a token of the customer's may be in it
        excerpt = redactor.clean(shown.decode(errors="replace"), _EXCERPT)
        return BadAnswer(problem, excerpt=excerpt, **facts)


def _longer(one: timedelta | None, other: timedelta | None) -> timedelta | None:
    return max((wait for wait in (one, other) if wait is not None), default=None)


def _tls_context(config: GraphConfig) -> ssl.SSLContext | None:
    if not config.api_url.lower().startswith("https:"):
        return None
    return ssl.create_default_context(cafile=config.ca_bundle or DEFAULT_CA_BUNDLE_PATH)


def _failure(trouble: BaseException, attempt: Attempt, facts: ErrorFacts) -> GraphError:
    if time.monotonic() >= attempt.end:
        return DeadlineExceeded("the call took longer than allowed", sent=attempt.sent, **facts)
    causes = list(_causes(trouble))
    for kinds, reason, message in _OBSTACLES:
        if any(isinstance(cause, kinds) for cause in causes):
            return Unreachable(message, reason=reason, sent=attempt.sent, **facts)
    if any(isinstance(cause, _UNREADABLE) for cause in causes):
        return BadAnswer("the answer is not readable HTTP", **facts)
    return Unreachable("the connection broke", reason="closed", sent=attempt.sent, **facts)


def _causes(trouble: BaseException | None) -> Iterator[BaseException]:
    """An exception and those it was made from: requests and urllib3 wrap one another in four ways."""
    waiting: list[object] = [trouble]
    for _ in range(20):
        if not waiting:
            return
        cause = waiting.pop(0)
        if isinstance(cause, BaseException):
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]


# In this order: for urllib3 a refused connection is a kind of time-out, and a closed one a kind of unreadable HTTP.
_OBSTACLES: tuple[tuple[tuple[type[BaseException], ...], Reason, str], ...] = (
    ((urllib3.exceptions.NameResolutionError,), "dns", "the name of the server could not be looked up"),
    ((urllib3.exceptions.ProxyError,), "proxy", "the proxy was not reached or did not let the call through"),
    ((urllib3.exceptions.NewConnectionError,), "refused", "the server could not be connected to"),
    ((urllib3.exceptions.SSLError, ssl.SSLError), "tls", "no trustworthy encrypted connection could be made"),
    ((urllib3.exceptions.TimeoutError, TimeoutError), "timeout", "the server was silent for too long"),
    (
        (http.client.RemoteDisconnected, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead),
        "closed",
        "the server closed the connection before its answer was complete",
    ),
)
_UNREADABLE = (http.client.HTTPException, urllib3.exceptions.DecodeError, urllib3.exceptions.InvalidHeader)
