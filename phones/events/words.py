"""Events and the facts they leave, in a manager's words. Pure: dictionaries in, sentences out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from phones.choices import Tone
from phones.numbers.words import describe

Value = Mapping[str, object]

_REASONS_OF_REJECTION = {
    "NAME_EMPLOYEE_ISSUE": "it names a person who works there",
    "NAME_ENDCLIENT_NOTRELATED": "it does not match the business that uses the number",
    "NAME_FORMAT_UNACCEPTABLE": "its format is not accepted (capitals, signs, spacing)",
    "NAME_INDIVIDUAL_ISSUE": "it is the name of a person",
    "NAME_NOT_CONSISTENT": "it is not what the business calls itself elsewhere",
}
_REASONS_OF_DISCONNECTION = {
    "ACCOUNT_DISCONNECTED": "it was disconnected in the Business app",
    "BUSINESS_DOWNGRADE": "the account went back to the plain WhatsApp app",
    "CHANGE_NUMBER": "the number of the Business app was changed",
    "COMPANION_INACTIVITY": "our side was not used for too long",
    "PRIMARY_INACTIVITY": "the Business app on the phone was not used for too long",
    "USER_RE_REGISTERED": "the client set WhatsApp up again on the phone",
}
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
_BANS = {
    "SCHEDULE_FOR_DISABLE": ("Meta will disable this WABA", Tone.BAD),
    "DISABLE": ("Meta disabled this WABA", Tone.BAD),
    "REINSTATE": ("Meta reinstated this WABA", Tone.OK),
}
_DECISIONS = {
    "APPROVED": ("approved", Tone.OK),
    "REJECTED": ("rejected", Tone.BAD),
    "DECLINED": ("rejected", Tone.BAD),
    "DEFERRED": ("put off its decision on", Tone.WAIT),
    "PENDING": ("is reviewing", Tone.WAIT),
}
_CONNECTIONS = {
    "PARTNER_ADDED": ("The client shared this WABA with us", Tone.OK),
    "PARTNER_REMOVED": ("The client took our access away", Tone.BAD),
    "PARTNER_APP_INSTALLED": ("The client granted our app access", Tone.OK),
    "PARTNER_APP_UNINSTALLED": ("The client revoked our app’s access", Tone.BAD),
    "ACCOUNT_OFFBOARDED": ("Disconnected from the Business app", Tone.BAD),
    "ACCOUNT_RECONNECTED": ("Connected to the Business app again", Tone.OK),
}
_QUALITY = {
    "FLAGGED": ("Meta flagged its quality as low", Tone.WARN),
    "UNFLAGGED": ("Meta took the flag for low quality away", Tone.OK),
    "ONBOARDING": ("Meta gave it its first limit", Tone.NONE),
    "UPGRADE": ("Its limit rose", Tone.OK),
    "DOWNGRADE": ("Its limit fell", Tone.WARN),
    "THROUGHPUT_UPGRADE": ("Its throughput rose", Tone.OK),
}
_SECURITY = {
    "PIN_CHANGED": ("Its PIN was changed", Tone.WARN),
    "PIN_RESET_REQUEST": ("Someone asked Meta to reset its PIN", Tone.WARN),
    "PIN_REQUEST_SUCCESS": ("Its PIN was reset", Tone.WARN),
}
_OTHERS = {
    "ad_account": "An ad account was linked",
    "marketing_messages": "The terms of marketing messages were signed",
    "international_rates": "The rates for international authentication messages changed",
    "volume_tier": "Its volume tier for pricing changed",
    "verified_account": "Meta verified the account",
    "certification": "The certification of the client changed",
}
_CAPABILITIES = {
    "max_daily_conversation_per_phone": "Conversations a number may start in 24 hours",
    "max_daily_conversations_per_business": "People the business may write to in 24 hours",
    "max_phone_numbers_per_business": "Phone numbers the business may have",
    "max_phone_numbers_per_waba": "Phone numbers this WABA may have",
}


@dataclass(frozen=True, slots=True)
class EventWords:
    """One fact of an event in words. `until` is when it ends by itself; `holds` is false once it asks for no notice."""

    sentence: str
    tone: Tone = Tone.NONE
    until: datetime | None = None
    holds: bool = False


def told(name: str, value: Value) -> EventWords:
    """The fact `name` in words. Values that are in no table are shown as Meta spells them."""
    kind, _, more = name.partition(":")
    if kind == "capability":
        return _capability(more, value.get(more))
    if kind in _TELLERS:
        return _TELLERS[kind](value)
    return EventWords(_OTHERS.get(name, str(value.get("event") or name)))


def _name_decision(value: Value) -> EventWords:
    decision = str(value.get("decision", ""))
    verb, tone = _DECISIONS.get(decision, (f"says {decision} of", Tone.NONE))
    wanted = value.get("requested_verified_name")
    sentence = f"Meta {verb} the display name{f' “{wanted}”' if wanted else ''}"
    reason = str(value.get("rejection_reason") or "")
    if reason and reason != "UNKNOWN":
        sentence += f": {_REASONS_OF_REJECTION.get(reason, reason)}"
    return EventWords(sentence, tone, holds=decision in {"REJECTED", "DECLINED"})


def _quality(value: Value) -> EventWords:
    sentence, tone = _QUALITY.get(str(value.get("event")), (f"Quality event {value.get('event')}", Tone.NONE))
    limit = value.get("max_daily_conversations_per_business") or value.get("current_limit")
    limits = [
        describe("messaging_limit", str(each)).label
        for each in (value.get("old_limit") if limit else None, limit)
        if each
    ]
    return EventWords(f"{sentence}: {' → '.join(limits)}" if limits else sentence, tone)


def _security(value: Value) -> EventWords:
    sentence, tone = _SECURITY.get(str(value.get("event")), (f"Security event {value.get('event')}", Tone.NONE))
    return EventWords(sentence, tone)


def _connection(value: Value) -> EventWords:
    event = str(value.get("event"))
    sentence, tone = _CONNECTIONS.get(event, (event, Tone.NONE))
    reason, who = str(value.get("reason") or ""), value.get("initiated_by")
    if reason:
        sentence += f": {_REASONS_OF_DISCONNECTION.get(reason, reason)}"
    if who:
        sentence += " (done by the client)" if who == "USER" else " (done by Meta)" if who == "SYSTEM" else f" ({who})"
    return EventWords(sentence, tone, holds=tone == Tone.BAD)


def _restriction(value: Value) -> EventWords:
    listed = value.get("restriction_info")
    kinds, ends = [], []
    for one in listed if isinstance(listed, list) else [listed]:
        if isinstance(one, Mapping):
            kind = str(one.get("restriction_type", ""))
            kinds.append(_RESTRICTIONS.get(kind, kind))
            ends.append(_moment(one.get("expiration")))
    until = max((end for end in ends if end is not None), default=None) if None not in ends else None
    holds = bool(kinds) and (until is None or until > datetime.now(UTC))
    return EventWords(f"Meta restricts {', '.join(kinds) or 'nothing any more'}", Tone.WARN, until, holds)


def _ban(value: Value) -> EventWords:
    info = value.get("ban_info")
    info = info if isinstance(info, Mapping) else {}
    state = info.get("waba_ban_state")
    # One sample of Meta's has a list here.
    state = str(state[0]) if isinstance(state, list) and state else str(state or "")
    sentence, tone = _BANS.get(state, (f"Ban state {state}", Tone.BAD))
    date = info.get("waba_ban_date")
    return EventWords(f"{sentence}{f' ({date})' if date else ''}", tone, holds=state != "REINSTATE")


def _violation(value: Value) -> EventWords:
    info = value.get("violation_info")
    kind = info.get("violation_type") if isinstance(info, Mapping) else None
    return EventWords(f"Meta says a policy was violated{f': {kind}' if kind else ''}", Tone.WARN, holds=True)


def _review(value: Value) -> EventWords:
    decision = str(value.get("decision", ""))
    verb, tone = _DECISIONS.get(decision, (f"says {decision} of", Tone.NONE))
    return EventWords(f"Meta {verb} the account", tone, holds=decision == "REJECTED")


def _alert(value: Value) -> EventWords:
    tones = {"CRITICAL": Tone.BAD, "WARNING": Tone.WARN}
    tone = tones.get(str(value.get("alert_severity")), Tone.NONE)
    sentence = str(value.get("alert_description") or value.get("alert_type") or "Alert")
    return EventWords(sentence, tone, holds=value.get("alert_status") == "ACTIVE" and tone != Tone.NONE)


def _capability(key: str, amount: object) -> EventWords:
    return EventWords(f"{_CAPABILITIES.get(key, key)}: {'unlimited' if amount == -1 else amount}")


def _primary_location(value: Value) -> EventWords:
    return EventWords(f"The primary business location is {value.get('country', 'not told')}")


_TELLERS = {
    "name_decision": _name_decision,
    "quality_event": _quality,
    "security": _security,
    "pin_reset_request": _security,
    "connection": _connection,
    "partner": _connection,
    "app": _connection,
    "restriction": _restriction,
    "ban": _ban,
    "violation": _violation,
    "review": _review,
    "alert": _alert,
    "deleted": lambda _: EventWords("Meta says this WABA was deleted", Tone.BAD, holds=True),
    "primary_location": _primary_location,
}


def _moment(given: object) -> datetime | None:
    """Unix seconds as a time, None for what is none."""
    try:
        return datetime.fromtimestamp(int(str(given)), UTC)
    except (ValueError, OverflowError, OSError):
        return None
