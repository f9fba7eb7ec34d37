"""What Meta's settings of a number say, as it is compared: before a change, after it, and in between. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from phones.choices import ActionKind
from phones.numbers import automation, call_settings, official

Values = Mapping[str, Any]
KEPT_BY_DEFAULT, KEPT_IN_COUNTRY = "DEFAULT", "IN_COUNTRY_STORAGE_ENABLED"
_WORDS_FOR_ON = frozenset({"true", "enabled"})


def _storage_in(settings: Values) -> dict[str, Any] | None:
    storage = settings.get("storage_configuration")
    if not storage:
        return None
    status = str(storage.get("status", "")).upper()
    is_elsewhere = status not in {"", KEPT_BY_DEFAULT, "IN_COUNTRY_STORAGE_DISABLED"}
    region = str(storage.get("data_localization_region", "")).upper() if status == KEPT_IN_COUNTRY else ""
    return {"status": status if is_elsewhere else KEPT_BY_DEFAULT, "data_localization_region": region}


def _identity_in(settings: Values) -> dict[str, Any] | None:
    """Meta's guide and its reference have a name each for the one value."""
    check = settings.get("user_identity_change") or {}
    said = check.get("enable_identity_key_check", check.get("enabled"))
    return None if said is None else {"enable_identity_key_check": str(said).lower() in _WORDS_FOR_ON}


@dataclass(frozen=True, slots=True)
class Setting:
    """One that is changed by an action of its own.

    `part` is the reading that has it, `field` its name there; `said_in` gives what a reading says, None where it says
    nothing: then it is as `by_default`.
    """

    part: str
    field: str
    said_in: Callable[[Values], dict[str, Any] | None]
    by_default: Values


SETTINGS: Mapping[ActionKind, Setting] = {
    ActionKind.CALLS: Setting("settings", "calling", call_settings.said_in, call_settings.BY_DEFAULT),
    ActionKind.STORAGE: Setting(
        "settings",
        "storage_configuration",
        _storage_in,
        {"status": KEPT_BY_DEFAULT, "data_localization_region": ""},
    ),
    ActionKind.IDENTITY_CHECK: Setting(
        "settings", "user_identity_change", _identity_in, {"enable_identity_key_check": False}
    ),
    ActionKind.AUTOMATION: Setting("node", "conversational_automation", automation.said_in, automation.BY_DEFAULT),
    ActionKind.OFFICIAL_ACCOUNT: Setting("node", "official_business_account", official.said_in, official.BY_DEFAULT),
}


def differing(before: Values, after: Values, *, now: datetime) -> dict[str, Any]:
    """What of `after` is another than in `before`."""
    return {name: value for name, value in after.items() if not _same(before.get(name), value, name=name, now=now)}


def shows(is_now: Values, wanted: Values, *, now: datetime) -> bool:
    """Whether a setting is all that was `wanted`."""
    return not differing(is_now, wanted, now=now)


def _same(one: Any, other: Any, *, name: str, now: datetime) -> bool:
    if name == "call_hours":
        return call_settings.same_hours(one or {}, other, now=now)
    return bool(one == other)
