"""What the portal gets from Graph: one number, one WABA, one listing, one subscription, one number of the pool.

Frozen values and how they are made from Graph's objects. What a value means is not known here; what concerns tokens is
in `tokens`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.graph.payloads import (
    NUMBER,
    PREVERIFIED,
    WABA,
    OddError,
    ShapeError,
    convert,
    identity,
    is_id,
    node,
    text,
    text_or_nothing,
    truth,
)

_LONGEST_ADDRESS = 2048


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
        return _id_in(self.values.get("owner_business_info"))

    @property
    def owner_business_name(self) -> str | None:
        """The name of that portfolio, when Graph tells."""
        return _name_in(self.values.get("owner_business_info"))


@dataclass(frozen=True, slots=True)
class PreverifiedReading:
    """One number of a pre-verified pool as Graph showed it at one moment; the same shape as `NumberReading`.

    Each property is None when Graph did not return it.
    Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-verified-numbers
    """

    preverified_id: str
    values: Mapping[str, object]
    requested: frozenset[str]
    odd: Mapping[str, str] = field(default_factory=dict)

    @property
    def phone_number(self) -> str | None:
        """The number as Graph writes it, usually digits only."""
        return _text_of(self.values.get("phone_number"))

    @property
    def code_verification_status(self) -> str | None:
        """`VERIFIED`, `NOT_VERIFIED`, `EXPIRED`, or whatever else Meta says."""
        return _text_of(self.values.get("code_verification_status"))

    @property
    def code_verification_time(self) -> datetime | None:
        """When it was verified last, in UTC."""
        return _time_of(self.values.get("code_verification_time"))

    @property
    def verification_expiry_time(self) -> datetime | None:
        """Until when that is good, in UTC."""
        return _time_of(self.values.get("verification_expiry_time"))

    @property
    def owner_business_id(self) -> str | None:
        """The business portfolio whose pool it is."""
        return _id_in(self.values.get("owner_business"))

    @property
    def owner_business_name(self) -> str | None:
        """The name of that portfolio."""
        return _name_in(self.values.get("owner_business"))


@dataclass(frozen=True, slots=True)
class SubscribedApp:
    """An app that gets the webhooks of a WABA."""

    app_id: str
    name: str
    link: str
    override_callback_uri: str | None
    """Where messages and a few related fields go in place of the app's own callback; None when they go there."""


@dataclass(frozen=True, slots=True)
class AppSubscription:
    """An app's own subscription to one kind of object."""

    object: str
    """`whatsapp_business_account`, `page`, …"""
    callback_url: str
    fields: tuple[str, ...]
    active: bool


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


def read_preverified(raw: object, asked: frozenset[str]) -> PreverifiedReading:
    """One number of the pool from Graph's object for it. Raises `ShapeError`."""
    found = node(raw)
    values, odd = convert(found, PREVERIFIED)
    return PreverifiedReading(identity(found["id"]), values, asked, odd)


def read_business(raw: object, _asked: frozenset[str]) -> tuple[str, str]:
    """Id and name of a business from Graph's object for it; the name may be empty. Raises `ShapeError`."""
    found = node(raw)
    return identity(found["id"]), text_or_nothing(found.get("name"))


def read_subscribed_app(raw: object, _asked: frozenset[str]) -> SubscribedApp:
    """One app from an entry of `subscribed_apps`. Raises `ShapeError`."""
    entry = raw if isinstance(raw, dict) else {}
    app = entry.get("whatsapp_business_api_data")
    if not isinstance(app, dict):
        raise ShapeError("a subscribed app came without its data")
    return SubscribedApp(
        app_id=identity(app.get("id")),
        name=text_or_nothing(app.get("name")),
        link=text_or_nothing(app.get("link")),
        override_callback_uri=_told_text(entry.get("override_callback_uri")) or None,
    )


def read_app_subscription(raw: object, _asked: frozenset[str]) -> AppSubscription:
    """One subscription from an entry of an app's `subscriptions`. Raises `ShapeError`.

    Each field comes as an object with a name and a version, in old samples as the bare name.
    Source: https://developers.facebook.com/docs/graph-api/webhooks/subscriptions-edge
    """
    entry = raw if isinstance(raw, dict) else {}
    kind, fields = _told_text(entry.get("object")), entry.get("fields", [])
    if not kind or not isinstance(fields, list):
        raise ShapeError("a subscription came without its object or with unreadable fields")
    names = [_told_text(each.get("name") if isinstance(each, dict) else each) for each in fields]
    if not all(names):
        raise ShapeError("a subscription came with a field without a name")
    try:
        active = truth(entry.get("active"))
    except OddError:
        raise ShapeError("a subscription does not say whether it is active") from None
    return AppSubscription(kind, _told_text(entry.get("callback_url")), tuple(dict.fromkeys(names)), active)


def _told_text(raw: object) -> str:
    """Text that something hangs on: empty when there is none, and never a guess."""
    try:
        return "" if raw is None else text(raw, _LONGEST_ADDRESS)
    except OddError:
        raise ShapeError("a text was expected in a subscription") from None


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _time_of(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None


def _id_in(business: object) -> str | None:
    business_id = business.get("id", "") if isinstance(business, dict) else ""
    return business_id if is_id(business_id) else None


def _name_in(business: object) -> str | None:
    return business.get("name") if isinstance(business, dict) else None
