"""One HTTP request and one HTTP reply as plain data, with Graph's way of reading parameters. No sockets here."""

import json
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cached_property, lru_cache
from time import time
from typing import TypeAlias
from urllib.parse import parse_qsl

Values: TypeAlias = dict[str, object]

_JSON = (b"content-type", b"application/json; charset=UTF-8")
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
        if "octet-stream" in self.headers.get("content-type", ""):
            return {}
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

    def encoded(self) -> bytes:
        """The body as it goes on the wire."""
        return self.raw if self.raw is not None else _encode(self.payload).encode()

    def header_fields(self, length: int) -> list[tuple[bytes, bytes]]:
        """The headers as they go on the wire, for a body of this many bytes."""
        fields = [(b"content-length", b"%d" % length), (b"date", _date(int(time())))]
        if not any(name.lower() == "content-type" for name, _ in self.headers):
            fields.append(_JSON)
        fields += [
            (name.encode("latin-1", "replace"), value.encode("latin-1", "replace")) for name, value in self.headers
        ]
        return fields


@lru_cache(maxsize=2)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
