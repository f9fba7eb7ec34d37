"""What the portal gets from Graph: one number, one WABA, one listing, the facts about a token.

Frozen values and how they are made from Graph's objects. What a value means is not known here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.graph.payloads import NUMBER, WABA, OddError, ShapeError, convert, identity, is_id, moment, node, text

MANAGEMENT = "whatsapp_business_management"


@dataclass(frozen=True, slots=True)
class NumberReading:
    """One business phone number as Graph showed it at one moment."""

    phone_number_id: str
    values: Mapping[str, object]
    """By Graph's field name, only what came with a value: text, bool, aware UTC datetime (`last_onboarded_time`), the
    level as text (`throughput`), a dict of texts (`webhook_configuration`)."""
    requested: frozenset[str]
    """The fields asked for. One that is here and not in `values` was not returned by Graph."""
    odd: Mapping[str, str] = field(default_factory=dict)
    """Fields that came with a value of a wrong type: a representation of it, at most 200 characters."""


@dataclass(frozen=True, slots=True)
class NumberListing:
    """All numbers of a WABA. There is no such thing as a part of a listing."""

    numbers: list[NumberReading]
    """In Graph's order, each id once; of a number that came twice, the later reading."""
    pages: int


@dataclass(frozen=True, slots=True)
class WabaReading:
    """One WhatsApp Business Account as Graph showed it at one moment; the same shape as `NumberReading`."""

    waba_id: str
    values: Mapping[str, object]
    requested: frozenset[str]
    odd: Mapping[str, str] = field(default_factory=dict)

    @property
    def owner_business_id(self) -> str | None:
        """The business portfolio that owns the account, when Graph tells."""
        owner_id = self._owner().get("id", "")
        return owner_id if is_id(owner_id) else None

    @property
    def owner_business_name(self) -> str | None:
        """The name of that portfolio, when Graph tells."""
        return self._owner().get("name")

    def _owner(self) -> Mapping[str, str]:
        owner = self.values.get("owner_business_info")
        return owner if isinstance(owner, dict) else {}


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What Graph says about a token.

    Source: https://developers.facebook.com/docs/graph-api/reference/debug_token/
    """

    is_valid: bool
    app_id: str
    """Check that it is ours before trusting anything else; empty when not told."""
    application: str
    type: str
    """`USER`, `SYSTEM_USER`, …"""
    user_id: str
    issued_at: datetime | None
    expires_at: datetime | None
    """None: never, or not told."""
    data_access_expires_at: datetime | None
    scopes: frozenset[str]
    granular_scopes: Mapping[str, tuple[str, ...]]
    """By scope, the ids it is narrowed to, newest first; empty means no narrowing."""
    error_code: int | None
    error_subcode: int | None

    @property
    def waba_ids(self) -> tuple[str, ...]:
        """The WABAs granted, newest first; empty means that Graph names none and they have to be listed."""
        return self.granular_scopes.get(MANAGEMENT, ())


def read_number(raw: object, asked: frozenset[str]) -> NumberReading:
    """One number from Graph's object for it. Raises `ShapeError`."""
    found = node(raw)
    values, odd = convert(found, NUMBER)
    return NumberReading(identity(found["id"]), values, asked, odd)


def read_waba(raw: object, asked: frozenset[str]) -> WabaReading:
    """One WABA from Graph's object for it. Raises `ShapeError`."""
    found = node(raw)
    values, odd = convert(found, WABA)
    return WabaReading(identity(found["id"]), values, asked, odd)


def read_token(body: object) -> TokenFacts:
    """The facts about a token from the answer of `debug_token`. Raises `ShapeError`."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict) or not isinstance(data.get("is_valid"), bool):
        raise ShapeError("the answer does not say whether the token is valid")
    trouble = data.get("error")
    trouble = trouble if isinstance(trouble, dict) else {}
    return TokenFacts(
        is_valid=data["is_valid"],
        app_id=_text(data.get("app_id")),
        application=_text(data.get("application")),
        type=_text(data.get("type")),
        user_id=_text(data.get("user_id")),
        issued_at=_moment(data.get("issued_at")),
        expires_at=_moment(data.get("expires_at")),
        data_access_expires_at=_moment(data.get("data_access_expires_at")),
        scopes=frozenset(filter(None, map(_text, _items(data.get("scopes"))))),
        granular_scopes=_granular(_items(data.get("granular_scopes"))),
        error_code=_number(trouble.get("code")),
        error_subcode=_number(trouble.get("subcode")),
    )


def _granular(entries: Iterable[object]) -> dict[str, tuple[str, ...]]:
    granted: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        if isinstance(entry, dict) and (scope := _text(entry.get("scope"))):
            targets = tuple(filter(None, map(_text, _items(entry.get("target_ids")))))
            granted[scope] = tuple(dict.fromkeys(granted.get(scope, ()) + targets))
    return granted


def _items(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else []


def _text(raw: object) -> str:
    try:
        return "" if raw is None else text(raw)
    except OddError:
        return ""


def _number(raw: object) -> int | None:
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 2**31 else None


def _moment(raw: object) -> datetime | None:
    try:
        return None if raw is None else moment(raw)
    except OddError:
        return None
