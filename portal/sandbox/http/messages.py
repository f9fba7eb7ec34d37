"""One HTTP request and one HTTP reply as plain data. No sockets here, and no Graph semantics."""

import json
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property, lru_cache
from http import HTTPStatus
from time import time
from typing import TypeAlias
from urllib.parse import parse_qsl

Values: TypeAlias = dict[str, object]

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass
class Request:
    """What the client sent. Header names are lower case. ``interrupted``: a fault wants it to be done by half only.

    ``handshake_failure`` says why the callback that it names did not pass the handshake, if it was tried and failed.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    peer: str = "127.0.0.1"
    interrupted: bool = False
    handshake_failure: str = ""

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Query and body parameters; the body wins, and the last of several values of one name wins."""
        found = dict(parse_qsl(self.query, keep_blank_values=True)) if self.query else {}
        if self.body:
            found.update(self._body_parameters())
        return found

    def _body_parameters(self) -> dict[str, str]:
        if not self._is_json:
            return dict(parse_qsl(self.body.decode(errors="replace"), keep_blank_values=True))
        return {name: value if isinstance(value, str) else _encode(value) for name, value in self.json().items()}

    @property
    def _is_json(self) -> bool:
        return "json" in self.headers.get("content-type", "")

    def value(self, name: str) -> object:
        """A parameter as it was sent: of any type out of a JSON body, otherwise text; None when there is none."""
        body = self.json() if self.body and self._is_json else {}
        return body[name] if name in body else self.parameters.get(name)

    def json(self) -> Values:
        """The body as a JSON object; an empty one when it is no such thing."""
        return self._object

    @cached_property
    def _object(self) -> Values:
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def host(self) -> str:
        """The Host header, port included."""
        return self.headers.get("host", "127.0.0.1")


@dataclass
class Reply:
    """What goes back: ``payload`` as JSON, unless ``raw`` says the bytes."""

    status: int
    payload: object = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    raw: bytes | None = None

    def encode(self, *, with_body: bool = True, close: bool = False) -> tuple[bytes, bytes]:
        """Head and body as they go on the wire; the body is empty when ``with_body`` is false."""
        body = self.raw if self.raw is not None else _encode(self.payload).encode()
        lines = [_status_line(self.status)]
        given = {name.lower() for name, _ in self.headers}
        if "content-type" not in given:
            lines.append("Content-Type: application/json; charset=UTF-8")
        if "content-length" not in given:
            lines.append(f"Content-Length: {len(body)}")
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Date: {_date(int(time()))}")
        lines.append("Connection: close\r\n\r\n" if close else "Connection: keep-alive\r\n\r\n")
        return "\r\n".join(lines).encode("latin-1", "replace"), body if with_body else b""


@lru_cache(maxsize=64)
def _status_line(status: int) -> str:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Practice"
    return f"HTTP/1.1 {status} {phrase}"


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
