"""The WABAs: whose they are, how Meta sees them, whether their events reach us, and how their readings go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.views.decorators.http import require_safe

from clients import roles
from clients.desk_list import DeskList
from clients.filters import ClientFilter, OwnerFilter
from clients.models import Waba
from phones.choices import WABA_STATUSES, Status, Tone
from phones.listing.filters import SearchFilter
from phones.listing.search import in_waba
from phones.listing.value_filters import ExactFilter
from phones.models import Listing, Subscription, WabaDetails
from phones.numbers.words import describe_waba
from phones.views.empty import why_empty
from phones.views.list_page import render_list
from phones.views.request import DeskRequest
from portal.web.filters import ListFilter, ListFilters
from portal.web.keyset import SortOrder
from portal.web.list_parts import Column, EmptyState

EVENTS = {
    "on": Status("On", Tone.OK, "Meta sends us the events of this WABA."),
    "off": Status("Off", Tone.WARN, "Our app is not subscribed, so that changes are only seen when it is read."),
    "unknown": Status("Can’t tell", Tone.NONE, "Meta was not asked yet, or did not answer."),
}
NONE_YET = EmptyState(
    "No WABAs yet",
    "The first sync finds every WABA that is shared with the business. You see those of the clients that you own or "
    "cover.",
)
# In files and the API, after what the page shows.
FACTS_IN_FILES = [
    *("owner_business_id", "ownership_type", "messaging_limit", "currency", "timezone_id", "country", "creation_time"),
]
DETAILS_IN_FILES = [
    *("primary_funding_id", "message_template_namespace", "marketing_messages_onboarding_status"),
    *("owner_verification_status", "owner_messaging_limit", "owner_two_factor_type"),
]
BY_NAME = SortOrder("name", "folded_name", optional=False)


class _Exact(ExactFilter):
    def __init__(self, field_name: str, *, label: str) -> None:
        table = WABA_STATUSES[field_name]
        super().__init__(field_name, label=label, choices=[(value, status.label) for value, status in table.items()])

    def words(self, value: str) -> str:
        return describe_waba(self.field_name, None if value == "-" else value).label


class _Events(ListFilter):
    def condition(self, values: list[str]) -> Q | None:
        subscribed = Subscription.objects.filter(waba=OuterRef("pk"))
        on, off = Q(Exists(subscribed.filter(is_ours=True))), Q(Exists(subscribed.filter(is_ours=False)))
        answers = {"on": on, "off": off, "unknown": ~on & ~off}
        either = Q()
        for value in values:
            if value in answers:
                either |= answers[value]
        return either or None


class _Failing(ListFilter):
    def condition(self, values: list[str]) -> Q | None:
        return Q(last_failure__isnull=False) if values else None


class WabaFilters(ListFilters):
    client = ClientFilter("client", label="Client")
    owner = OwnerFilter("client__owner", label="Account manager")
    status = _Exact("status", label="Status")
    account_review_status = _Exact("account_review_status", label="Account review")
    business_verification_status = _Exact("business_verification_status", label="Business verification")
    events = _Events(label="Events", choices=[(value, status.label) for value, status in EVENTS.items()])
    failing = _Failing(label="Readings", choices=[("yes", "failing")])
    q = SearchFilter(in_waba)


@dataclass(frozen=True, slots=True)
class WabaRow:
    """One WABA in the list, with the words for what Meta says of it; None for what Graph did not return."""

    waba: Waba
    numbers: int
    events: Status

    @property
    def status(self) -> Status | None:
        return _described(self.waba, "status")

    @property
    def review(self) -> Status | None:
        return _described(self.waba, "account_review_status")

    @property
    def verification(self) -> Status | None:
        return _described(self.waba, "business_verification_status")


def _fact(name: str) -> Callable[[WabaRow], object]:
    return lambda row: getattr(row.waba, name)


def _detail(name: str) -> Callable[[WabaRow], object]:
    """What was read beside the sync; nothing where Meta has not said it, or was not asked yet."""

    def value(row: WabaRow) -> object:
        details: WabaDetails | None = getattr(row.waba, "details", None)
        return details.facts.get(name, {}).get("value") if details is not None else None

    return value


class WabaList(DeskList[WabaRow]):
    name = "wabas"
    model = Waba
    route = "phones:wabas"
    css = "many"
    filter_set = WabaFilters
    columns = (
        Column("name", "WABA", order="name", in_file=("waba_id", "name")),
        Column("client", "Client", "wide"),
        Column("owner", "Account manager", "wide"),
        Column("numbers", "Numbers", "num"),
        Column("status", "Status", "wide"),
        Column("account_review_status", "Account review", "wide"),
        Column("business_verification_status", "Business", "wide"),
        Column("events", "Events", "wide"),
        Column("failing", "Readings", in_file=("reading_fails",)),
        Column("last_synced_at", "Read", "num wide", in_file=("synced_at",)),
    )
    orders = {"name": BY_NAME}
    usual_order = BY_NAME
    page_sizes = (50, 100, 200)
    counted = 10_000
    telling = (
        *("name", "client_id", "client__owner_id", "last_failure_id", "unshared_since", "subscription__is_ours"),
        *WABA_STATUSES,
    )
    file_columns = MappingProxyType(
        {
            "waba_id": lambda row: row.waba.waba_id,
            "name": lambda row: row.waba.name,
            "client": lambda row: row.waba.client.name,
            "owner": lambda row: row.waba.client.owner,
            "numbers": lambda row: row.numbers,
            "status": lambda row: row.waba.status,
            "account_review_status": lambda row: row.waba.account_review_status,
            "business_verification_status": lambda row: row.waba.business_verification_status,
            "events": lambda row: row.events.label,
            "reading_fails": lambda row: row.waba.last_failure_id is not None,
            "synced_at": lambda row: row.waba.last_synced_at,
            **{name: _fact(name) for name in FACTS_IN_FILES},
            **{name: _detail(name) for name in DETAILS_IN_FILES},
        }
    )

    def prepare(self, rows: QuerySet[Waba]) -> QuerySet[Waba]:
        return rows.select_related("client__owner", "subscription", "last_failure", "details")

    def rows_of(self, found: Sequence[Waba]) -> list[WabaRow]:
        numbers = dict(
            Listing.objects.current().filter(waba__in=found).order_by().values_list("waba").annotate(Count("number"))
        )
        return [WabaRow(waba, numbers.get(waba.pk, 0), _events_of(waba)) for waba in found]


@require_safe
def wabas(request: DeskRequest) -> HttpResponse:
    found = WabaList(request.GET, request.user)
    selects = [name for name in (*WABA_STATUSES, "events") if name in found.filters.filters]
    context = {
        "may_change": roles.may_change(request.user),
        "actions": "accounts/refresh_wabas.html",
        "empty": why_empty(found, "WABA", NONE_YET),
        "choices": [(found.filters.label_of(name), name, found.options(name)) for name in selects],
        "is_failing": bool(found.address.values("failing")),
        "kept": found.kept_besides({"q", "owner", "failing", *selects}),
    }
    return render_list(request, "accounts/wabas.html", found, context)


def _events_of(waba: Waba) -> Status:
    subscription: Subscription | None = getattr(waba, "subscription", None)
    is_ours = subscription.is_ours if subscription is not None else None
    return EVENTS["unknown" if is_ours is None else "on" if is_ours else "off"]


def _described(waba: Waba, field: str) -> Status | None:
    value = getattr(waba, field)
    return None if value is None else describe_waba(field, value)
