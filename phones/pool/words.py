"""The words for where a pool number stands, and for what it means when Meta refuses something done to it. Pure.

Where the pool differs from a client's number it has words of its own; else those of `phones.actions.words` hold.
Meta's own text is shown beside these words, never in their place.
"""

import phonenumbers

from clients.explanations import Explanation
from phones.actions.words import advice
from phones.pool.clocks import PoolState

# The labels of the board's tabs, in their order.
STATES = {
    PoolState.NEEDS_CODE: "Needs code",
    PoolState.LEAVING: "About to leave",
    PoolState.AVAILABLE: "Available",
    PoolState.RENEWABLE: "Re-verifiable",
    PoolState.EXPIRING: "Expiring",
    PoolState.EXPIRED: "Expired",
    PoolState.RESERVED: "Reserved",
    PoolState.CLAIMED: "Claimed",
    PoolState.UNKNOWN: "Not known",
    PoolState.IN_USE: "In use",
    PoolState.GONE: "Gone",
    PoolState.DELETED: "Deleted",
}


def international(digits: str) -> str:
    """A number in digits, calling code first, as people read it: "+44 7700 900999"; with a plus alone if it is none."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def explanation(
    kind: str, code: int | None, subcode: int | None, http_status: int | None, *, effect_possible: bool
) -> Explanation:
    """The words for a refusal. `effect_possible` is false where it is certain that Meta did nothing."""
    # With a subcode Meta says why it sent no code, and that is the same for every number.
    says_why = kind == "code_request_failed" and subcode is not None
    own = None if says_why else _OF_THE_POOL.get(kind)
    return own or advice(kind, code, subcode, http_status, effect_possible=effect_possible)


_OF_THE_POOL = {
    "code_request_failed": Explanation(
        title="Meta did not send a code",
        cause="Its verification may still hold: Meta takes a new code only in the last 45 days of one. Meta gives the "
        "same answer for other reasons.",
        who_acts="us",
        what_to_do="Read the number. If it is not verified, try once more later, or by call in place of SMS.",
    ),
    "code_rejected": Explanation(
        title="The code was not accepted",
        cause="It is mistyped, was used before, or is older than ten minutes.",
        who_acts="us",
        what_to_do="Check the six digits. If they are right, request a new code.",
    ),
    "bad_request": Explanation(
        title="Meta did not accept it",
        cause="Meta found something wrong with what was asked, and did nothing: a number that somebody uses on "
        "WhatsApp, one that is in a pool already, or a business that Meta does not know.",
        who_acts="us",
        what_to_do="Read Meta’s own text. If it does not help, take it to Meta’s support with the trace id.",
    ),
    "permission_missing": Explanation(
        title="Our token may not do this",
        cause="The pool is for Solution Partners, and its token has to be that of an admin of our business with the "
        "business_management permission.",
        who_acts="us",
        what_to_do="An administrator checks the system user and its permissions in Meta’s business settings.",
    ),
    "not_visible": Explanation(
        title="Meta does not show it to us",
        cause="It is no longer in the pool, or our token lost sight of it.",
        who_acts="us",
        what_to_do="Read the pool: what it lists decides.",
    ),
}
