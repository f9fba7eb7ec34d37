"""The ``fields`` parameter: its grammar, its check against what a node type has, and the parts of a value it asks for.

``a,b{c,d},edge.limit(5).after(x){e}`` becomes a tree of :class:`Wanted`. No nodes and no replies here.
Grammar from Meta's guide on field expansion (developers.facebook.com/docs/graph-api/guides/field-expansion).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from portal.sandbox.graph import errors
from portal.sandbox.graph.fields import NODE_TYPES, Field

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST = 8
_MODIFIERS = frozenset(
    {
        *("limit", "after", "before", "filtering", "sort", "summary"),
        *("display_phone_number", "phone_number", "code_verification_status"),
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One field that is asked for: the modifiers behind its name and, in braces, what is asked of it."""

    name: str
    modifiers: tuple[tuple[str, str], ...] = ()
    inner: tuple["Wanted", ...] = ()
    inner_text: str = ""


@lru_cache(maxsize=512)
def wanted_of(text: str, node_type: str, version: int) -> tuple[Wanted, ...]:
    """What ``text`` asks of a node type in a version of Graph; the default fields when it is empty.

    Raises GraphError 2500 when it cannot be read and 100 for a field that is not there.
    """
    kind = NODE_TYPES[node_type]
    if not text.strip():
        return tuple(Wanted(name) for name in kind.defaults)
    wanted = _Reader(text).read()
    _check(wanted, kind.fields, kind.name, version)
    return wanted


def parts_of(value: object, wanted: Sequence[Wanted]) -> object:
    """The parts of an object that are asked for; all of it when none are named."""
    if not wanted:
        return value
    if isinstance(value, list):
        return [parts_of(each, wanted) for each in value]
    if not isinstance(value, Mapping):
        return value
    return {want.name: parts_of(value[want.name], want.inner) for want in wanted if want.name in value}


def _check(wanted: tuple[Wanted, ...], known: Mapping[str, Field], type_name: str, version: int) -> None:
    for each in wanted:
        field = known.get(each.name)
        if field is None or field.since > version:
            raise errors.unknown_field(each.name, type_name)
        if each.modifiers and not field.edge:
            raise errors.bad_parameter(f"Field {each.name} on node type ({type_name}) takes no modifiers")
        for name, _ in each.modifiers:
            if name not in _MODIFIERS:
                raise errors.bad_parameter(f"Unknown modifier {name} on field {each.name}")
        if not each.inner:
            continue
        if field.edge or field.node:
            inner = NODE_TYPES[field.edge or field.node]
            _check(each.inner, inner.fields, inner.name, version)
        elif field.parts is not None:
            _check(each.inner, field.parts, f"{type_name}.{each.name}", version)
        else:
            raise errors.bad_parameter(f"Field {each.name} on node type ({type_name}) has no fields of its own")


class _Reader:
    """Reads the grammar from left to right."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> tuple[Wanted, ...]:
        found = self._list(0)
        if self.at < len(self.text):
            raise self._error("Expected end of string")
        return found

    def _list(self, depth: int) -> tuple[Wanted, ...]:
        if depth > _DEEPEST:
            raise self._error("Expected fewer levels")
        found = [self._one(depth)]
        while self._take(","):
            found.append(self._one(depth))
        return tuple(found)

    def _one(self, depth: int) -> Wanted:
        name = self._name()
        modifiers = []
        while self._take("."):
            modifiers.append((self._name(), self._argument()))
        inner: tuple[Wanted, ...] = ()
        inner_text = ""
        if self._take("{"):
            start = self.at
            inner = self._list(depth + 1)
            inner_text = self.text[start : self.at]
            if not self._take("}"):
                raise self._error("Expected closing brace")
        return Wanted(name, tuple(modifiers), inner, inner_text)

    def _name(self) -> str:
        self._skip()
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self._error("Expected name")
        self.at = match.end()
        self._skip()
        return match.group()

    def _argument(self) -> str:
        """What stands between the parentheses, which may hold JSON with parentheses in its strings."""
        if not self._take("("):
            raise self._error("Expected opening parenthesis")
        start, depth, quoted = self.at, 1, False
        while self.at < len(self.text):
            letter = self.text[self.at]
            self.at += 1
            if letter == '"':
                quoted = not quoted
            elif not quoted and letter in "()":
                depth += 1 if letter == "(" else -1
                if not depth:
                    self._skip()
                    return self.text[start : self.at].strip().removesuffix(")")
        raise self._error("Expected closing parenthesis")

    def _take(self, letter: str) -> bool:
        if self.text[self.at : self.at + 1] != letter:
            return False
        self.at += 1
        self._skip()
        return True

    def _skip(self) -> None:
        while self.text[self.at : self.at + 1].isspace():
            self.at += 1

    def _error(self, text: str) -> errors.GraphError:
        return errors.bad_fields(self.text, self.at, text)
