"""What a field of a node says: what the world stores, or what follows from the node's state. Rules only, no replies."""

from collections.abc import Callable
from enum import Enum
from functools import partial
from hashlib import sha256
from typing import Final, Literal
from zlib import crc32

from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import Business, Node, Number, PreverifiedNumber, Waba, timestamp


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""Graph leaves the field out of the reply, which is not the same as null."""

HELD_BACK = "held back"
"""Kept with a WABA's own values and no field of it: what keeps it, its business or the app from sending, by type."""

# A WABA without a way to pay: Meta's code, with words of the practice server's own.
NO_PAYMENT: Values = {
    "can_send_message": "BLOCKED",
    "errors": [
        {
            "error_code": 141006,
            "error_description": "There is an error with the payment method. This blocks the sending of messages",
            "possible_solution": "Check the payment method of the account in the billing hub and settle what is owed",
        }
    ],
}

_OLD_TIERS = {"TIER_2K": "TIER_1K", "UNTIERED": "TIER_NOT_SET"}
_CERTIFIED = frozenset({"APPROVED", "AVAILABLE_WITHOUT_REVIEW"})
_BLOCKING = frozenset({"BANNED", "DISCONNECTED", "DELETED", "MIGRATED", "PENDING", "UNVERIFIED"})
_LIMITING = frozenset({"FLAGGED", "RATE_LIMITED", "RESTRICTED"})
# A name that was used without a review, or whose certificate has lapsed, limits nothing.
_NOT_APPROVED = frozenset({"PENDING_REVIEW", "DEFERRED", "DECLINED", "REJECTED", "NONE"})


def stored(node: Node) -> Values:
    """The fields of a node whose values the world stores; all others follow from its state."""
    if isinstance(node, Number):
        shared = node.base
        if node.gone:
            shared = {name: value for name, value in shared.items() if name not in node.gone}
        return {**shared, **node.own}
    return node.own if isinstance(node, Waba) else {}


def reader(node: Node) -> Callable[[str], object]:
    """What gives the value of each field of this node, or ``MISSING``."""
    if isinstance(node, Number):
        return partial(number_value, node)
    if isinstance(node, PreverifiedNumber):
        return partial(preverified_value, node)
    return partial(waba_value, node) if isinstance(node, Waba) else partial(business_value, node)


def number_value(number: Number, field: str) -> object:
    """The value of a number's field, or ``MISSING``."""
    if field in number.own:
        return number.own[field]
    if field in number.gone:
        return MISSING
    if field in number.base:
        return number.base[field]
    derive = _NUMBER.get(field)
    return MISSING if derive is None else derive(number)


def waba_value(waba: Waba, field: str) -> object:
    """The value of a WABA's field, or ``MISSING``."""
    if field in waba.own:
        return waba.own[field]
    if field in waba.gone:
        return MISSING
    derive = _WABA.get(field)
    return MISSING if derive is None else derive(waba)


def business_value(business: Business, field: str) -> object:
    """The value of a business's field, or ``MISSING``."""
    derive = _BUSINESS.get(field)
    return MISSING if derive is None else derive(business)


def preverified_value(entry: PreverifiedNumber, field: str) -> object:
    """The value of a field of a number in the pool, or ``MISSING``."""
    derive = _PREVERIFIED.get(field)
    return MISSING if derive is None else derive(entry)


def is_registered(number: Number) -> bool:
    """Whether the number is live on Cloud API."""
    return number_value(number, "status") == "CONNECTED" and number_value(number, "platform_type") == "CLOUD_API"


def has_certificate(number: Number) -> bool:
    """Whether there is a certificate to register the number with, for its name or for an approved new one."""
    return number_value(number, "name_status") in _CERTIFIED or approved_new_name(number) is not None


def approved_new_name(number: Number) -> str | None:
    """The display name that was asked for and is granted, and goes live with the next registration."""
    name = number_value(number, "new_display_name")
    granted = number_value(number, "new_name_status") in _CERTIFIED
    return name if granted and isinstance(name, str) else None


def habit(number: Number | PreverifiedNumber, what: str, of: int) -> int:
    """Which of several ways Meta has with this number, always the same one: a number below ``of``."""
    return crc32(f"{what} {number.id}".encode()) % of


def _portfolio_limit(number: Number) -> object:
    return number.wabas[0].owner.limit if number.wabas else MISSING


def _old_limit(number: Number) -> object:
    limit = _portfolio_limit(number)
    return _OLD_TIERS.get(limit, limit) if isinstance(limit, str) else limit


def _certificate(number: Number) -> object:
    if number_value(number, "name_status") not in _CERTIFIED:
        return MISSING
    return _certificate_for(number, number_value(number, "verified_name"))


def _new_certificate(number: Number) -> object:
    name = approved_new_name(number)
    return MISSING if name is None else _certificate_for(number, name)


def _certificate_for(number: Number, name: object) -> str:
    return sha256(f"certificate {number.id} {name}".encode()).hexdigest()


def _score(number: Number) -> object:
    rating = number_value(number, "quality_rating")
    return MISSING if rating is MISSING else {"score": "UNKNOWN" if rating == "NA" else rating}


def _certificate_state(number: Number) -> object:
    name = number_value(number, "name_status")
    return {"PENDING_REVIEW": "NAME_PENDING_REVIEW", "DECLINED": "NAME_NOT_APPROVED"}.get(str(name), "APPROVED")


def _can_send(number: Number) -> Literal["AVAILABLE", "LIMITED", "BLOCKED"]:
    status = number_value(number, "status")
    if status in _BLOCKING:
        return "BLOCKED"
    limited = status in _LIMITING or number_value(number, "name_status") in _NOT_APPROVED
    return "LIMITED" if limited else "AVAILABLE"


def _number_health(number: Number) -> object:
    sends = _can_send(number)
    own: Values = {"entity_type": "PHONE_NUMBER", "id": number.id, "can_send_message": sends}
    if sends == "LIMITED":
        own["additional_info"] = ["The display name is not approved yet, or the number is limited for now"]
    if sends == "BLOCKED":
        own["errors"] = [
            {
                "error_code": 141000,
                "error_description": "The number cannot send in its present state",
                "possible_solution": "Register the number, or settle what blocks it in WhatsApp Manager",
            }
        ]
    return _health([own, *(_entities(number.wabas[0]) if number.wabas else [])])


def _health(entities: list[Values]) -> Values:
    """The whole is as bad as the worst of its entities."""
    said = {str(each["can_send_message"]) for each in entities}
    worst = next(word for word in ("BLOCKED", "LIMITED", "AVAILABLE") if word in said)
    return {"can_send_message": worst, "entities": entities}


def _entities(waba: Waba) -> list[Values]:
    """The WABA and who owns it; whatever holds one of them back is in ``HELD_BACK`` of the WABA."""
    held = waba.own.get(HELD_BACK)
    held_back: Values = held if isinstance(held, dict) else {}
    known = {"WABA": waba.id, "BUSINESS": waba.owner.id}
    entities = []
    for kind, entity_id in known.items():
        what = held_back.get(kind)
        trouble: Values = what if isinstance(what, dict) else {"can_send_message": "AVAILABLE"}
        entities.append({"entity_type": kind, "id": entity_id, **trouble})
    app = held_back.get("APP")
    return [*entities, {"entity_type": "APP", **app}] if isinstance(app, dict) else entities


_VERTICALS = ("RETAIL", "BEAUTY", "RESTAURANT", "HOTEL", "HEALTH", "PROF_SERVICES", "OTHER")


def _profile(number: Number) -> Values:
    """As its business filled it in, until it is changed: a third of them hardly did."""
    profile: Values = {"messaging_product": "whatsapp", "vertical": _VERTICALS[habit(number, "vertical", 7)]}
    name = number_value(number, "verified_name")
    if isinstance(name, str) and habit(number, "profile", 3):
        words = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum()) or "shop"
        profile |= {
            "about": f"{name} on WhatsApp",
            "description": f"{name} answers here on weekdays. Write to us about orders, prices and opening hours.",
            "email": f"hello@{words}.example",
            "websites": [f"https://{words}.example/"],
        }
    return {"data": [profile]}


def _namespace(waba: Waba) -> object:
    letters = sha256(f"namespace {waba.id}".encode()).hexdigest()
    return f"{letters[:8]}_{letters[8:12]}_{letters[12:16]}_{letters[16:20]}_{letters[20:32]}"


def _pool_time(entry: PreverifiedNumber, second: float | None) -> object:
    """A time as Meta's guide has it; for some numbers in Unix seconds, as a page of its v25.0 reference has it."""
    if second is None:
        return MISSING
    return int(second) if habit(entry, "time in seconds", 3) == 0 else timestamp(second)


def _public(business: Business) -> Values:
    return {"id": business.id, "name": business.name}


_NUMBER: dict[str, Callable[[Number], object]] = {
    "id": lambda number: number.id,
    "host_platform": lambda number: number_value(number, "platform_type"),
    "quality_score": _score,
    "messaging_limit_tier": _old_limit,
    "whatsapp_business_manager_messaging_limit": _portfolio_limit,
    "certificate": _certificate,
    "new_certificate": _new_certificate,
    "unified_cert_status": _certificate_state,
    "health_status": _number_health,
    "conversational_automation": lambda number: {"id": number.id, "enable_welcome_message": False},
    "whatsapp_business_profile": _profile,
}
_WABA: dict[str, Callable[[Waba], object]] = {
    "id": lambda waba: waba.id,
    "message_template_namespace": _namespace,
    "creation_time": lambda waba: waba.created,
    "business_verification_status": lambda waba: waba.owner.verification,
    "ownership_type": lambda waba: "SELF" if waba.relation == "owned" else "CLIENT_OWNED",
    "country": lambda waba: waba.owner.country,
    "whatsapp_business_manager_messaging_limit": lambda waba: waba.owner.limit,
    "owner_business": lambda waba: waba.owner,
    "owner_business_info": lambda waba: _public(waba.owner),
    "health_status": lambda waba: _health(_entities(waba)),
    "is_enabled_for_insights": lambda _: True,
    "is_shared_with_partners": lambda waba: waba.relation == "client",
    "template_auto_archival_enabled": lambda _: False,
    "disable_marketing_messages_on_cloud_api": lambda _: False,
    "marketing_messages_lite_api_status": lambda _: "ONBOARDED",
    "marketing_messages_onboarding_status": lambda _: "ONBOARDED",
}
_BUSINESS: dict[str, Callable[[Business], object]] = {
    "id": lambda business: business.id,
    "name": lambda business: business.name,
    "verification_status": lambda business: business.verification,
    "created_time": lambda _: "2021-02-03T04:05:06+0000",
    "whatsapp_business_manager_messaging_limit": lambda business: business.limit,
    "two_factor_type": lambda business: ("none", "admin_required", "all_required")[int(business.id) % 3],
}
_PREVERIFIED: dict[str, Callable[[PreverifiedNumber], object]] = {
    "id": lambda entry: entry.id,
    "phone_number": lambda entry: entry.phone_number,
    "code_verification_status": lambda entry: entry.code_verification_status,
    "code_verification_time": lambda entry: _pool_time(entry, entry.verified),
    "verification_expiry_time": lambda entry: _pool_time(entry, entry.expires),
    "owner_business": lambda entry: entry.owner,
}
