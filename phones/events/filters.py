"""From an address to the events that it means. Nothing is written here."""

from phones.choices import EventState
from portal.web.filters import ListFilter, ListFilters


class EventFilters(ListFilters):
    """Events by what became of them, by Meta's field, and by the WABA that they are about."""

    state = ListFilter("state", label="What became of it", choices=EventState.choices)
    field = ListFilter("field", label="Field")
    waba = ListFilter("waba__waba_id", label="WABA")
