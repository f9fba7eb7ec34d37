"""Which fields of a node are asked for, and what to leave out when a node refuses one.

The field sets themselves stand with the subjects they belong to. `certificate` and `new_certificate` are in none of
them (secret-like), nor `primary_funding_id`, which fails a whole call for apps of non-partners.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from portal.graph.errors import UnknownField
from portal.graph.payloads import Convert, convert, identity, node


@dataclass(frozen=True)
class FieldSet:
    """The fields of one node type with what makes a Python value of each.

    `core` are those that every version has, `extra` those that may be missing from some. `graph_type` is a pattern of
    the names that Meta's refusals use for such a node.
    """

    node_type: str
    core: Mapping[str, Convert] = field(default_factory=dict)
    extra: Mapping[str, Convert] = field(default_factory=dict)
    graph_type: str = r"\w+"

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

    def left_out_after(self, refusal: UnknownField, asked: Collection[str]) -> frozenset[str]:
        """What to ask the same node for no more after it refused `asked`. Empty: asking for less is no help.

        A named field is left out alone. A refusal that names none costs the extra fields first, then all of them. One
        that names something not asked for, or another type of node, says that the id belongs to something else.
        """
        if refusal.node_type and not re.fullmatch(self.graph_type, refusal.node_type):
            return frozenset()
        if refusal.field_name:
            return frozenset({refusal.field_name} & set(asked) - {"id"})
        return frozenset(set(asked) & set(self.extra) or asked)
