"""Faults on demand: answers that are wrong, late, broken off or endless, for the requests that a rule matches.

Rules come in through ``/_practice/faults``. What a rule may say is checked here; ``http.exchange`` sends the answers.

A request with effects can go wrong before them (``close``, ``hold_before``, a made-up answer), half-way through
(``interrupt``, of which deregistration knows), or after them (``lose_reply``, ``hold``, ``truncate``, a made-up answer
with ``carry_out``).
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Literal, TypeAlias

from portal.sandbox.graph.errors import GraphError
from portal.sandbox.graph.paging import page_number
from portal.sandbox.http.messages import Reply, Request, Values

Way: TypeAlias = Literal["whole", "close", "truncate", "drip", "hold", "hold_before"]
"""How an answer reaches the client. ``hold_before``: the request is not even carried out before it is released."""

_MATCHES: dict[str, tuple[type, ...]] = {
    "path_contains": (str,),
    "method": (str,),
    "page": (int,),
    "after_calls": (int,),
    "fields_contain": (str,),
    "limit_above": (int,),
}
_ANSWERS: dict[str, tuple[type, ...]] = {
    "status": (int,),
    "body": (str, dict, list),
    "headers": (dict,),
    "graph_error": (dict,),
    "close": (bool,),
    "truncate": (int,),
    "drip_seconds_per_byte": (int, float),
    "big_megabytes": (int,),
    "gzip": (bool,),
    "redirect": (str,),
    "hold": (bool,),
    "hold_before": (bool,),
    "lose_reply": (bool,),
    "carry_out": (bool,),
    "interrupt": (bool,),
    "repeat_cursor": (bool,),
    "endless": (bool,),
}
_BEFORE_THE_EFFECT: tuple[Way, ...] = ("close", "hold_before")
_WAYS: Mapping[str, Way] = {
    "lose_reply": "close",
    "truncate": "truncate",
    "drip_seconds_per_byte": "drip",
    "hold": "hold",
}
_MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply and the way it goes; ``seconds_per_byte`` for ``drip``, ``bytes_sent`` of the body for ``truncate``."""

    reply: Reply
    way: Way = "whole"
    seconds_per_byte: float = 0.0
    bytes_sent: int = 0


@dataclass(slots=True)
class Fault:
    """One rule. ``times`` is how often it still applies (None: for ever), ``passed`` how many calls matched so far."""

    id: int
    match: Values
    answer: Values
    times: int | None
    passed: int = 0
    applied: int = 0

    def answer_to(self, request: Request, carry_out: Callable[[Request], Reply]) -> Answer:
        """What this rule makes of a request.

        ``carry_out`` does what the request asks for and gives the reply that it would have had. It is not called where
        the rule closes the connection or makes up an answer without ``carry_out``, nor yet for ``hold_before``.
        """
        wish = self.answer
        for way in _BEFORE_THE_EFFECT:
            if wish.get(way):
                return Answer(Reply(200), way)
        made = _made_up(wish, request)
        if made is not None:
            if wish.get("carry_out"):
                carry_out(request)
            return Answer(made)
        request.interrupted = bool(wish.get("interrupt"))
        reply = carry_out(request)
        if wish.get("repeat_cursor"):
            _repeat_cursor(reply, request)
        pace = wish.get("drip_seconds_per_byte")
        seconds = float(pace) if isinstance(pace, (int, float)) else 0.0
        way = next((way for name, way in _WAYS.items() if wish.get(name) not in {None, False}), "whole")
        return Answer(reply, way, seconds, _whole(wish.get("truncate")))

    def as_json(self) -> Values:
        """The rule as the control endpoint shows it."""
        return {
            "id": self.id,
            "match": self.match,
            "answer": self.answer,
            "times": self.times,
            "passed": self.passed,
            "applied": self.applied,
        }


@dataclass(slots=True)
class Faults:
    """The rules in force; the first that matches a request applies."""

    rules: list[Fault] = field(default_factory=list)
    _count: int = 0

    def add(self, wish: Mapping[str, object]) -> Fault:
        """Put a rule in force. Raises ValueError with a sentence when it cannot be read."""
        times = wish.get("times", 1)
        if not (times is None or (isinstance(times, int) and times > 0)):
            raise ValueError("times is a number above 0, or null for ever")
        match = _checked("match", wish.get("match", {}), _MATCHES)
        answer = _checked("answer", wish.get("answer"), _ANSWERS)
        if not answer:
            raise ValueError("answer says nothing")
        if not 200 <= _whole(answer.get("status", 200)) <= 599:
            raise ValueError("status is a number from 200 to 599")
        self._count += 1
        rule = Fault(self._count, match, answer, times)
        self.rules.append(rule)
        return rule

    def take(self, request: Request) -> Fault | None:
        """The rule that applies to this request, counted as applied; None when there is none."""
        for rule in self.rules:
            if not _matches(rule.match, request):
                continue
            rule.passed += 1
            if rule.passed <= _whole(rule.match.get("after_calls", 0)):
                continue
            if rule.times is not None:
                rule.times -= 1
                if not rule.times:
                    self.rules.remove(rule)
            rule.applied += 1
            return rule
        return None


def _checked(name: str, wish: object, known: Mapping[str, tuple[type, ...]]) -> Values:
    if not isinstance(wish, dict) or set(wish) - set(known):
        raise ValueError(f"{name} is an object of {', '.join(known)}")
    for key, value in wish.items():
        if not isinstance(value, known[key]) or (isinstance(value, bool) and bool not in known[key]):
            raise ValueError(f"{key} of {name} has the wrong type")
    return wish


def _matches(match: Values, request: Request) -> bool:
    if str(match.get("path_contains", "")) not in request.path or match.get("method", request.method) != request.method:
        return False
    page = match.get("page")
    parameters = request.parameters
    if str(match.get("fields_contain", "")) not in parameters.get("fields", ""):
        return False
    if "limit_above" in match and _limit(parameters) <= _whole(match["limit_above"]):
        return False
    return page is None or page == page_number(parameters.get("after"), parameters.get("before"))


def _limit(parameters: Mapping[str, str]) -> int:
    text = parameters.get("limit", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _made_up(answer: Values, request: Request) -> Reply | None:
    """A reply that has nothing to do with the world."""
    status = _whole(answer.get("status", 200))
    if "graph_error" in answer:
        return _graph_error(answer["graph_error"], _whole(answer.get("status", 400)), answer)
    if "redirect" in answer:
        return Reply(_whole(answer.get("status", 302)), {}, [("Location", str(answer["redirect"]))])
    if "big_megabytes" in answer:
        return _big(_whole(answer["big_megabytes"]), packed=bool(answer.get("gzip")))
    if answer.get("endless"):
        return Reply(200, _endless(request))
    if "status" in answer or "body" in answer:
        body = answer.get("body", "")
        raw = body.encode(errors="surrogatepass") if isinstance(body, str) else None
        return Reply(status, body, _headers(answer), raw)
    return None


def _graph_error(wish: object, status: int, answer: Values) -> Reply:
    """An error in Graph's envelope; what is asked for beyond code, subcode and message is taken over as it stands."""
    given = dict(wish) if isinstance(wish, dict) else {}
    code, subcode = given.pop("code", 1), given.pop("subcode", None)
    message = str(given.pop("message", f"(#{code}) Practice error"))
    error = GraphError(_whole(code), message, subcode=None if subcode is None else _whole(subcode))
    body = error.envelope("en", "A" + token_hex(10))
    inner = body["error"]
    if isinstance(inner, dict):
        inner.update(given)
    return Reply(status, body, _headers(answer))


def _headers(answer: Values) -> list[tuple[str, str]]:
    wish = answer.get("headers")
    return [(str(name), str(value)) for name, value in wish.items()] if isinstance(wish, dict) else []


def _big(megabytes: int, *, packed: bool) -> Reply:
    """An answer of many megabytes, or a small one that unpacks to as many."""
    start, filling, end = b'{"data":[],"padding":"', b"x" * _MEGABYTE, b'"}'
    if not packed:
        return Reply(200, raw=start + filling * megabytes + end)
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(start), *(packer.compress(filling) for _ in range(megabytes)), packer.compress(end)]
    return Reply(200, headers=[("Content-Encoding", "gzip")], raw=b"".join(parts) + packer.flush())


def _endless(request: Request) -> Values:
    """An empty page that promises another one, each time under a new cursor."""
    cursor = "QVFI" + token_hex(12)
    link = f"http://{request.host}{request.path}?after={cursor}"
    return {"data": [], "paging": {"cursors": {"before": cursor, "after": cursor}, "next": link}}


def _repeat_cursor(reply: Reply, request: Request) -> None:
    """Make a page point at itself: its ``after`` is the one that the request came with, or else its own."""
    body = reply.payload
    paging = body.get("paging") if isinstance(body, dict) else None
    if not isinstance(paging, dict) or not isinstance(paging.get("cursors"), dict):
        return
    cursor = request.parameters.get("after", paging["cursors"]["after"])
    paging["cursors"]["after"] = cursor
    paging["next"] = f"http://{request.host}{request.path}?after={cursor}"


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
