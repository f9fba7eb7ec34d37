"""What an update means: whom it is about, what it alone knows, and what is to be read again. Pure.

A fact of an event is kept under a name, so that the newest of that name counts, in whatever order events arrive. What
Graph can be asked for is not a fact here: the number or WABA is read again instead.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from phones.choices import CONTENT_FIELDS
from phones.numbers.search import digits_of

Value = Mapping[str, object]


class NotInFormError(Exception):
    """A known field whose value is not what Meta documents."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """One update understood.

    `waba_id` and, where it is about one number, `digits` or `phone_number_id` say whom it concerns; no WABA id means
    that it concerns our own business. `facts` go by name. `discovers`: a WABA that we do not know may have come to us.
    """

    waba_id: str = ""
    digits: str = ""
    phone_number_id: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    discovers: bool = False
    reads: bool = True
    is_provisional: bool = False
    """It says that a decision is still to come, so of two in the same second it is the earlier."""

    @property
    def is_about_a_number(self) -> bool:
        return bool(self.digits or self.phone_number_id)

    @property
    def is_reported(self) -> bool:
        """Whether it is a line of history. What customers write and say is not."""
        return self.reads or bool(self.facts)


def meaning_of(name: str, value: object, *, entry_id: str, app_id: str = "") -> Meaning | None:
    """What an update of the field `name` means; None for a field or kind that the desk does not know.

    `app_id` is our app's: what Meta says of another one is not about us. Raises NotInFormError.
    """
    if name in CONTENT_FIELDS:
        return Meaning(waba_id=entry_id, reads=False)
    read = _FIELDS.get(name)
    if read is None:
        return None
    if not isinstance(value, Mapping):
        raise NotInFormError(f"The value of {name} is no object.")
    found = read(value, entry_id)
    return found if found is None else _of_our_app_or_another(found, value, app_id)


def _of_our_app_or_another(found: Meaning, value: Value, app_id: str) -> Meaning:
    """The same, where a client's leave for an app is not known to be for ours: a fact of that app's own."""
    fact = found.facts.get("app")
    if fact is None:
        return found
    info = value.get("waba_info")
    named = _text(info, "partner_app_id") if isinstance(info, Mapping) else ""
    named = named or _text(value, "partner_app_id")
    if named and named == app_id:
        return found
    more = {"partner_app_id": named} if named else {}
    return replace(found, facts={f"other_app:{named}"[:60]: {**fact, **more}}, discovers=False)


def is_known(name: str) -> bool:
    """Whether the desk knows this field of Meta's, so that its value may be kept."""
    return name in CONTENT_FIELDS or name in _FIELDS


def _number_fact(name: str, *keys: str) -> Callable[[Value, str], Meaning]:
    """Reads a field about one number whose `keys` make one fact."""

    def read(value: Value, entry_id: str) -> Meaning:
        digits = digits_of(_text(value, "display_phone_number"))
        if not digits:
            raise NotInFormError("It names no display_phone_number.")
        return Meaning(
            entry_id, digits, facts={name: _kept(value, keys)}, is_provisional=_text(value, "decision") in _PROVISIONAL
        )

    return read


def _security(value: Value, entry_id: str) -> Meaning:
    # That someone asked says nothing of whether the PIN still holds, so it takes the place of nothing that does.
    asked = _text(value, "event") == "PIN_RESET_REQUEST"
    return _number_fact("pin_reset_request" if asked else "security", "event", "requester")(value, entry_id)


def _account_update(value: Value, entry_id: str) -> Meaning | None:
    event = _text(value, "event")
    info = value.get("waba_info")
    info = info if isinstance(info, Mapping) else {}
    # The entry names our own business where a WABA came, went, or took our app off; the WABA stands inside.
    waba_id = _text(info, "waba_id") or entry_id
    digits = digits_of(_text(value, "phone_number"))
    if event in _CONNECTION:
        gone = value.get("disconnection_info")
        more = _kept(gone, ("reason", "initiated_by")) if isinstance(gone, Mapping) else {}
        name = "connection" if digits else _CONNECTION[event]
        return Meaning(
            waba_id,
            digits,
            facts={name: {"event": event, **more}},
            discovers=event in {"PARTNER_ADDED", "PARTNER_APP_INSTALLED"},
        )
    if event not in _ACCOUNT_EVENTS:
        return None
    name, keys = _ACCOUNT_EVENTS[event]
    # Some name one of the account's numbers beside it.
    digits = "" if name in _OF_THE_ACCOUNT else digits
    return Meaning(waba_id, digits, facts={name: {"event": event, **_kept(value, keys)}})


def _account_alert(value: Value, entry_id: str) -> Meaning:
    info = value.get("alert_info")
    if not isinstance(info, Mapping):
        info = value
    kind = _text(info, "alert_type")
    if not kind:
        raise NotInFormError("It names no alert_type.")
    of_number = _text(value, "entity_type") == "PHONE_NUMBER"
    kept = _kept(info, ("alert_type", "alert_severity", "alert_status", "alert_description"))
    return Meaning(
        entry_id, phone_number_id=_text(value, "entity_id") if of_number else "", facts={f"alert:{kind}"[:60]: kept}
    )


def _capability(value: Value, entry_id: str) -> Meaning:
    # Any key may be absent, so each is a fact of its own: what a later update leaves out still holds.
    known = [key for key in _CAPABILITIES if value.get(key) is not None]
    return Meaning(entry_id, facts={f"capability:{key}": {key: value[key]} for key in known})


def _review(value: Value, entry_id: str) -> Meaning:
    is_provisional = _text(value, "decision") in _PROVISIONAL
    return Meaning(entry_id, facts={"review": _kept(value, ("decision",))}, is_provisional=is_provisional)


def _just_read(value: Value, entry_id: str) -> Meaning:
    return Meaning(entry_id, digits_of(_text(value, "display_phone_number")))


_FIELDS: dict[str, Callable[[Value, str], Meaning | None]] = {
    "phone_number_name_update": _number_fact(
        "name_decision", "decision", "requested_verified_name", "rejection_reason"
    ),
    "phone_number_quality_update": _number_fact(
        "quality_event", "event", "max_daily_conversations_per_business", "current_limit", "old_limit"
    ),
    "security": _security,
    "account_update": _account_update,
    "account_review_update": _review,
    "account_alerts": _account_alert,
    "business_capability_update": _capability,
    "account_settings_update": _just_read,
    "business_status_update": _just_read,
    "partner_solutions": lambda _value, _entry_id: Meaning(reads=False),
}

_PROVISIONAL = frozenset({"PENDING", "DEFERRED"})
# Events that say whether we (still) reach something: of one name, so that the newest of them counts.
_CONNECTION = {
    "PARTNER_ADDED": "partner",
    "PARTNER_REMOVED": "partner",
    "PARTNER_APP_INSTALLED": "app",
    "PARTNER_APP_UNINSTALLED": "app",
    "ACCOUNT_OFFBOARDED": "connection",
    "ACCOUNT_RECONNECTED": "connection",
}
# Other events of `account_update`: the name of their fact, and the keys that make it.
_ACCOUNT_EVENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "ACCOUNT_DELETED": ("deleted", ()),
    "ACCOUNT_RESTRICTION": ("restriction", ("restriction_info",)),
    "ACCOUNT_VIOLATION": ("violation", ("violation_info",)),
    "DISABLED_UPDATE": ("ban", ("ban_info",)),
    "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE": ("certification", ("partner_client_certification_info",)),
    "AD_ACCOUNT_LINKED": ("ad_account", ()),
    "MM_LITE_TERMS_SIGNED": ("marketing_messages", ()),
    "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE": ("international_rates", ("auth_international_rate_eligibility",)),
    "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": ("primary_location", ("country",)),
    "VOLUME_BASED_PRICING_TIER_UPDATE": ("volume_tier", ("volume_tier_info",)),
    "VERIFIED_ACCOUNT": ("verified_account", ()),
    "PARTNER_CLIENT_CERTIFICATION_NEEDED": ("certification", ()),
    "BUSINESS_VERIFICATION_STATUS_UPDATE": ("business_verification", ("business_verification_info",)),
}
# What Meta does to an account, it does to every number under it.
_OF_THE_ACCOUNT = frozenset({"deleted", "ban", "restriction", "violation"})
_CAPABILITIES = (
    "max_daily_conversation_per_phone",
    "max_daily_conversations_per_business",
    "max_phone_numbers_per_business",
    "max_phone_numbers_per_waba",
)


def _text(value: Value, key: str) -> str:
    """The text or number under `key`, as text; "" for anything else."""
    found = value.get(key)
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _kept(value: Value, keys: tuple[str, ...]) -> dict[str, object]:
    return {key: value[key] for key in keys if value.get(key) is not None}
