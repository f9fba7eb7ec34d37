"""Meta's Graph API: the client that reads, what it gives, and everything that can go wrong.

What the rest of the portal imports to ask Graph. The writer, which changes things at Meta, is in `writes` and is not
passed on here. Nothing in this package knows Django, settings, a database or a person.
"""

from portal.graph.client import GraphClient
from portal.graph.errors import (
    AppRefused,
    BadRequest,
    GraphError,
    NotVisible,
    PermissionMissing,
    Throttled,
    TokenDead,
    UnknownField,
)
from portal.graph.errors.signup_codes import CodeExpired, CodeNotForUs, CodeUsed
from portal.graph.http.config import GraphConfig
from portal.graph.http.usage import FieldRefusal, Meter
from portal.graph.reads.accounts import WabaReading
from portal.graph.reads.details import DetailsReading
from portal.graph.reads.health import HealthEntity, HealthReading
from portal.graph.reads.numbers import NumberListing, NumberReading
from portal.graph.reads.pool import PreverifiedReading
from portal.graph.reads.profile import ProfileReading
from portal.graph.reads.shared_wabas import SharedWaba
from portal.graph.reads.subscriptions import SubscribedApp
from portal.graph.reads.tokens import BusinessToken, TokenFacts

__all__ = [
    "AppRefused",
    "BadRequest",
    "BusinessToken",
    "CodeExpired",
    "CodeNotForUs",
    "CodeUsed",
    "DetailsReading",
    "FieldRefusal",
    "GraphClient",
    "GraphConfig",
    "GraphError",
    "HealthEntity",
    "HealthReading",
    "Meter",
    "NotVisible",
    "NumberListing",
    "NumberReading",
    "PermissionMissing",
    "PreverifiedReading",
    "ProfileReading",
    "SharedWaba",
    "SubscribedApp",
    "Throttled",
    "TokenDead",
    "TokenFacts",
    "UnknownField",
    "WabaReading",
]
