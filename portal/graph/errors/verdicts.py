"""Which error Graph's error answer stands for.

A table of Meta's codes and the few rules that need more than the code. HTTP status codes vary for the same error, so
the code decides. The codes of actions and of a signup's code are in `refusals`. Builds errors, raises none.
Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling and
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from portal.graph.errors import (
    AccountState,
    BadCursor,
    BadRequest,
    Facts,
    GraphError,
    NotVisible,
    PermissionMissing,
    Scope,
    Throttled,
    TokenDead,
    Transient,
    UnknownError,
    UnknownField,
)
from portal.graph.errors.codes import refusal
from portal.graph.errors.redaction import Redactor
from portal.graph.writes.changes import Body

_LONGEST_MESSAGE = 500

_TOKEN_DEAD = frozenset({102, 104, 190})
_PERMISSION = frozenset({3, 10, *range(200, 300)})
_NOT_VISIBLE = frozenset({33, 803})
_TRANSIENT = frozenset({1, 2, 131000, 131016, 131057, 133004})
_BAD_REQUEST = frozenset({100, 2500, 131009})
_ACCOUNT_STATE = frozenset({368, 131031, 131042})
_THROTTLED: Mapping[int, Scope] = {
    **dict.fromkeys((4, 17, 32, 613), "app"),
    **dict.fromkeys((80007, 80008), "waba"),
    **dict.fromkeys((130429, 131048, 131056, 133016), "number"),
}

_NONEXISTING_FIELD = re.compile(r"non-?existing field(?:\s*\(([\w.]{1,100})\))?", re.IGNORECASE)
# The same sentence in another language keeps its two brackets: the field, then the type of the node.
_FIELD_AND_TYPE = re.compile(r"\((\w{1,100})\)[^()]{0,200}\(\w{1,100}\)")
_MARKED_WORD = re.compile(r"[(\"'`](\w{1,100})[)\"'`]")


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it was put to Graph, without its token."""

    path: str
    """With the version, without the query."""
    object_id: str = ""
    fields: tuple[str, ...] = ()
    after: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    method: str = "GET"
    body: Body = field(default=(), repr=False)
    """Sent as JSON; nothing is sent when it is empty."""
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What the call carries besides its token that no text may show."""
    exchange: bool = False
    """A GET that uses up the code it carries and is answered by a token: nothing of its answer is ever shown."""

    @property
    def changes(self) -> bool:
        """Whether the call has an effect at Meta."""
        return self.method != "GET" or self.exchange


def envelope_of(body: object) -> Mapping[str, object] | None:
    """The error in an answer; None when the answer holds none."""
    error = body.get("error") if isinstance(body, dict) else None
    if not error:
        return None
    return error if isinstance(error, dict) else {"message": error}


def verdict(
    envelope: Mapping[str, object], call: Call, http_status: int, retry_after: timedelta | None, redactor: Redactor
) -> GraphError:
    """The error that Graph's answer stands for, with everything in it redacted."""
    raw_message = envelope.get("message")
    message = redactor.clean(raw_message, _LONGEST_MESSAGE)
    code, subcode = _number(envelope.get("code")), _number(envelope.get("error_subcode"))
    facts: Facts = {
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
        "path": call.path,
        "changes": call.changes,
    }
    if call.changes and (refused := refusal(message, call.path.rpartition("/")[2], facts)):
        return refused
    if _is_dead_token(code, envelope):
        return TokenDead(message, **facts)
    if code in _NOT_VISIBLE or (code == 100 and subcode == 33):
        return NotVisible(message, **facts)
    if code in _PERMISSION:
        return PermissionMissing(message, field_name=_marked_field(message, call), **facts)
    if code is not None and (scope := _THROTTLED.get(code)):
        return Throttled(message, scope=scope, **facts)
    if code in _BAD_REQUEST:
        return _bad_request(message, call, facts)
    if code in _ACCOUNT_STATE:
        return AccountState(message, **facts)
    if code in _TRANSIENT:
        return Transient(message, **facts)
    return _by_circumstance(message, call, http_status, facts)


def _is_dead_token(code: int | None, envelope: Mapping[str, object]) -> bool:
    # Code 0 is Meta's AuthException; `type` may be missing, and another type with code 0 tells nothing.
    return code in _TOKEN_DEAD or (code == 0 and envelope.get("type") in (None, "AuthException", "OAuthException"))


def _bad_request(message: str, call: Call, facts: Facts) -> BadRequest:
    if facts.get("code") == 100:
        known = _NONEXISTING_FIELD.search(message)
        foreign = _FIELD_AND_TYPE.search(message)
        if known:
            return UnknownField(message, field_name=known[1] or "", **facts)
        if foreign and foreign[1] in call.fields:
            return UnknownField(message, field_name=foreign[1], **facts)
        if call.after is not None and "cursor" in message.lower():
            return BadCursor(message, **facts)
    return BadRequest(message, **facts)


def _by_circumstance(message: str, call: Call, http_status: int, facts: Facts) -> GraphError:
    """For codes that are in no class. Meta's flag alone is never a reason to repeat a call that changes something."""
    if http_status == 429:
        return Throttled(message, scope="app", **facts)
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
