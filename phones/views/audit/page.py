"""The audit log for who may read it. Nothing is changed here, and taking a file of it is a line of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients import roles
from clients.choices import AuditKind, AuditOutcome
from clients.desk_list import DeskList
from clients.models import AuditEntry, Client, User, Waba
from phones.choices import Status, Tone
from phones.models import PhoneNumber
from phones.views.audit.filters import AuditFilters
from phones.views.empty import why_empty
from phones.views.list_page import render_list
from phones.views.request import DeskRequest
from portal.web.addresses import Address
from portal.web.keyset import SortOrder
from portal.web.list_parts import Column, EmptyState

NONE_YET = EmptyState("No lines yet", "Who signs in, is refused, takes a file or changes something is written here.")
_TONES = {
    AuditOutcome.DONE.value: Tone.NONE,
    AuditOutcome.BEGUN.value: Tone.WAIT,
    AuditOutcome.FAILED.value: Tone.WARN,
    AuditOutcome.REFUSED.value: Tone.WARN,
}
# Facts that the sentence says already, or that only the chain needs.
_NOT_SHOWN = {"method", "path", "list", "rows", "hash", "signature", "lines", "deleted_through"}
_AT = SortOrder("at", "at", datetime, optional=False, ways=("oldest first", "newest first"))


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One line, and where what it is about has its page, if it has one."""

    entry: AuditEntry
    address: str = ""

    @property
    def status(self) -> Status:
        return Status(self.entry.get_outcome_display(), _TONES.get(self.entry.outcome, Tone.NONE))

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What besides the sentence is written down, in words."""
        facts = {name: value for name, value in self.entry.details.items() if name not in _NOT_SHOWN and value}
        return [(name.replace("_", " ").capitalize(), str(value)) for name, value in facts.items()]

    @property
    def who(self) -> str:
        """Who did it; of a client's page nobody is known, and the desk itself has no address."""
        if self.entry.actor_name:
            return self.entry.actor_name
        return "somebody not signed in" if self.entry.address else "the desk"

    @property
    def way(self) -> str:
        """The page of what it is about; without one, the lines about the same."""
        about = f"{self.entry.object_type}:{self.entry.object_id}"
        return self.address or str(Address(reverse("phones:audit"), (("object", about),)))

    @property
    def table(self) -> str:
        return self.entry.object_type.partition(".")[2]


class AuditList(DeskList[AuditRow]):
    name = "audit"
    model = AuditEntry
    route = "phones:audit"
    filter_set = AuditFilters
    orders = MappingProxyType({"at": _AT})
    usual_order = _AT.reversed()
    columns = (
        Column("what", "What", in_file=("what", "kind", "details")),
        Column("outcome", "Outcome"),
        Column("who", "Who", "wide"),
        Column("about", "About", "wide", in_file=("object_type", "object_id", "object_name")),
        Column("client", "For whom", "wide"),
        Column("address", "From where", "wide", in_file=("address", "request_id")),
        Column("at", "When", "num", order="at"),
    )
    page_sizes = (50, 100, 200)
    counted = 1_000
    file_columns = MappingProxyType(
        {
            "entry": lambda row: row.entry.pk,
            "at": lambda row: row.entry.at,
            "kind": lambda row: row.entry.kind,
            "outcome": lambda row: row.entry.outcome,
            "who": lambda row: row.entry.actor_name,
            "what": lambda row: row.entry.what,
            "object_type": lambda row: row.entry.object_type,
            "object_id": lambda row: row.entry.object_id,
            "object_name": lambda row: row.entry.object_name,
            "client": lambda row: row.entry.client_name,
            "address": lambda row: row.entry.address,
            "request_id": lambda row: row.entry.request_id,
            "details": lambda row: json.dumps(row.entry.details, sort_keys=True) if row.entry.details else "",
        }
    )

    def rows_of(self, found: Sequence[AuditEntry]) -> list[AuditRow]:
        addresses = _addresses(found)
        return [AuditRow(entry, addresses.get((entry.object_type, entry.object_id), "")) for entry in found]


@require_safe
def audit(request: DeskRequest) -> HttpResponse:
    insist_on_reader(request)
    found = AuditList(request.GET, request.user)
    people = {person.username: str(person) for person in User.objects.order_by("username")}
    context = {
        "empty": why_empty(found, "line", NONE_YET),
        "choices": [
            ("Person", "person", found.options("person", people)),
            ("Kind", "kind", found.options("kind")),
            ("Outcome", "outcome", found.options("outcome")),
        ],
        "days": [(found.filters.label_of(name), name, request.GET.get(name, "")) for name in ("since", "until")],
        "today": timezone.localdate(),
        "kept": found.kept_besides({"q", "person", "kind", "outcome", "since", "until"}),
        "kinds": dict(AuditKind.choices),
    }
    return render_list(request, "audit/page.html", found, context)


def insist_on_reader(request: DeskRequest) -> None:
    """The log is of everybody and every client."""
    if not roles.reads_the_audit_log(request.user):
        raise PermissionDenied


def _addresses(found: Sequence[AuditEntry]) -> dict[tuple[str, str], str]:
    """The pages of what the lines are about, by table and key; what is gone has none."""
    pages: dict[tuple[str, str], str] = {}
    for model, column, route in (
        (PhoneNumber, "phone_number_id", "phones:number"),
        (Waba, "waba_id", "phones:waba"),
        (Client, "pk", "phones:client"),
    ):
        table = model._meta.label_lower
        keys = {entry.object_id for entry in found if entry.object_type == table and entry.object_id.isdecimal()}
        if keys:
            rows = model._default_manager.filter(pk__in=keys).values_list("pk", column)
            pages |= {(table, str(key)): reverse(route, args=[name]) for key, name in rows}
    return pages
