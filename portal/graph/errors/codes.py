"""Which error a refused action stands for, on a number or with a signup's code, and how long Meta says to wait.

A table of codes, and the few rules that need to know which call was refused. Never consulted for reads.
Sources: https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, the business
messaging spec in https://github.com/facebook/openapi, and answers published by others where Meta documents none.
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from portal.graph.errors import Facts, GraphError
from portal.graph.errors.number_actions import (
    AlreadyUnregistered,
    CertificateError,
    CodeRejected,
    CodeRequestFailed,
    CoexistenceRefused,
    DeregistrationIncomplete,
    GenericRegistrationFailure,
    NotRegistered,
    NotVerified,
    NumberNotAdded,
    PinGuessesExceeded,
    PinMismatch,
    PinTooFast,
    RecentlyDeleted,
    RegistrationLimit,
    ServerUnavailable,
)
from portal.graph.errors.signup_codes import CodeExpired, CodeNotForUs, CodeUsed

_BY_CODE: Mapping[int, type[GraphError]] = {
    131045: CertificateError,
    133000: DeregistrationIncomplete,
    133004: ServerUnavailable,
    133005: PinMismatch,
    133006: NotVerified,
    133008: PinGuessesExceeded,
    133009: PinTooFast,
    133010: NotRegistered,
    133015: RecentlyDeleted,
    133016: RegistrationLimit,
    135000: GenericRegistrationFailure,
    136024: CodeRequestFailed,
    136025: CodeRejected,
    200000: NumberNotAdded,
}
_BY_SUBCODE: Mapping[tuple[int, int], type[GraphError]] = {
    (100, 36007): CodeExpired,
    (100, 36008): CodeNotForUs,
    (100, 36009): CodeUsed,
    (100, 2207051): AlreadyUnregistered,
    (100, 2388001): CertificateError,
}
_TOO_MANY_NUMBERS = (200, 1349175)  # of the edge that adds numbers; elsewhere a permission like any other

# Of the exchange of a code only: elsewhere 1 is Meta's "unknown", and here it is too unless the secret is named.
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


def refusal(message: str, edge: str, facts: Facts) -> GraphError | None:
    """The error for a refused action; None when its code is none of the actions' own.

    `edge` is the last part of the path that was called. `message` and `facts` are redacted already.
    """
    kind = _kind(message, edge, facts)
    if kind is None:
        return None
    told: Facts = {**facts, "retry_after": told_wait(facts.get("details", ""))}
    return kind(message, **told)


def _kind(message: str, edge: str, facts: Facts) -> type[GraphError] | None:
    code, subcode = facts.get("code"), facts.get("subcode")
    if code is None:
        return None
    if code == 136025 and edge in _REGISTERING:
        return CoexistenceRefused
    if code in (100, 136025) and edge in _WITHOUT_OUR_WORDS and _SMB.search(f"{message} {facts.get('details', '')}"):
        return CoexistenceRefused
    if edge == _EXCHANGE and (code == _WRONG_APP or (code == _UNKNOWN and _WRONG_SECRET.search(message))):
        return CodeNotForUs
    if (code, subcode) == _TOO_MANY_NUMBERS and edge == "phone_numbers":
        return NumberNotAdded
    if subcode is not None and (code, subcode) in _BY_SUBCODE:
        return _BY_SUBCODE[code, subcode]
    return _BY_CODE.get(code)


def told_wait(details: str) -> timedelta | None:
    """How long Meta's details ask to wait; None unless they name one plain number of seconds, minutes or hours."""
    spans = list(_SPAN.finditer(details))
    if len(spans) != 1 or not _ASKS_TO_WAIT.search(details[: spans[0].start()]):
        return None
    wait = timedelta(**{f"{spans[0][2].lower()}s": int(spans[0][1])})
    return wait if timedelta(0) < wait <= _LONGEST_WAIT else None
