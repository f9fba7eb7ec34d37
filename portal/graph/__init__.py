"""The one door to Meta's Graph API.

What the rest of the portal may import. Nothing in here knows Django, settings, a database or a person.
"""

from portal.graph.client import GraphClient
from portal.graph.config import GraphConfig
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
from portal.graph.readings import NumberListing, NumberReading, TokenFacts, WabaReading
from portal.graph.usage import Meter, Usage

__all__ = [
    "AccountState",
    "BadAnswer",
    "BadCursor",
    "BadRequest",
    "DeadlineExceeded",
    "GraphClient",
    "GraphConfig",
    "GraphError",
    "Meter",
    "NotVisible",
    "NumberListing",
    "NumberReading",
    "PagingLoop",
    "PermissionMissing",
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
