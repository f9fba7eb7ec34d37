"""Which column of ours holds which fact of Graph's about a WABA. Pure: no rows, no Graph."""

from portal.graph import WabaReading

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


def facts_of(reading: WabaReading) -> dict[str, object]:
    """The columns that a reading of a WABA fills: only what Graph returned."""
    columns: dict[str, object] = {
        column: reading.values[name] for name, column in _COLUMNS.items() if name in reading.values
    }
    if reading.owner_business_id:
        columns["owner_business_id"] = reading.owner_business_id
        columns["owner_business_name"] = (reading.owner_business_name or "")[:LONGEST_NAME] or None
    return columns
