"""Which fields are asked for, and which of them this server turned out not to know.

Names and the memory of refusals. `certificate` and `new_certificate` are never asked for (secret-like), nor
`primary_funding_id`, which fails a whole call for apps of non-partners.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/reference/
"""

import threading
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldSet:
    """The fields of one node type: those every version has, and those that may be missing from some."""

    node_type: str
    core: tuple[str, ...]
    extra: tuple[str, ...]


PHONE_NUMBER = FieldSet(
    "phone_number",
    core=(
        "id",
        "display_phone_number",
        "verified_name",
        "code_verification_status",
        "quality_rating",
        "platform_type",
        "throughput",
        "status",
        "name_status",
        "new_name_status",
        "last_onboarded_time",
        "webhook_configuration",
    ),
    extra=(
        "account_mode",
        "is_official_business_account",
        "is_pin_enabled",
        "is_on_biz_app",
        "is_preverified_number",
        "new_display_name",
        "whatsapp_business_manager_messaging_limit",
    ),
)

WABA = FieldSet(
    "waba",
    core=("id", "name"),
    extra=(
        "currency",
        "timezone_id",
        "account_review_status",
        "business_verification_status",
        "status",
        "ownership_type",
        "owner_business_info",
        "on_behalf_of_business_info",
        "country",
        "creation_time",
        "whatsapp_business_manager_messaging_limit",
    ),
)

PREVERIFIED = FieldSet(
    "preverified_number",
    core=("id", "phone_number", "code_verification_status"),
    extra=("code_verification_time", "verification_expiry_time", "owner_business"),
)

BUSINESS = FieldSet("business", core=("id", "name"), extra=())

# Edges that give all they have, and whose fields no page of Meta's names as ones to ask for.
SUBSCRIBED_APP = FieldSet("subscribed_app", core=(), extra=())
APP_SUBSCRIPTION = FieldSet("app_subscription", core=(), extra=())


class RefusedFields:
    """The fields a server refused, by version and node type. Shared by all threads of a client."""

    def __init__(self, version: str) -> None:
        self._version = version
        self._lock = threading.Lock()
        self._refused: dict[tuple[str, str], frozenset[str]] = {}

    def snapshot(self) -> dict[tuple[str, str], frozenset[str]]:
        """All refusals so far."""
        with self._lock:
            return dict(self._refused)

    def remaining(self, fields: FieldSet) -> tuple[str, ...]:
        """The fields worth asking for; empty when the server's own choice is all that is left."""
        refused = self._refused.get((self._version, fields.node_type))
        asked = fields.core + fields.extra
        return tuple(name for name in asked if name not in refused) if refused else asked

    def refuse(self, fields: FieldSet, asked: tuple[str, ...], named: str) -> bool:
        """Remembers what a refused call tells; False when there is nothing left to give up.

        A named field is given up alone. A refusal that names none costs the extra fields first, then all of them.
        """
        given_up = {named} & set(asked) - {"id"} or set(asked) & set(fields.extra) or set(asked)
        key = (self._version, fields.node_type)
        with self._lock:
            self._refused[key] = self._refused.get(key, frozenset()) | given_up
        return bool(given_up)
