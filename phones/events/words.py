"""Events and the facts they leave, in a manager's words. Pure: dictionaries in, sentences out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from phones.choices import Tone
from phones.numbers import reported
from phones.numbers.words import describe, describe_waba, restrictions_in_words

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
# Of a WABA.
_ACCESS = {
    "PARTNER_ADDED": ("This WABA was shared with us", Tone.OK),
    "PARTNER_REMOVED": ("Our access to this WABA was taken away", Tone.BAD),
    "PARTNER_APP_INSTALLED": ("The client granted our app access", Tone.OK),
    "PARTNER_APP_UNINSTALLED": ("The client revoked our app’s access", Tone.BAD),
}
# Of a number that is in the WhatsApp Business app too, or of the whole account of such a number.
_CONNECTIONS = {
    "PARTNER_ADDED": ("Connected to Cloud API", Tone.OK),
    "PARTNER_REMOVED": ("Disconnected from Cloud API", Tone.BAD),
    "ACCOUNT_OFFBOARDED": (
        "Meta took Cloud API off it; the Business app on the phone goes on, and often reconnects it within minutes",
        Tone.WARN,
    ),
    "ACCOUNT_RECONNECTED": ("Connected to Cloud API again", Tone.OK),
}
_QUALITY = {
    "FLAGGED": ("Meta flagged its quality as low", Tone.WARN),
    "UNFLAGGED": ("Meta took the flag for low quality away", Tone.OK),
    "ONBOARDING": ("Meta is still registering it", Tone.NONE),
    "UPGRADE": ("Its limit rose", Tone.OK),
    "DOWNGRADE": ("Its limit fell", Tone.WARN),
}
_CERTIFICATION = {
    "PENDING": ("is under review at Meta", Tone.WAIT),
    "APPROVED": ("was approved", Tone.OK),
    "FAILED": ("failed", Tone.BAD),
    "DISCARDED": ("was discarded", Tone.NONE),
    "REVOKED": ("was revoked", Tone.BAD),
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
    "verified_account": "Out of Meta’s trial (VERIFIED_ACCOUNT)",
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


def event_words(name: str, value: Value) -> EventWords:
    """The fact `name` in words. Values that are in no table are shown as Meta spells them."""
    kind, _, more = name.partition(":")
    if kind == "capability":
        return _capability(more, value.get(more))
    if kind in _TELLERS:
        found = _TELLERS[kind](value)
        return replace(found, holds=reported.asks_for_attention(name, value, now=datetime.now(UTC)))
    return EventWords(_OTHERS.get(name, str(value.get("event") or name)))


def _name_decision(value: Value) -> EventWords:
    decision = str(value.get("decision", ""))
    verb, tone = _DECISIONS.get(decision, (f"says {decision} of", Tone.NONE))
    wanted = value.get("requested_verified_name")
    sentence = f"Meta {verb} the display name{f' “{wanted}”' if wanted else ''}"
    reason = str(value.get("rejection_reason") or "")
    if reason and reason != "UNKNOWN":
        sentence += f": {_REASONS_OF_REJECTION.get(reason, reason)}"
    return EventWords(sentence, tone)


def _quality(value: Value) -> EventWords:
    event = str(value.get("event"))
    if event == "THROUGHPUT_UPGRADE":
        # What it has as a limit stands for the throughput here, and is no messaging limit.
        return EventWords("Meta raised its throughput", Tone.OK)
    sentence, tone = _QUALITY.get(event, (f"Quality event {event}", Tone.NONE))
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


def _access(value: Value) -> EventWords:
    sentence, tone = _ACCESS.get(str(value.get("event")), (str(value.get("event")), Tone.NONE))
    return EventWords(sentence + _why_and_by_whom(value), tone)


def _connection(value: Value) -> EventWords:
    sentence, tone = _CONNECTIONS.get(str(value.get("event")), (str(value.get("event")), Tone.NONE))
    return EventWords(sentence + _why_and_by_whom(value), tone)


def _why_and_by_whom(value: Value) -> str:
    reason, who = str(value.get("reason") or ""), value.get("initiated_by")
    why = f": {_REASONS_OF_DISCONNECTION.get(reason, reason)}" if reason else ""
    by = {"USER": "the client", "SYSTEM": "Meta"}.get(str(who))
    return f"{why} (done by {by})" if by else f"{why} ({who})" if who else why


def _other_app(value: Value) -> EventWords:
    """Access of an app that is not known to be ours."""
    verb = "granted access to" if value.get("event") == "PARTNER_APP_INSTALLED" else "revoked the access of"
    app_id = value.get("partner_app_id")
    which = f"another app ({app_id})" if app_id else "an app that Meta did not name"
    return EventWords(f"The client {verb} {which}")


def _restriction(value: Value) -> EventWords:
    kinds = restrictions_in_words(value)
    return EventWords(f"Meta restricts {kinds or 'nothing any more'}", Tone.WARN, reported.restriction_end(value))


def _ban(value: Value) -> EventWords:
    states, date = reported.ban_states_in(value), reported.ban_date_in(value)
    if len(states) > 1:
        sentence, tone = f"Meta named several ban states at once: {', '.join(states)}", Tone.WARN
    else:
        state = states[0] if states else ""
        sentence, tone = _BANS.get(state, (f"Ban state {state}", Tone.BAD))
    return EventWords(f"{sentence}{f' ({date})' if date else ''}", tone)


def _violation(value: Value) -> EventWords:
    info = value.get("violation_info")
    kind = info.get("violation_type") if isinstance(info, Mapping) else None
    return EventWords(f"Meta says a policy was violated{f': {kind}' if kind else ''}", Tone.WARN)


def _certification(value: Value) -> EventWords:
    """Partner-led business verification: we hand the client's papers in, and Meta decides."""
    if value.get("event") == reported.CERTIFICATION_NEEDED:
        sentence = "We have to have the client’s business verified: until then it can’t send messages"
        return EventWords(sentence, Tone.ACT)
    info = reported.certification_in(value)
    status, reasons = str(info.get("status") or ""), info.get("rejection_reasons")
    outcome, tone = _CERTIFICATION.get(status, (f"has the state {status or 'that Meta did not name'}", Tone.NONE))
    named = [str(one) for one in (reasons if isinstance(reasons, list) else [reasons]) if one and one != "NONE"]
    sentence = f"Our request to verify the client’s business {outcome}"
    return EventWords(f"{sentence}: {', '.join(named)}" if named else sentence, tone)


def _business_verification(value: Value) -> EventWords:
    info = value.get("business_verification_info")
    status = info.get("verification_status") if isinstance(info, Mapping) else None
    if not status:
        return EventWords("The verification of the client’s business changed")
    words = describe_waba("business_verification_status", str(status).lower())
    return EventWords(f"The verification of the client’s business changed: {words.label}", words.tone)


def _review(value: Value) -> EventWords:
    decision = str(value.get("decision", ""))
    verb, tone = _DECISIONS.get(decision, (f"says {decision} of", Tone.NONE))
    return EventWords(f"Meta {verb} the account", tone)


def _alert(value: Value) -> EventWords:
    tones = {"CRITICAL": Tone.BAD, "WARNING": Tone.WARN}
    tone = tones.get(str(value.get("alert_severity")), Tone.NONE)
    sentence = str(value.get("alert_description") or value.get("alert_type") or "Alert")
    return EventWords(sentence, tone)


def _capability(key: str, amount: object) -> EventWords:
    return EventWords(f"{_CAPABILITIES.get(key, key)}: {'unlimited' if amount == -1 else amount}")


def _primary_location(value: Value) -> EventWords:
    return EventWords(f"The primary business location is {value.get('country', 'not named')}")


_TELLERS = {
    "name_decision": _name_decision,
    "quality_event": _quality,
    "security": _security,
    "pin_reset_request": _security,
    "connection": _connection,
    "partner": _access,
    "app": _access,
    "other_app": _other_app,
    "certification": _certification,
    "business_verification": _business_verification,
    "restriction": _restriction,
    "ban": _ban,
    "violation": _violation,
    "review": _review,
    "alert": _alert,
    "deleted": lambda _: EventWords("Meta says this WABA was deleted", Tone.BAD),
    "primary_location": _primary_location,
}
