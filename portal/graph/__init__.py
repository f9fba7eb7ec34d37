"""Meta's Graph API: the client that reads, what it gives, and everything that can go wrong.

What the rest of the portal imports to ask Graph. The writer, which changes things at Meta, is in `writes` and is not
passed on here. Nothing in this package knows Django, settings, a database or a person.
"""

from portal.graph.client import GraphClient
from portal.graph.errors import (
    AccountState,
    BadAnswer,
    BadCursor,
    BadRequest,
    DeadlineExceeded,
    GraphError,
    NotVisible,
    PagingLoop,
    PermissionMissing,
    Throttled,
    TokenDead,
    TooManyPages,
    Transient,
    UnknownError,
    UnknownField,
    Unreachable,
)
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
    NumberAction,
    NumberNotAdded,
    PinGuessesExceeded,
    PinMismatch,
    PinTooFast,
    RecentlyDeleted,
    RegistrationLimit,
    ServerUnavailable,
)
from portal.graph.errors.signup_codes import CodeExpired, CodeNotForUs, CodeUsed
from portal.graph.http.config import GraphConfig
from portal.graph.http.usage import Meter, Usage
from portal.graph.reads.accounts import WabaReading
from portal.graph.reads.numbers import NumberListing, NumberReading
from portal.graph.reads.pool import PreverifiedReading
from portal.graph.reads.subscriptions import AppSubscription, SubscribedApp
from portal.graph.reads.tokens import BusinessToken, TokenFacts

__all__ = [
    "AccountState",
    "AlreadyUnregistered",
    "AppSubscription",
    "BadAnswer",
    "BadCursor",
    "BadRequest",
    "BusinessToken",
    "CertificateError",
    "CodeExpired",
    "CodeNotForUs",
    "CodeRejected",
    "CodeRequestFailed",
    "CodeUsed",
    "CoexistenceRefused",
    "DeadlineExceeded",
    "DeregistrationIncomplete",
    "GenericRegistrationFailure",
    "GraphClient",
    "GraphConfig",
    "GraphError",
    "Meter",
    "NotRegistered",
    "NotVerified",
    "NotVisible",
    "NumberAction",
    "NumberListing",
    "NumberNotAdded",
    "NumberReading",
    "PagingLoop",
    "PermissionMissing",
    "PinGuessesExceeded",
    "PinMismatch",
    "PinTooFast",
    "PreverifiedReading",
    "RecentlyDeleted",
    "RegistrationLimit",
    "ServerUnavailable",
    "SubscribedApp",
    "Throttled",
    "TokenDead",
    "TokenFacts",
    "TooManyPages",
    "Transient",
    "UnknownError",
    "UnknownField",
    "Unreachable",
    "Usage",
    "WabaReading",
]
