"""Which error Graph's error answer stands for.

What a code means is looked up in `codes`; here are the few rules that need more than the code: which call was refused,
and the words of the message. Builds errors, raises none.
"""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from portal.graph.calls import Call
from portal.graph.errors import (
    AccountState,
    AddressNotAllowed,
    AppSecretWrong,
    BadCursor,
    BadRequest,
    ErrorFacts,
    GraphError,
    NotVisible,
    PermissionMissing,
    Throttled,
    TokenDead,
    TooMuchData,
    Transient,
    UnknownError,
    UnknownField,
    codes,
)
from portal.graph.errors.number_actions import CoexistenceRefused, NumberNotAdded
from portal.graph.errors.redaction import Redactor
from portal.graph.errors.signup_codes import CodeNotForUs

_LONGEST_MESSAGE = 500

_NONEXISTING_FIELD = re.compile(
    r"non-?existing field(?:\s*\(([\w.]{1,100})\))?(?:[^()]{0,200}\((\w{1,100})\))?", re.IGNORECASE
)
# The same sentence in another language keeps its two brackets: the field, then the type of the node.
_FIELD_AND_TYPE = re.compile(r"\((\w{1,100})\)[^()]{0,200}\((\w{1,100})\)")
_MARKED_WORD = re.compile(r"[(\"'`](\w{1,100})[)\"'`]")

# Code 1 is Meta's "unknown", but for this one sentence.
_LESS_DATA = re.compile(r"\breduce the amount of data\b", re.IGNORECASE)

# "Invalid appsecret_proof provided in the API argument", or, without one: "… require an appsecret_proof argument".
_PROOF = re.compile(r"\bappsecret_proof\b")

# Of the exchange of a signup's code only. Elsewhere 1 is Meta's "unknown"; here too, unless the secret is named.
_EXCHANGE = "access_token"
_WRONG_APP = 101
_UNKNOWN = 1
_WRONG_SECRET = re.compile(r"\bclient secret\b", re.IGNORECASE)

# The calls that carry no text of ours that Meta could quote, so that the word SMB in an answer is Meta's own.
_REGISTERING = frozenset({"register", "deregister"})
_WITHOUT_OUR_WORDS = _REGISTERING | {"request_code", "verify_code"}
_SMB = re.compile(r"\bSMB\b")  # Meta's name for the app's accounts; an acronym stays what it is in every language

# "Try again in 5 minutes", "wait for 3600 seconds", "retry after 1 hour". Meta's page promises a time in `details` but
# shows no sample, so anything less plain than this is not taken for one.
_SPAN = re.compile(r"(?<![\w.,:/+-])([0-9]{1,6}) ?(second|minute|hour)s?\b", re.IGNORECASE)
_ASKS_TO_WAIT = re.compile(r"\b(?:wait|again|retry)\b[^0-9.]{0,40}\Z", re.IGNORECASE)
_LONGEST_WAIT = timedelta(days=7)


def envelope_of(body: object) -> Mapping[str, object] | None:
    """The error in an answer; None when the answer holds none."""
    error = body.get("error") if isinstance(body, dict) else None
    if not error:
        return None
    return error if isinstance(error, dict) else {"message": error}


def verdict(
    envelope: Mapping[str, object],
    call: Call,
    http_status: int,
    retry_after: timedelta | None,
    redactor: Redactor,
    *,
    is_apps_limit: bool = False,
) -> GraphError:
    """The error that Graph's answer stands for, with everything in it redacted."""
    raw_message = envelope.get("message")
    message = redactor.clean(raw_message, _LONGEST_MESSAGE)
    code, subcode = _number(envelope.get("code")), _number(envelope.get("error_subcode"))
    facts: ErrorFacts = {
        "code": code,
        "subcode": subcode,
        "http_status": http_status,
        "user_title": redactor.clean(envelope.get("error_user_title"), _LONGEST_MESSAGE),
        "user_message": redactor.clean(envelope.get("error_user_msg"), _LONGEST_MESSAGE),
        "details": redactor.clean(_details(envelope.get("error_data")), _LONGEST_MESSAGE),
        "fbtrace_id": redactor.clean(envelope.get("fbtrace_id"), 64),
        "is_transient": envelope.get("is_transient") in (True, "true"),
        "retry_after": retry_after,
        "method": call.method,
        "path": call.shown_path,
        "changes": call.changes,
    }
    if call.changes and (refused := _refused_action(message, call.path.rpartition("/")[2], facts)):
        return refused
    if refused := _refused_app_or_token(message, envelope, facts):
        return refused
    if code in codes.NOT_VISIBLE or (code == 100 and subcode == 33):
        return NotVisible(message, **facts)
    if code in codes.PERMISSION:
        return PermissionMissing(message, field_name=_marked_field(message, call), **facts)
    if code is not None and (scope := codes.THROTTLED.get(code)):
        return Throttled(message, scope=scope, is_apps_limit=is_apps_limit and scope == "app", **facts)
    if code in codes.BAD_REQUEST:
        return _bad_request(message, call, facts)
    if code in codes.ACCOUNT_STATE:
        return AccountState(message, **facts)
    if code in codes.TRANSIENT:
        is_too_much = code == _UNKNOWN and not call.changes and _LESS_DATA.search(message)
        return TooMuchData(message, **facts) if is_too_much else Transient(message, **facts)
    if http_status == 429:
        return Throttled(message, scope="app", is_apps_limit=is_apps_limit, **facts)
    return _by_circumstance(message, call, http_status, facts)


def _refused_app_or_token(message: str, envelope: Mapping[str, object], facts: ErrorFacts) -> GraphError | None:
    code = facts.get("code")
    if code == codes.ADDRESS_NOT_ALLOWED:
        return AddressNotAllowed(message, **facts)
    if _PROOF.search(message):
        return AppSecretWrong(message, **facts)
    return TokenDead(message, **facts) if _is_dead_token(code, envelope) else None


def _refused_action(message: str, edge: str, facts: ErrorFacts) -> GraphError | None:
    """The error for a refused action; None when its code is none of the actions' own.

    `edge` is the last part of the path that was called. `message` and `facts` are redacted already.
    """
    kind = _kind_of_refusal(message, edge, facts)
    if kind is None:
        return None
    known: ErrorFacts = {**facts, "retry_after": stated_wait(facts.get("details", ""))}
    return kind(message, **known)


def _kind_of_refusal(message: str, edge: str, facts: ErrorFacts) -> type[GraphError] | None:
    code, subcode = facts.get("code"), facts.get("subcode")
    if code is None:
        return None
    if code == 136025 and edge in _REGISTERING:
        return CoexistenceRefused
    if code in (100, 136025) and edge in _WITHOUT_OUR_WORDS and _SMB.search(f"{message} {facts.get('details', '')}"):
        return CoexistenceRefused
    if edge == _EXCHANGE and (code == _WRONG_APP or (code == _UNKNOWN and _WRONG_SECRET.search(message))):
        return CodeNotForUs
    if (code, subcode) == codes.TOO_MANY_NUMBERS and edge == "phone_numbers":
        return NumberNotAdded
    if subcode is not None and (code, subcode) in codes.ACTION_REFUSED_BY_SUBCODE:
        return codes.ACTION_REFUSED_BY_SUBCODE[code, subcode]
    return codes.ACTION_REFUSED.get(code)


def stated_wait(details: str) -> timedelta | None:
    """How long Meta's details ask to wait; None unless they name one plain number of seconds, minutes or hours."""
    spans = list(_SPAN.finditer(details))
    if len(spans) != 1 or not _ASKS_TO_WAIT.search(details[: spans[0].start()]):
        return None
    wait = timedelta(**{f"{spans[0][2].lower()}s": int(spans[0][1])})
    return wait if timedelta(0) < wait <= _LONGEST_WAIT else None


def _is_dead_token(code: int | None, envelope: Mapping[str, object]) -> bool:
    # Code 0 is Meta's AuthException; `type` may be missing, and another type with code 0 tells nothing.
    return code in codes.TOKEN_DEAD or (code == 0 and envelope.get("type") in (None, "AuthException", "OAuthException"))


def _bad_request(message: str, call: Call, facts: ErrorFacts) -> BadRequest:
    if facts.get("code") == 100:
        known = _NONEXISTING_FIELD.search(message)
        foreign = _FIELD_AND_TYPE.search(message)
        if known:
            return UnknownField(message, field_name=known[1] or "", node_type=known[2] or "", **facts)
        if foreign and foreign[1] in call.fields:
            return UnknownField(message, field_name=foreign[1], node_type=foreign[2], **facts)
        if call.after is not None and "cursor" in message.lower():
            return BadCursor(message, **facts)
    return BadRequest(message, **facts)


def _by_circumstance(message: str, call: Call, http_status: int, facts: ErrorFacts) -> GraphError:
    """For codes that are in no class. Meta's flag alone is never a reason to repeat a call that changes something."""
    if not call.changes and (facts.get("is_transient") or http_status >= 500):
        return Transient(message, **facts)
    return UnknownError(message, **facts)


def _marked_field(message: str, call: Call) -> str:
    return next((word for word in _MARKED_WORD.findall(message) if word in call.fields), "")


def _details(error_data: object) -> object:
    """`error_data` is an object, or the same written as a string, or plain text."""
    data = error_data
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return error_data
    return data.get("details") if isinstance(data, dict) else error_data


def _number(raw: object) -> int | None:
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) < 12:
        raw = int(raw)
    return raw if isinstance(raw, int) and not isinstance(raw, bool) and abs(raw) < 2**31 else None
