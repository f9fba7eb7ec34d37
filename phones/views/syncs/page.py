"""Sync runs: the list of them, starting one, and following one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clients import roles
from clients.choices import RunScope, RunState, RunTrigger
from clients.desk_list import DeskList
from clients.models import Client, SyncFailure, SyncRun, User, Waba
from phones import waking
from phones.changes.lines import lines_of
from phones.choices import ChangeKind, Status, Tone
from phones.listing.filters import SearchFilter
from phones.listing.search import in_client, in_waba
from phones.models import Change
from phones.numbers.search import Needle
from phones.sync import runs
from phones.views.addressed_row import graph_id, workable_or_404
from phones.views.empty import why_empty
from phones.views.list_page import render_list
from phones.views.quota import quota_of_desk
from phones.views.readings import readings_of
from phones.views.request import DeskRequest, way_back
from phones.views.unanswered import unanswered_facts
from portal.web.addresses import row_key
from portal.web.filters import ListFilter, ListFilters
from portal.web.keyset import first_keys
from portal.web.list_parts import Column, EmptyState
from portal.web.query import Selection, UnusableQueryError

FAILURES_SHOWN = 200
CHANGES_SHOWN = 100
COUNTED = 1_000
# The WABAs of one run by hand.
MOST_READ = 10_000
# A run that made no call for this long has found no worker.
PATIENCE = timedelta(seconds=30)
_COUNTS = ("wabas", "read", "failed", "numbers", "added", "changed", "missing", "graph_calls")
ARRIVALS = (ChangeKind.ADDED, ChangeKind.LISTED)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, with the client or WABA it reads as far as the person may see them now.

    `discovery_failed`: the business's WABAs could not be listed, so that some may be missing from the run.
    """

    run: SyncRun
    client: Client | None
    waba: Waba | None
    discovery_failed: bool = False

    @property
    def is_running(self) -> bool:
        return self.run.state == RunState.RUNNING

    @property
    def status(self) -> Status:
        if self.run.state == RunState.WAITING:
            return Status("Waiting", Tone.WAIT)
        if self.is_running:
            return Status("Running", Tone.ACT)
        if self.run.state != RunState.FINISHED:
            return Status(self.run.get_state_display(), Tone.NONE)
        if self.run.failed:
            return Status(f"{self.run.failed} failed", Tone.WARN) if self.run.read else Status("Nothing read", Tone.BAD)
        if self.discovery_failed:
            return Status("WABAs not listed", Tone.WARN if self.run.read else Tone.BAD)
        return Status("Done", Tone.OK)


def _count_of(name: str) -> Callable[[RunRow], object]:
    return lambda row: getattr(row.run, name)


class _RunSearch(SearchFilter):
    """Runs of one client or WABA, of those that the person may see."""

    def __init__(self) -> None:
        super().__init__(self._of_theirs)

    def _of_theirs(self, needle: Needle) -> Q:
        clients = Client.objects.visible_to(self.parent.person).filter(in_client(needle))
        wabas = Waba.objects.visible_to(self.parent.person).filter(in_waba(needle))
        return Q(client__in=clients.order_by().values("pk")) | Q(waba__in=wabas.order_by().values("pk"))


class _WithFailures(ListFilter):
    def condition(self, values: list[str]) -> Q | None:
        return Q(failed__gt=0) if values else None


class RunFilters(ListFilters):
    """Syncs by what they read, how they began, how far they are, whether something could not be read, and a search."""

    scope = ListFilter("scope", label="Sync", choices=RunScope.choices)
    trigger = ListFilter("trigger", label="Began", choices=RunTrigger.choices)
    state = ListFilter("state", label="State", choices=RunState.choices)
    failing = _WithFailures(label="Readings", choices=[("yes", "failed")])
    q = _RunSearch()


class RunList(DeskList[RunRow]):
    name = "runs"
    model = SyncRun
    route = "phones:syncs"
    filter_set = RunFilters
    counted = 1_000
    columns = (
        Column("scope", "Sync", in_file=("run", "scope", "client", "waba_id")),
        Column("state", "State"),
        Column("wabas", "WABAs", "num wide", in_file=("wabas", "read", "failed")),
        Column("numbers", "Numbers", "num wide"),
        Column("added", "Added", "num wide"),
        Column("changed", "Changed", "num wide"),
        Column("missing", "Missing", "num wide"),
        Column("took", "Took", "num wide", in_file=("started_at", "finished_at")),
        Column("requested_by", "Started by", "wide"),
        Column("created_at", "When", "num"),
    )
    page_sizes = (40, 100, 200)
    telling = ("state", "failed")
    file_columns = MappingProxyType(
        {
            "run": lambda row: row.run.pk,
            "scope": lambda row: row.run.get_scope_display(),
            "client": lambda row: row.client and row.client.name,
            "waba_id": lambda row: row.waba and row.waba.waba_id,
            "state": lambda row: row.status.label,
            **{name: _count_of(name) for name in _COUNTS},
            "requested_by": lambda row: row.run.requested_by or row.run.get_trigger_display(),
            "created_at": lambda row: row.run.created_at,
            "started_at": lambda row: row.run.started_at,
            "finished_at": lambda row: row.run.finished_at,
        }
    )

    def prepare(self, rows: QuerySet[SyncRun]) -> QuerySet[SyncRun]:
        return rows.select_related("requested_by")

    def rows_of(self, found: Sequence[SyncRun]) -> list[RunRow]:
        return rows_of(found, self.person)


@require_safe
def syncs(request: DeskRequest) -> HttpResponse:
    found = RunList(request.GET, request.user)
    choices = [(found.filters.label_of(name), name, found.options(name)) for name in ("scope", "trigger", "state")]
    context = {
        "choices": choices,
        "is_failing": bool(found.address.values("failing")),
        "empty": why_empty(found, "sync", _no_runs(request.user)),
        "kept": found.kept_besides({"q", "scope", "trigger", "state", "failing"}),
        "may_sync_everything": roles.runs_the_desk(request.user),
        "why_not_everything": _why_not_everything(request.user),
        "unanswered": unanswered_facts(),
        "readings": readings_of(request.user),
        "quota": quota_of_desk(request.user),
    }
    return render_list(request, "syncs/page.html", found, context)


@require_safe
def sync(request: DeskRequest, pk: int) -> HttpResponse:
    """One run: how far it is, what failed, and what it changed; for htmx only the part that moves."""
    run = get_object_or_404(SyncRun.objects.visible_to(request.user).select_related("requested_by"), pk=pk)
    is_open = run.state != RunState.FINISHED
    failures = SyncFailure.objects.visible_to(request.user).filter(run=run)
    changes = Change.objects.visible_to(request.user).filter(run=run).select_related("actor", "number")
    arrivals = changes.filter(kind__in=ARRIVALS).order_by("pk")
    arrival_count = first_keys(arrivals, COUNTED)[1]
    differences = list(changes.exclude(kind__in=ARRIVALS).order_by("-pk")[: CHANGES_SHOWN + 1])
    context = {
        "run": run,
        "row": rows_of([run], request.user)[0],
        "is_open": is_open,
        "is_unclaimed": is_open and not run.graph_calls and timezone.now() - run.created_at > PATIENCE,
        "done": run.read + run.failed,
        "failures": list(failures.select_related("waba__client", "credential").order_by("pk")[:FAILURES_SHOWN]),
        "differences": lines_of(differences[:CHANGES_SHOWN], request.user),
        "more_differences": len(differences) > CHANGES_SHOWN,
        "arrivals": lines_of(list(arrivals[:CHANGES_SHOWN]), request.user),
        "arrival_count": arrival_count,
        "more_arrivals": arrival_count.counted > CHANGES_SHOWN,
    }
    return render(request, "syncs/run.html" if request.htmx else "syncs/sync.html", context)


@require_POST
def start(request: DeskRequest) -> HttpResponse:
    """Start reading everything, one client or one WABA, and go to the run; or say why there is nothing to read."""
    scope = request.POST.get("scope", "")
    client: Client | None = None
    waba: Waba | None = None
    if scope == RunScope.CLIENT:
        client = workable_or_404(Client.objects.all(), request.user, pk=row_key(request.POST.get("id", "")))
        back = way_back(request, "phones:client", client.pk)
    elif scope == RunScope.WABA:
        waba = workable_or_404(Waba.objects.all(), request.user, waba_id=graph_id(request.POST.get("id", "")))
        back = way_back(request, "phones:waba", waba.waba_id)
    elif scope == RunScope.SELECTION:
        return _start_chosen(request)
    elif scope == RunScope.EVERYTHING:
        if not roles.runs_the_desk(request.user):
            raise PermissionDenied
        back = way_back(request, "phones:syncs")
    else:
        raise BadRequest("scope is everything, client, waba or selection")
    try:
        run = runs.start(scope=RunScope(scope), user=request.user, client=client, waba=waba)
    except runs.NothingToReadError as error:
        messages.warning(request, str(error))
        return HttpResponseRedirect(back)
    waking.wake()
    return HttpResponseRedirect(reverse("phones:sync", args=[run.pk]))


def _start_chosen(request: DeskRequest) -> HttpResponse:
    """Start reading the WABAs that were chosen in their list."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    try:
        chosen = Selection.of_form(request.POST, "wabas", request.user)
        keys = chosen.keys_in_order(request.user, to_work=True)[:MOST_READ]
        run = runs.start(scope=RunScope.SELECTION, user=request.user, chosen=keys)
    except (UnusableQueryError, runs.NothingToReadError) as error:
        messages.warning(request, str(error))
        return HttpResponseRedirect(way_back(request, "phones:wabas"))
    if len(keys) == MOST_READ:
        messages.warning(request, f"At most {MOST_READ:,} WABAs are read at once: these are the first of your list.")
    waking.wake()
    return HttpResponseRedirect(reverse("phones:sync", args=[run.pk]))


def rows_of(found: Sequence[SyncRun], user: User) -> list[RunRow]:
    """The runs as rows, naming no client and no WABA that `user` may not see."""
    clients = Client.objects.visible_to(user).in_bulk({run.client_id for run in found if run.client_id})
    wabas = Waba.objects.visible_to(user).in_bulk({run.waba_id for run in found if run.waba_id})
    of_discovery = SyncFailure.objects.filter(run__in=[run.pk for run in found], waba=None)
    failed = set(of_discovery.values_list("run", flat=True))
    return [
        RunRow(run, clients.get(run.client_id or 0), wabas.get(run.waba_id or 0), discovery_failed=run.pk in failed)
        for run in found
    ]


def _why_not_everything(user: User) -> str:
    """Why the person can't have all clients read again; empty for people without a role, whom nothing is offered."""
    if roles.may_change(user):
        return "Team leads read all clients again. Open one of yours or its WABA, and choose “Refresh” there."
    return roles.NOT_FOR_VIEWERS if roles.role_of(user) is not None else ""


def _no_runs(user: User) -> EmptyState:
    text = "A sync reads WABAs and their numbers from Meta. Each one is listed here with what it found"
    theirs = "" if roles.sees_everything(user) else ", as far as your clients are concerned"
    return EmptyState("No syncs yet", f"{text}{theirs}.")
