"""What Meta says of a number beside its state, as its page shows it: label, words, and how old each part is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from phones.actions.options import DATA_LOCALIZATION_REGIONS
from phones.choices import ActionKind, Source
from phones.models import NumberDetails, PhoneNumber
from phones.numbers import call_settings
from phones.numbers.settings import KEPT_IN_COUNTRY, SETTINGS
from phones.numbers.words import describe
from phones.views.detail_lines import DetailLine, DetailsSheet, failures_of

_SEARCH = {"VISIBLE": "Found by its name", "NON_VISIBLE": "Not found by its name", "HIDDEN": "Not found by its name"}
_OFFICIAL = {
    "NOT_STARTED": "Not asked for",
    "PENDING": "Asked for",
    "UNDER_REVIEW": "Meta reviews it",
    "APPROVED": "Yes",
    "REJECTED": "Declined: it can be asked for again 30 days after Meta’s decision",
    "EXPIRED": "Expired",
    "CANCELLED": "Withdrawn",
}
_SWITCH = {"ENABLED": "On", "DISABLED": "Off"}
_STORAGE = {
    "DEFAULT": "Where Meta keeps it by default",
    "IN_COUNTRY_STORAGE_DISABLED": "Where Meta keeps it by default",
    "NO_STORAGE_ENABLED": "Nowhere: forgotten after an hour",
}
_COUNTRIES = dict(DATA_LOCALIZATION_REGIONS)
_USERNAME = {"approved": "people see it", "reserved": "reserved, people do not see it yet"}
_OF_INDIA = {
    "has_grievance_officer_details": "no grievance officer",
    "has_customer_care_details": "no customer care",
}
_PARTS = {
    "node": "These facts",
    "settings": "Settings",
    "username": "The username",
    "suggestions": "Meta’s suggestions of usernames",
    "blocked": "Whom it has blocked",
    "compliance": "Business details for India",
}


@dataclass(frozen=True, slots=True)
class KnownUsername:
    """What is known of a number's username; `is_read` is False before the first reading."""

    is_read: bool
    username: str
    suggestions: list[str]


def known_username(number: PhoneNumber) -> KnownUsername:
    row: NumberDetails | None = getattr(number, "details", None)
    parts: Mapping[str, Mapping[str, Any]] = row.parts if row is not None else {}
    values = {name: parts.get(name, {}).get("values") for name in ("username", "suggestions")}
    return KnownUsername(
        values["username"] is not None,
        str((values["username"] or {}).get("username", "")),
        list((values["suggestions"] or {}).get("username_suggestions", ())),
    )


def details_of(number: PhoneNumber) -> DetailsSheet:
    row: NumberDetails | None = getattr(number, "details", None)
    parts: Mapping[str, Mapping[str, Any]] = row.parts if row is not None else {}
    lines = [
        DetailLine(field, label, words(part["values"].get(field)), datetime.fromisoformat(part["at"]), _source_of(part))
        for name, table in _LINES.items()
        if "values" in (part := parts.get(name, {}))
        for field, (label, words) in table.items()
    ]
    if name := _username_of(parts.get("username", {})):
        lines.insert(0, name)
    return DetailsSheet(lines, failures_of(parts, _PARTS))


def setting_line(number: PhoneNumber, kind: ActionKind) -> DetailLine | None:
    """What Meta has of the setting that this kind changes; None for other kinds, and before the first reading."""
    if kind not in SETTINGS:
        return None
    return next((line for line in details_of(number).lines if line.field == SETTINGS[kind].field), None)


def _username_of(part: Mapping[str, Any]) -> DetailLine | None:
    if "values" not in part:
        return None
    values = part["values"]
    status = str(values.get("status", ""))
    text = f"@{values['username']}, {_USERNAME.get(status.lower(), status)}" if values.get("username") else "None"
    at = datetime.fromisoformat(part["at"])
    return DetailLine("username", "Username", text.removesuffix(", "), at, _source_of(part))


def _source_of(part: Mapping[str, Any]) -> str:
    """What read the part; before that was written down, only a person did."""
    return str(Source(part.get("by", Source.ACTION)).label)


def _quality(value: Any) -> str:
    if not value:
        return ""
    reasons = ", ".join(value.get("reasons", ()))
    return " · ".join(filter(None, [str(describe("quality_rating", value.get("score")).label), reasons]))


def _official(value: Any) -> str:
    if not value:
        return ""
    status = value.get("oba_status", "")
    return " · ".join(filter(None, [_OFFICIAL.get(status, status), value.get("status_message", "")]))


def _automation(value: Any) -> str:
    if not value:
        return ""
    commands = [one["command_name"] for one in value.get("commands", ()) if "command_name" in one]
    said = [
        f"welcome message {'on' if value.get('enable_welcome_message') else 'off'}",
        *([f"{len(value['prompts'])} ice breakers"] if value.get("prompts") else []),
        *([f"commands {', '.join(commands)}"] if commands else []),
    ]
    return _sentence(said)


def _calling(value: Any) -> str:
    if not value:
        return ""
    said = call_settings.said_in({"calling": value}) or call_settings.BY_DEFAULT
    hours = said["call_hours"]
    within = f"within hours ({call_settings.in_words(hours)})".removesuffix(" ()")
    parts = {
        within: hours.get("status") == call_settings.ON,
        "button hidden": said["call_icon_visibility"] == call_settings.HIDDEN,
        "callers are asked whether they may be called back": said["callback_permission_status"] == call_settings.ON,
    }
    return _sentence([_switch(value), *(part for part, is_so in parts.items() if is_so)])


def _storage(value: Any) -> str:
    if not value:
        return ""
    region, status = str(value.get("data_localization_region", "")).upper(), str(value.get("status", "")).upper()
    if status == KEPT_IN_COUNTRY and region:
        return f"In {_COUNTRIES.get(region, region)}"
    return _sentence([_STORAGE.get(status, status), *([f"region {region}"] if region else [])])


def _identity(value: Any) -> str:
    said = SETTINGS[ActionKind.IDENTITY_CHECK].said_in({"user_identity_change": value})
    if said is None:
        return ""
    return "On" if said["enable_identity_key_check"] else "Off"


def _blocked(value: Any) -> str:
    if not value:
        return ""
    count = value["count"]
    return f"{count} or more" if value["is_more"] else str(count or "Nobody")


def _compliance(value: Any) -> str:
    """Names of people are not among it; that they are missing is, since Meta wants them."""
    if not value:
        return ""
    missing = [words for name, words in _OF_INDIA.items() if not value.get(name)]
    kind = str(value.get("entity_type", "")).replace("_", " ").capitalize()
    registered = {True: "registered", False: "not registered"}.get(value.get("is_registered"), "")
    return " · ".join(filter(None, [value.get("entity_name", ""), kind, registered, *missing]))


def _switch(value: Mapping[str, Any] | None) -> str:
    status = str((value or {}).get("status", ""))
    return _SWITCH.get(status.upper(), status)


def _sentence(parts: list[str]) -> str:
    said = ", ".join(filter(None, parts))
    return said[:1].upper() + said[1:]


def _known(table: Mapping[str, str]) -> Callable[[Any], str]:
    return lambda value: table.get(value, value or "")


_Words = Callable[[Any], str]
_LINES: dict[str, dict[str, tuple[str, _Words]]] = {
    "node": {
        "official_business_account": ("Official account", _official),
        "search_visibility": ("Search in WhatsApp", _known(_SEARCH)),
        "quality_score": ("Quality score", _quality),
        "conversational_automation": ("Automation", _automation),
        "country_dial_code": ("Calling code", lambda value: f"+{value}" if value else ""),
        "host_platform": ("Hosted on", lambda value: str(describe("platform_type", value).label) if value else ""),
    },
    "settings": {
        "calling": ("Calls", _calling),
        "storage_configuration": ("Storage", _storage),
        "user_identity_change": ("Identity check", _identity),
        "payload_encryption": ("Own encryption", _switch),
    },
    "blocked": {"block_users": ("Blocked people", _blocked)},
    "compliance": {"business_compliance_info": ("Business details for India", _compliance)},
}
