"""Which webhook events Meta would send for a change of the practice world, and the bytes in which it would.

A change is an entry of the world's log of changes. From Meta's webhook reference
(developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference): a change for which it has no
event brings none. So nothing is heard of a number that is added or moved, nor of a rating that falls to YELLOW only.
Nothing is sent here, and nothing of the world changes.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names
from portal.sandbox.world.values import habit, is_registered, number_value
from portal.sandbox.world.world import Number, Waba, World

OBJECT = "whatsapp_business_account"
FIELDS = (
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "business_capability_update",
    "partner_solutions",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
)
"""The fields of Meta's that concern this server. An app may subscribe to others, of which it never hears."""

MOST_UPDATES = 1000
"""As many updates as Meta puts into one POST."""

Update: TypeAlias = tuple[str, Values]

_NAME_FIELDS = (("name_status", "verified_name"), ("new_name_status", "new_display_name"))
_DECISIONS = {
    "APPROVED": "APPROVED",
    "AVAILABLE_WITHOUT_REVIEW": "APPROVED",
    "DECLINED": "REJECTED",
    "PENDING_REVIEW": "PENDING",
}
_TIERS = {"UNTIERED": "TIER_NOT_SET"}
_REASONS = {
    "ACCOUNT_DISCONNECTED": "USER",
    "BUSINESS_DOWNGRADE": "USER",
    "CHANGE_NUMBER": "USER",
    "COMPANION_INACTIVITY": "SYSTEM",
    "PRIMARY_INACTIVITY": "SYSTEM",
    "USER_RE_REGISTERED": "USER",
}
_SETTINGS = ("conversational_automation", "search_visibility", "username", "webhook_configuration")


@dataclass(frozen=True, slots=True)
class Event:
    """One update. ``entry_id`` is a WABA's id, or the partner's business id; ``time`` is in Unix seconds."""

    entry_id: str
    time: int
    field: str
    value: Values


@dataclass(frozen=True, slots=True)
class _Change:
    """An entry of the log about one number."""

    world: World
    number: Number
    entry: Values
    old: Values
    new: Values

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", str(number_value(self.number, "display_phone_number")))

    def became(self, field: str, *values: object) -> bool:
        """Whether the field has one of these values now, and had none of them before."""
        return self.new.get(field) in values and self.old.get(field) not in values


def of(world: World, entry: Values) -> list[Event]:
    """The events for one entry of the log of changes, each of the WABAs that it concerns told apart."""
    now = int(world.now())
    number = world.number(str(entry.get("phone_number_id")))
    waba = world.wabas.get(str(entry.get("waba_id")))
    if number is not None:
        updates = _of_number(_Change(world, number, entry, _values(entry, "old"), _values(entry, "new")))
        listing = number.wabas or ((waba,) if waba is not None else ())
        return [Event(each.id, now, field, value) for each in listing for field, value in updates]
    if waba is None:
        return []
    concerned = _siblings(world, waba) if entry.get("kind") == "limit_changed" else [waba]
    return [
        Event(_entry_id(world, each, value), now, field, value)
        for each in concerned
        for field, value in _of_waba(world, each, entry)
    ]


def waba_info(world: World, waba: Waba, event: str) -> Values:
    """What an ``account_update`` between partner and client says of the WABA."""
    info: Values = {"waba_id": waba.id, "owner_business_id": waba.owner.id}
    if event.startswith("PARTNER_APP_"):
        info["partner_app_id"] = world.credentials.app_id
    return info


def body(updates: Iterable[Event]) -> bytes:
    """One POST with these updates: those of one WABA and second share an entry. Escaped as Meta escapes it."""
    entries: dict[tuple[str, int], list[Values]] = {}
    for each in updates:
        entries.setdefault((each.entry_id, each.time), []).append({"value": each.value, "field": each.field})
    listed = [{"id": entry_id, "time": second, "changes": changes} for (entry_id, second), changes in entries.items()]
    text = json.dumps({"object": OBJECT, "entry": listed}, separators=(",", ":"), ensure_ascii=True)
    return text.replace("/", "\\/").encode("ascii")


def _values(entry: Values, name: str) -> Values:
    found = entry.get(name)
    return found if isinstance(found, dict) else {}


def _siblings(world: World, waba: Waba) -> list[Waba]:
    """All WABAs of one portfolio."""
    return [each for each in world.wabas.values() if each.owner is waba.owner]


def _entry_id(world: World, waba: Waba, value: Values) -> str:
    """Meta puts what happens between a partner and a client into the partner's entry."""
    return world.partner.id if "waba_info" in value else waba.id


def _of_waba(world: World, waba: Waba, entry: Values) -> list[Update]:
    if entry.get("kind") == "waba_shared":
        names: Sequence[str] = ("PARTNER_ADDED", "PARTNER_APP_INSTALLED")
    elif entry.get("kind") == "waba_unshared":
        names = ("PARTNER_REMOVED", "PARTNER_APP_UNINSTALLED")
    elif "event" in entry:
        return [("account_update", {"event": entry["event"], **_values(entry, "details")})]
    elif "webhook_field" in entry:
        return [(str(entry["webhook_field"]), _values(entry, "details"))]
    else:
        return []
    return [("account_update", {"event": each, "waba_info": waba_info(world, waba, each)}) for each in names]


def _of_number(change: _Change) -> list[Update]:
    return [update for rule in _RULES for update in rule(change)]


def _names(change: _Change) -> list[Update]:
    """A review that begins, or that comes to something."""
    if change.entry.get("kind") == "name_live":  # the registration tells, not the review
        return []
    decided = change.entry.get("decision")
    if isinstance(decided, str):
        return [_name_update(change, change.entry.get("name"), decided, None)]
    found: list[Update] = []
    for status_field, name_field in _NAME_FIELDS:
        decision = _DECISIONS.get(str(change.new.get(status_field)))
        if decision is not None and change.old.get(status_field) != change.new[status_field]:
            name = number_value(change.number, name_field)
            reason = change.entry.get("rejection_reason", display_names.rejection_reason(name))
            found.append(_name_update(change, name, decision, reason if decision == "REJECTED" else None))
    return found


def _name_update(change: _Change, name: object, decision: str, reason: object) -> Update:
    return "phone_number_name_update", {
        "display_phone_number": change.digits,
        "decision": decision,
        "requested_verified_name": name if isinstance(name, str) else None,
        "rejection_reason": reason,
    }


def _quality(change: _Change) -> list[Update]:
    """Flags, throughput and registration. No event carries the colour."""
    found: list[Update] = []
    limit = change.number.wabas[0].owner.limit if change.number.wabas else "TIER_NOT_SET"
    tier = _TIERS.get(limit, limit)
    if _is_flagged(change.new) and not _is_flagged(change.old):
        found.append(_quality_update(change, "FLAGGED", {"current_limit": tier}))
    elif _is_flagged(change.old) and not _is_flagged(change.new) and is_registered(change.number):
        found.append(_quality_update(change, "UNFLAGGED", {"current_limit": tier}))
    if change.entry.get("kind") == "registered":
        found.append(_quality_update(change, "ONBOARDING", {"max_daily_conversations_per_business": tier}))
    if change.became("throughput", {"level": "HIGH"}):
        limits: Values = {"old_limit": tier, "current_limit": "TIER_UNLIMITED"}
        limits["max_daily_conversations_per_business"] = "TIER_UNLIMITED"
        found.append(_quality_update(change, "THROUGHPUT_UPGRADE", limits))
    return found


def _quality_update(change: _Change, event: str, limits: Values) -> Update:
    return "phone_number_quality_update", {"display_phone_number": change.digits, "event": event, **limits}


def _is_flagged(values: Values) -> bool:
    return values.get("quality_rating") == "RED" or values.get("status") == "FLAGGED"


def _security(change: _Change) -> list[Update]:
    """A PIN that is set, or taken away by its owner in WhatsApp Manager."""
    found: tuple[str, ...] = ()
    if change.entry.get("kind") == "pin_set":
        found = ("PIN_CHANGED",)
    elif change.old.get("is_pin_enabled") is True and change.new.get("is_pin_enabled") is False:
        found = ("PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS")
    requester = change.world.credentials.system_user_id
    return [
        ("security", {"display_phone_number": change.digits, "event": event, "requester": requester}) for event in found
    ]


def _business_app(change: _Change) -> list[Update]:
    """A number of the WhatsApp Business app that leaves Cloud API or comes back to it. These name the WABA itself."""
    if number_value(change.number, "is_on_biz_app") is not True:
        return []
    if change.became("status", "DISCONNECTED"):
        info = change.entry.get("disconnection_info", disconnection_info(change.number))
        removed: Values = {"event": "PARTNER_REMOVED", "phone_number": change.digits}
        if info is not None:
            removed["disconnection_info"] = info
        offboarded: Values = {"event": "ACCOUNT_OFFBOARDED", "phone_number": change.digits}
        return [("account_update", removed), ("account_update", offboarded)]
    if change.old.get("status") == "DISCONNECTED" and change.became("status", "CONNECTED"):
        return [("account_update", {"event": "ACCOUNT_RECONNECTED", "phone_number": change.digits})]
    return []


def disconnection_info(number: Number, reason: str = "") -> Values:
    """Why a number of the Business app was lost; without a reason, the one that this number always has."""
    reason = reason or tuple(_REASONS)[habit(number, "disconnected", len(_REASONS))]
    return {"reason": reason, "initiated_by": _REASONS.get(reason, "USER")}


def _trial(change: _Change) -> list[Update]:
    """A number that leaves the unverified trial."""
    if change.old.get("account_mode") == "SANDBOX" and change.became("account_mode", "LIVE"):
        return [("account_update", {"event": "VERIFIED_ACCOUNT", "phone_number": change.digits})]
    return []


def _badge(change: _Change) -> list[Update]:
    old, new = (_values(each, "official_business_account").get("oba_status") for each in (change.old, change.new))
    if new not in ("APPROVED", "REJECTED") or new == old:
        return []
    alert = {
        "alert_severity": "INFORMATIONAL",
        "alert_status": "NONE",
        "alert_type": f"OBA_{new}",
        "alert_description": f"The request for an Official Business Account was {str(new).lower()}.",
    }
    return [
        ("account_alerts", {"entity_type": "PHONE_NUMBER", "entity_id": change.number.id, "alert_info": alert}),
    ]


def _settings(change: _Change) -> list[Update]:
    changed = {name: change.new[name] for name in _SETTINGS if name in change.new}
    if change.entry.get("kind") != "number_patched" or not changed:
        return []
    settings = {"phone_number_id": change.number.id, **changed}
    value: Values = {"messaging_product": "whatsapp", "timestamp": str(int(change.world.now()))}
    return [("account_settings_update", value | {"type": "phone_number_settings", "phone_number_settings": settings})]


_RULES = (_names, _quality, _security, _business_app, _trial, _badge, _settings)
