"""Which column of ours holds which fact of Graph's about a WABA, and how old it is. Pure: no rows, no Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.graph import WabaReading

if TYPE_CHECKING:
    from clients.models import Waba

LONGEST_NAME = 512

_COLUMNS = {
    "name": "name",
    "currency": "currency",
    "timezone_id": "timezone_id",
    "country": "country",
    "status": "status",
    "account_review_status": "account_review_status",
    "business_verification_status": "business_verification_status",
    "ownership_type": "ownership_type",
    "creation_time": "creation_time",
    "whatsapp_business_manager_messaging_limit": "messaging_limit",
}
_OWNER = ("owner_business_id", "owner_business_name")


def facts_of(reading: WabaReading) -> dict[str, object]:
    """The columns that a reading of a WABA fills: only what Graph returned."""
    columns: dict[str, object] = {
        column: reading.values[name] for name, column in _COLUMNS.items() if name in reading.values
    }
    if reading.owner_business_id:
        columns["owner_business_id"] = reading.owner_business_id
        columns["owner_business_name"] = (reading.owner_business_name or "")[:LONGEST_NAME] or None
    return columns


def provenance_after(waba: Waba, reading: WabaReading) -> dict[str, object]:
    """The `provenance` of a known WABA (its facts still as before) once `reading` is stored.

    A fact that the reading leaves out keeps its value, so it keeps the time of the reading that last had it.
    """
    returned = facts_of(reading)
    kept = [name for name in (*_COLUMNS.values(), *_OWNER) if name not in returned and getattr(waba, name)]
    if waba.facts_read_at is None:
        return {}
    latest = {"at": waba.facts_read_at.isoformat(), "source": "sync"}
    return {name: waba.provenance.get(name, latest) for name in kept}
