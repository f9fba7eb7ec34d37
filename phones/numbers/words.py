"""Which words and which tone say what Graph returned of a number or a WABA. Pure: the tables are in `phones.choices`.

What a number needs next is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from phones.choices import (
    HEALTH_STATUSES,
    NOT_RETURNED,
    NOT_WORKED_OUT,
    OWN_FIELDS,
    REGISTERED,
    STATUSES,
    WABA_STATUSES,
    Status,
    Tone,
)
from phones.numbers import reported, rules, time_zones
from phones.numbers.profile import VERTICALS
from phones.trait_choices import TRAIT_COLUMNS, TRAITS

if TYPE_CHECKING:
    from phones.models import PhoneNumber
    from phones.numbers.rules import Platform

# Graph's field → what the pages call it.
LABELS = {
    "display_phone_number": "Phone number",
    "account_mode": "Account mode",
    "is_official_business_account": "Official business account",
    "is_on_biz_app": "In the WhatsApp Business app",
    "is_preverified_number": "From a pre-verified pool",
    "status": "Connection",
    "platform_type": "Platform",
    "code_verification_status": "One-time code",
    "is_pin_enabled": "Two-step PIN",
    "last_onboarded_time": "Signed up",
    "verified_name": "Display name",
    "name_status": "Name review",
    "new_display_name": "Requested name",
    "new_name_status": "Review of the request",
    "quality_rating": "Quality",
    "messaging_limit": "Messaging limit",
    "throughput": "Throughput",
    "webhook_configuration": "Webhook",
    "may_send": "May send",
}
WABA_LABELS = {
    "name": "Name",
    "status": "Status",
    "account_review_status": "Account review",
    "business_verification_status": "Business verification",
    "messaging_limit": "Messaging limit",
    "owner_business_name": "Owned by",
    "owner_business_id": "Owner’s business id",
    "ownership_type": "Ownership",
    "currency": "Currency",
    "timezone_id": "Time zone",
    "country": "Country",
    "creation_time": "Made at Meta",
}
# What is read of a WABA beside the sync, kept in `WabaDetails`.
WABA_DETAIL_LABELS = {
    "primary_funding_id": "Paid by",
    "assigned_users": "Our people on it",
    "solutions": "Multi-Partner Solutions",
    "is_shared_with_partners": "Shared with partners",
    "marketing_messages_onboarding_status": "Marketing messages",
    "message_template_namespace": "Template namespace",
    "on_behalf_of_business_info": "On behalf of",
    "primary_business_location": "Main location",
    "owner_verification_status": "Owner’s verification",
    "owner_two_factor_type": "Owner’s two-factor rule",
    "owner_messaging_limit": "Owner’s messaging limit",
}
# Whether a number or a WABA lets messages be sent, in the history of either.
HEALTH_LABELS = {"can_send_message": "Can send, says Meta"}
PROFILE_LABELS = {
    "about": "About",
    "description": "Description",
    "vertical": "Category",
    "address": "Address",
    "email": "E-mail",
    "websites": "Websites",
}
# How truth values read; "yes" and "no" where nothing better is given.
TRUTHS = {"is_pin_enabled": ("Set", "Not set"), "is_on_biz_app": ("Yes, the app manages it", "No")}
_RESTRICTIONS = {
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION": "adding phone numbers",
    "RESTRICTED_BIZ_INITIATED_MESSAGING": "starting conversations",
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING": "answering customers",
    "RESTRICTED_UTILITY_TEMPLATES": "utility templates",
    "RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES": "utility templates sent directly",
    "RESTRICTED_BUSINESS_INITIATED_CALLING": "calling customers",
    "RESTRICTED_USER_INITIATED_CALLING": "being called by customers",
    "RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN": "being called by customers (button hidden)",
    "RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING": "calls in both directions",
}
# What to do next, for a person who sees the number on another of its WABAs than the one that it is under.
LEAVING = "It is being offboarded: what is left to do stands in its case file."
UNDER_ANOTHER_WABA = "It is under a WABA that is not yours to see: ask a team lead what it needs."
_LONGEST = 120


def describe(field: str, value: str | None) -> Status:
    """The words for `value` of the number's `field`. A value that no table knows is its own label, in neutral tone."""
    return _described(STATUSES, field, value)


def describe_waba(field: str, value: str | None) -> Status:
    """The same for `value` of the WABA's `field`."""
    return _described(WABA_STATUSES, field, value)


def describe_health(value: str | None) -> Status:
    """The same for `can_send_message` in the health of a number or a WABA."""
    return _described(HEALTH_STATUSES, "can_send_message", value)


def _described(tables: Mapping[str, Mapping[str, Status]], field: str, value: str | None) -> Status:
    if value is None:
        return NOT_WORKED_OUT if field in OWN_FIELDS else NOT_RETURNED
    known = tables.get(field, {}).get(value)
    return known or Status(value, Tone.NONE, "Shown as Meta sent it: the desk has no words for this value yet.")


def registered_word(number: Platform) -> str:
    """Whether `number` is registered with Cloud API, as filters and files spell it: yes, no, unknown."""
    return {True: "yes", False: "no", None: "unknown"}[rules.reported_registered(number)]


def describe_registration(number: PhoneNumber) -> Status:
    """The words for whether `number` is registered with Cloud API."""
    return REGISTERED[registered_word(number)]


def trait_word(value: object) -> str:
    """What the column of a trait says, as filters and files spell it. Nothing is "unknown", and never a no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "unknown" if value is None else str(value)


def describe_trait(number: PhoneNumber, trait: str) -> Status:
    """The words for a trait of `number`: its username, profile, calling or official account."""
    word = trait_word(getattr(number, TRAIT_COLUMNS[trait]))
    return TRAITS[trait].get(word) or Status(word, Tone.NONE)


# "Connected" alone proves nothing: only on Cloud API is the number registered.
_CONNECTED_NOT_REGISTERED = Status(
    "Connected, not registered", Tone.ACT, "Meta reports it connected and not on Cloud API."
)
_CONNECTED_SOMEHOW = Status(
    "Connected", Tone.NONE, "Meta did not say on which platform, so whether it can send is not known."
)
_STOPPED = Status("Can’t send", Tone.BAD, "Meta lets it send nothing.")
_IN_THE_APP = "The number is also in the Business app, where Meta allows up to 20 messages a second."


def describe_of(number: PhoneNumber, field: str) -> Status:
    """The words for `field` of `number`, beside what else is known of it.

    A registered number's code verification very often reads EXPIRED or NOT_VERIFIED, and its name EXPIRED. Both
    mattered before the registration only, so nothing is asked of anybody for them. A requested name that is the
    displayed one by now is live. A number that is connected and not on Cloud API is not registered, and not green.
    """
    value = getattr(number, field)
    found = describe(field, value)
    if field == "status" and value == rules.CONNECTED and not rules.is_registered(number):
        return _CONNECTED_SOMEHOW if rules.reported_registered(number) is None else _CONNECTED_NOT_REGISTERED
    if field == "may_send" and rules.is_stopped(number):
        return _STOPPED
    if field == "throughput" and number.is_on_biz_app and value in {"STANDARD", "HIGH"}:
        return Status(found.label, found.tone, _IN_THE_APP)
    if found.tone != Tone.ACT:
        return found
    if field in {"code_verification_status", "name_status"} and rules.is_registered(number):
        return Status(found.label, Tone.NONE, f"{found.meaning} The number is registered, so this no longer matters.")
    if field == "new_name_status" and not rules.is_new_name_waiting(number):
        return Status("Live", Tone.OK, "The requested name is the one that people see.")
    return found


def restrictions_in_words(value: Mapping[str, object]) -> str:
    """What a restriction that Meta reported takes away, in a list; empty when it takes nothing."""
    kinds = [str(one.get("restriction_type", "")) for one in reported.restrictions_in(value)]
    return ", ".join(_RESTRICTIONS.get(kind, kind) for kind in kinds)


def yes_or_no(field: str, *, yes: bool) -> str:
    return TRUTHS.get(field, ("Yes", "No"))[0 if yes else 1]


def value_in_words(field: str, value: object, *, of_waba: bool = False) -> str:
    """A value of history as a person reads it; nothing is "not returned"."""
    if value is None:
        return "not returned"
    if isinstance(value, bool):
        return yes_or_no(field, yes=value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {inner}" for name, inner in value.items())[:_LONGEST] or "empty"
    if isinstance(value, list):
        return ", ".join(map(str, value))[:_LONGEST] or "empty"
    text = str(value)
    if (label := _label_of(field, text, of_waba=of_waba)) is not None:
        return label
    if field.endswith("_time"):
        try:
            return f"{datetime.fromisoformat(text):%-d %b %Y}"
        except ValueError:
            return text
    return text[:_LONGEST] or "empty"


def _label_of(field: str, text: str, *, of_waba: bool) -> str | None:
    """The words for a value that one of the tables has; None for a field that none is about."""
    if of_waba and field in WABA_STATUSES:
        return str(describe_waba(field, text).label)
    if of_waba and field == "timezone_id":
        return time_zones.name_of(text)
    if field in HEALTH_STATUSES:
        return str(describe_health(text).label)
    if not of_waba and field in STATUSES:
        return str(describe(field, text).label)
    return VERTICALS.get(text) if field == "vertical" else None
