"""What each of Meta's error codes means. Tables only; the rules that need more than the code are in `verdicts`.

HTTP status codes vary for the same error, so the code decides.
Sources: https://developers.facebook.com/docs/graph-api/guides/error-handling,
https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes, the business messaging
spec in https://github.com/facebook/openapi, and answers published by others where Meta documents none.
"""

from collections.abc import Mapping

from portal.graph.errors import GraphError, Scope
from portal.graph.errors.number_actions import (
    AlreadyUnregistered,
    CallbackRefused,
    CallingNotOffered,
    CallingNotReady,
    CertificateError,
    CodeRejected,
    CodeRequestFailed,
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

# --- Whatever the call ---

TOKEN_DEAD = frozenset({102, 104, 190})
PERMISSION = frozenset({3, 10, *range(200, 300)})
NOT_VISIBLE = frozenset({33, 803})
ADDRESS_NOT_ALLOWED = 5
TRANSIENT = frozenset({1, 2, 131000, 131016, 131057, 133004})
BAD_REQUEST = frozenset({100, 2500, 131009})
ACCOUNT_STATE = frozenset({368, 131031, 131042})
THROTTLED: Mapping[int, Scope] = {
    **dict.fromkeys((4, 17, 32, 613), "app"),
    **dict.fromkeys((80007, 80008), "waba"),
    **dict.fromkeys((130429, 131048, 131056, 133016), "number"),
}

# --- Calls that change something, and the exchange of a signup's code; looked up before the others ---

ACTION_REFUSED: Mapping[int, type[GraphError]] = {
    2200: CallbackRefused,
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
    138015: CallingNotOffered,
    138018: CallingNotReady,
    200000: NumberNotAdded,
}
ACTION_REFUSED_BY_SUBCODE: Mapping[tuple[int, int], type[GraphError]] = {
    (100, 36007): CodeExpired,
    (100, 36008): CodeNotForUs,
    (100, 36009): CodeUsed,
    (100, 2207051): AlreadyUnregistered,
    (100, 2388001): CertificateError,
}
TOO_MANY_NUMBERS = (200, 1349175)  # of the edge that adds numbers; elsewhere a permission like any other
