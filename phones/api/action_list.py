"""Actions as a list: what was asked of Meta, the newest first."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from django.db.models import QuerySet

from clients.filters import OwnerFilter
from phones.choices import ActionKind, ActionState
from phones.models import Action
from portal.web.filters import ListFilter, ListFilters
from portal.web.listing import DeclaredList


class ActionFilters(ListFilters):
    kind = ListFilter("kind", label="Action", choices=ActionKind.choices)
    state = ListFilter("state", label="State", choices=ActionState.choices)
    number = ListFilter("number__phone_number_id", label="Graph id of the number")
    by = OwnerFilter("requested_by", label="Asked for by")


def _waba_of(action: Action) -> str | None:
    """Of an action on a number not: it may have been on a WABA of somebody else then."""
    return action.waba.waba_id if action.number is None and action.waba is not None else None


_VALUES: Mapping[str, Callable[[Action], object]] = MappingProxyType(
    {
        "id": lambda one: one.pk,
        "kind": lambda one: one.kind,
        "state": lambda one: one.state,
        "phone_number_id": lambda one: one.number and one.number.phone_number_id,
        "waba_id": _waba_of,
        "preverified_id": lambda one: one.preverified_number and one.preverified_number.preverified_id,
        "requested_by": lambda one: one.requested_by,
        "created_at": lambda one: one.created_at,
        "sent_at": lambda one: one.sent_at,
        "answered_at": lambda one: one.answered_at,
        "closed_at": lambda one: one.closed_at,
        "settled_by_reading": lambda one: one.settled_by_reading,
        "error_kind": lambda one: one.error_kind,
        "code": lambda one: one.code,
        "subcode": lambda one: one.subcode,
        "http_status": lambda one: one.http_status,
        "message": lambda one: one.message,
        "fbtrace_id": lambda one: one.fbtrace_id,
        "retry_at": lambda one: one.retry_at,
    }
)


class ActionList(DeclaredList[Action]):
    """It has no name: no page shows it, and no view keeps a query of it."""

    model = Action
    route = "api-v1:actions"
    filter_set = ActionFilters
    page_sizes = (50, 100, 200)
    file_columns = _VALUES

    def prepare(self, rows: QuerySet[Action]) -> QuerySet[Action]:
        return rows.select_related("number", "waba", "preverified_number", "requested_by")

    def rows_of(self, found: Sequence[Action]) -> list[Action]:
        return list(found)
