"""Which fields of a node are asked for, and which of them this server turned out not to know.

The field sets themselves stand with the subjects they belong to. `certificate` and `new_certificate` are in none of
them (secret-like), nor `primary_funding_id`, which fails a whole call for apps of non-partners.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from portal.graph.payloads import Convert, convert, identity, node


@dataclass(frozen=True)
class FieldSet:
    """The fields of one node type with what makes a Python value of each.

    `core` are those that every version has, `extra` those that may be missing from some.
    """

    node_type: str
    core: Mapping[str, Convert] = field(default_factory=dict)
    extra: Mapping[str, Convert] = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return (*self.core, *self.extra)

    @cached_property
    def _converters(self) -> Mapping[str, Convert]:
        return {**self.core, **self.extra}

    def read(self, raw: object) -> tuple[str, dict[str, object], dict[str, str]]:
        """Id, usable values and odd ones of Graph's object for such a node. Raises `ShapeError`."""
        found = node(raw)
        return identity(found["id"]), *convert(found, self._converters)


class RefusedFields:
    """The fields a server refused, by version and node type. Shared by all threads of a client."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._refused: dict[tuple[str, str], frozenset[str]] = {}

    def snapshot(self) -> dict[tuple[str, str], frozenset[str]]:
        with self._lock:
            return dict(self._refused)

    def remaining(self, fields: FieldSet) -> tuple[str, ...]:
        """The fields worth asking for; empty when the server's own choice is all that is left."""
        refused = self._refused.get((self._version, fields.node_type))
        return tuple(name for name in fields.names if name not in refused) if refused else fields.names

    def refuse(self, fields: FieldSet, asked: tuple[str, ...], named: str) -> bool:
        """Remembers what a refused call tells; False when there is nothing left to give up.

        A named field is given up alone. A refusal that names none costs the extra fields first, then all of them.
        """
        given_up = {named} & set(asked) - {"id"} or set(asked) & set(fields.extra) or set(asked)
        key = (self._version, fields.node_type)
        with self._lock:
            self._refused[key] = self._refused.get(key, frozenset()) | given_up
        return bool(given_up)
