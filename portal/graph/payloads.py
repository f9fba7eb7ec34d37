"""Graph's JSON values turned into plain Python ones, field by field.

Lenient about what a value says, strict about what it is: an enum keeps whatever word Meta sent, while a list where a
word belongs is set aside as odd. Identity is never guessed. Which node has which fields is in `reads`.
"""

import json
import re
import reprlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

Convert = Callable[[object], object]

_LONGEST_TEXT = 512
_LONGEST_URL = 2048
_MOST_ENTRIES = 16
_LONGEST_ODD = 200
_ID = re.compile(r"[0-9]{1,32}")
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # valid in JSON, refused by databases
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)

_brief = reprlib.Repr()
_brief.maxstring = _brief.maxother = _brief.maxlong = _LONGEST_ODD


class ShapeError(ValueError):
    """An answer does not have the shape Graph's answers have; says what is wrong, quotes nothing."""


class OddError(ValueError):
    """One value is of a type its field never has; `kept` is the part of it that is usable, if any."""

    def __init__(self, kept: object = None) -> None:
        super().__init__()
        self.kept = kept


def decode(body: bytes | None) -> object:
    """The JSON value in an answer; None stands for an answer that was too large to be read.

    Stricter than the standard library: no NaN or Infinity, and no name twice in an object, for which of the two would
    be meant? A byte order mark is allowed.
    """
    if body is None:
        raise ShapeError("the answer is larger than allowed")
    if not body.strip():
        raise ShapeError("the answer is empty")
    try:
        return _decoder.decode(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ShapeError("the answer is not JSON") from None


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _no_constant(_name: str) -> object:
    raise ValueError


_decoder = json.JSONDecoder(object_pairs_hook=_unambiguous, parse_constant=_no_constant)


def identity(raw: object) -> str:
    """A Graph id as text. Bare integers occur in old replies; a float has lost digits and is refused."""
    if isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if isinstance(raw, str) and _ID.fullmatch(raw):
        return raw
    raise ShapeError("an object came without a usable id")


def is_id(raw: str) -> bool:
    return _ID.fullmatch(raw) is not None


def checked_id(node_id: str) -> str:
    """The id itself. Raises `ValueError` when it is not made of digits, so that it cannot lead to another path."""
    if not is_id(node_id):
        raise ValueError("A Graph id is made of digits.")
    return node_id


def node(raw: object) -> dict[str, object]:
    if not isinstance(raw, dict):
        raise ShapeError(f"an object was expected, not {_kind_of(raw)}")
    raw["id"] = identity(raw.get("id"))
    return raw


def convert(raw: Mapping[str, object], table: Mapping[str, Convert]) -> tuple[dict[str, object], dict[str, str]]:
    """The values a node came with, and short representations of those that are of a wrong type."""
    values: dict[str, object] = {}
    odd: dict[str, str] = {}
    for name, converted in table.items():
        value = raw.get(name)
        if value is None:
            continue
        try:
            value = converted(value)
        except OddError as trouble:
            odd[name] = _brief.repr(value)[:_LONGEST_ODD]
            value = trouble.kept
        if value is not None:
            values[name] = value
    return values, odd


def text(raw: object, longest: int = _LONGEST_TEXT) -> str:
    """Text as sent; whole numbers and truth values as JSON spells them."""
    if not isinstance(raw, str):
        if not isinstance(raw, int):
            raise OddError
        raw = json.dumps(raw)
    if len(raw) > longest:
        raise OddError
    return raw if raw.isprintable() else _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", raw)


def text_or_nothing(raw: object) -> str:
    """The same, but empty where there is none; for what is only shown."""
    try:
        return "" if raw is None else text(raw)
    except OddError:
        return ""


def truth(raw: object) -> bool:
    """A truth value, also when it came as a word."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    raise OddError


def moment(raw: object) -> datetime:
    """An aware time in UTC from `2026-03-04T09:08:07+0000` or from Unix seconds, whole or as digits."""
    try:
        found = _moment(raw)
    except (ValueError, OverflowError, OSError):
        raise OddError from None
    if not _EARLIEST <= found < _LATEST:
        raise OddError
    return found


def _moment(raw: object) -> datetime:
    if isinstance(raw, str):
        raw = raw.strip()
        if raw.isascii() and raw.isdigit() and len(raw) <= 12:
            raw = int(raw)
        else:
            found = datetime.fromisoformat(raw)
            if found.tzinfo is None:
                raise OddError
            return found.astimezone(UTC)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise OddError
    return datetime.fromtimestamp(raw, UTC)


def level(raw: object) -> str | None:
    """The level of `throughput`, which is an object around it; None when the object is empty."""
    if isinstance(raw, dict):
        raw = raw.get("level")
        if raw is None:
            return None
    return text(raw)


def texts(raw: object) -> dict[str, str] | None:
    """An object of texts, without its null entries; None when nothing is left."""
    if raw == []:  # how some of Meta's servers write an empty object
        return None
    if not isinstance(raw, dict) or len(raw) > _MOST_ENTRIES:
        raise OddError
    entries, all_texts = {}, True
    for name, value in raw.items():
        try:
            if value is not None:
                entries[text(name)] = text(value, _LONGEST_URL)
        except OddError:
            all_texts = False
    if not all_texts:
        raise OddError(kept=entries or None)
    return entries or None


def _kind_of(raw: object) -> str:
    names = {
        dict: "an object",
        list: "an array",
        str: "a text",
        bool: "a truth value",
        int: "a number",
        float: "a number",
    }
    return names.get(type(raw), "null")
