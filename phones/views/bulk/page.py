"""Doing something for many numbers: the dry run, its confirmation, the run's progress, and the list of runs."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients import roles
from clients.desk_list import DeskList
from clients.filters import OwnerFilter
from clients.models import User
from clients.signing_in.fresh import insist
from phones.approvals import decide as approvals
from phones.bulk import decide, words
from phones.bulk.plan import NothingChosenError, draft
from phones.bulk_choices import BulkKind, BulkState, ItemState
from phones.models import BulkItem, BulkRun
from phones.views.addressed_row import workable_or_404
from phones.views.approval_rows import row_about_run
from phones.views.bulk.forms import StartForm, StartProfileForm, start_form
from phones.views.bulk.profiles import ProfileDifferences, differences_of, profile_lines
from phones.views.bulk.rows import (
    RELATED,
    BulkRunRow,
    count_open,
    item_rows,
    run_rows,
    status_of_run,
    tallies_of,
    time_left,
)
from phones.views.empty import why_empty
from phones.views.list_page import render_list
from phones.views.request import DeskRequest
from portal.web.addresses import Address, row_key
from portal.web.filters import ListFilter, ListFilters
from portal.web.list_parts import Column, EmptyState
from portal.web.query import Selection, UnusableQueryError

ROWS_SHOWN = 100
NO_RUNS = EmptyState(
    "No bulk runs yet",
    "Tick numbers in the list and choose what is to be done for all of them. Each run is listed here with its outcome.",
    "Numbers",
)


class BulkRunFilters(ListFilters):
    kind = ListFilter("kind", label="Action", choices=BulkKind.choices)
    state = ListFilter("state", label="State", choices=BulkState.choices)
    by = OwnerFilter("requested_by", label="Started by")


class BulkRunList(DeskList[BulkRunRow]):
    name = "bulk"
    model = BulkRun
    route = "phones:bulk-runs"
    filter_set = BulkRunFilters
    counted = 1_000
    columns = (
        Column("kind", "Run", in_file=("run", "action", "chosen", "to_run")),
        Column("state", "State"),
        Column("done", "Done", "num"),
        Column("failed", "Failed", "num"),
        Column("skipped", "Skipped", "num wide"),
        Column("requested_by", "Started by", "wide"),
        Column("created_at", "When", "num wide", in_file=("created_at", "started_at", "finished_at")),
    )
    page_sizes = (40, 100, 200)
    telling = ("state", "total")
    file_columns = MappingProxyType(
        {
            "run": lambda row: row.run.pk,
            "action": lambda row: row.run.get_kind_display(),
            "state": lambda row: row.run.get_state_display(),
            "chosen": lambda row: row.run.chosen,
            "to_run": lambda row: row.run.total,
            "done": lambda row: row.done,
            "failed": lambda row: row.failed,
            "skipped": lambda row: row.skipped,
            "requested_by": lambda row: row.run.requested_by,
            "created_at": lambda row: row.run.created_at,
            "started_at": lambda row: row.run.started_at,
            "finished_at": lambda row: row.run.finished_at,
        }
    )

    def prepare(self, rows: QuerySet[BulkRun]) -> QuerySet[BulkRun]:
        return rows.select_related("requested_by")

    def rows_of(self, found: Sequence[BulkRun]) -> list[BulkRunRow]:
        return run_rows(found)


@require_safe
def runs(request: DeskRequest) -> HttpResponse:
    found = BulkRunList(request.GET, request.user)
    empty = EmptyState(NO_RUNS.title, NO_RUNS.text, NO_RUNS.label, reverse("phones:list"))
    people = User.objects.filter(bulk_runs__in=found.visible()).distinct().order_by("username")
    context = {
        "empty": why_empty(found, "bulk run", empty),
        "choices": [
            ("Action", "kind", found.options("kind")),
            ("State", "state", found.options("state")),
            ("Started by", "by", found.options("by", {person.username: str(person) for person in people})),
        ],
        "kept": found.kept_besides({"kind", "state", "by"}),
    }
    return render_list(request, "bulk/runs.html", found, context)


@require_POST
def plan(request: DeskRequest) -> HttpResponse:
    """Write the dry run for the numbers that the list's form chooses, and go to it."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    if (wanted := request.POST.get("kind", "")) not in BulkKind.values:
        raise BadRequest("There is no such bulk run.")
    try:
        chosen = Selection.of_form(request.POST, "numbers", request.user)
        keys = chosen.keys_in_order(request.user, to_work=True)
        run = draft(kind=BulkKind(wanted), keys=keys, chosen=chosen.count(request.user), person=request.user)
    except (UnusableQueryError, NothingChosenError) as error:
        messages.error(request, str(error))
        query = request.POST.get("query", "").partition("?")[2]
        return HttpResponseRedirect(f"{reverse('phones:list')}?{query}".rstrip("?"))
    return HttpResponseRedirect(reverse("phones:bulk-run", args=[run.pk]))


@require_safe
@never_cache
def run(request: DeskRequest, pk: int) -> HttpResponse:
    """One run: its dry run with the form to start it, or how far it is; for htmx only the part that moves."""
    found = _visible(request, pk)
    if found.state == BulkState.DRAFT and found.requested_by_id == request.user.pk:
        _insist_before_meta(request, found)
    return _page(request, found)


@require_POST
def act(request: DeskRequest, pk: int, what: str) -> HttpResponse:
    """Start, pause, resume or cancel the run."""
    found = workable_or_404(BulkRun.objects.all(), request.user, pk=pk)
    try:
        if what == "start":
            _insist_before_meta(request, found)
            form = start_form(found, request.POST)
            if not form.is_valid():
                return _page(request, found, form, status=422)
            if isinstance(form, StartProfileForm) and form.is_shown_first():
                items = BulkItem.objects.visible_to(request.user).filter(run=found)
                differences = differences_of(items, form.details())
                return _page(
                    request, found, form.once_shown() if differences.changed else form, differences=differences
                )
            if decide.needs_second_person(found):
                return _ask(request, found, form.details())
            decide.start(run=found, details=form.details(), person=request.user)
        elif what in _DECISIONS:
            _DECISIONS[what](run=found, person=request.user)
        else:
            raise Http404
    except (decide.NotPossibleError, approvals.NotDecidableError) as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("phones:bulk-run", args=[found.pk]))


def _insist_before_meta(request: DeskRequest, run: BulkRun) -> None:
    """Ask who starts a run that changes something at Meta, before they fill in the form for it."""
    if run.kind in words.CHANGES_META and run.total:
        insist(request, back=reverse("phones:bulk-run", args=[run.pk]))


def _ask(request: DeskRequest, found: BulkRun, details: Mapping[str, str]) -> HttpResponse:
    asked = approvals.ask_to_start(run=found, person=request.user, details=details)
    messages.info(request, "Nothing is sent yet: a second person has to agree. Who may is told.")
    return HttpResponseRedirect(reverse("phones:approval", args=[asked.pk]))


_DECISIONS = {"pause": decide.pause, "resume": decide.resume, "cancel": decide.cancel}


def _visible(request: DeskRequest, pk: int) -> BulkRun:
    return get_object_or_404(BulkRun.objects.visible_to(request.user).select_related("requested_by"), pk=pk)


def _page(
    request: DeskRequest,
    found: BulkRun,
    filled_in: StartForm | None = None,
    *,
    differences: ProfileDifferences | None = None,
    status: int = 200,
) -> HttpResponse:
    kind, is_draft = BulkKind(found.kind), found.state == BulkState.DRAFT
    items = BulkItem.objects.visible_to(request.user).filter(run=found)
    tallies = tallies_of(items, is_draft=is_draft)
    left = count_open(tallies)
    rows, address, more = _rows(request, found, items)
    is_theirs = found.requested_by_id == request.user.pk
    waits = row_about_run(found) if is_draft else None
    context: dict[str, Any] = {
        "run": found,
        "title": f"{kind.label}: {words.counted(kind, found.total)}",
        "status": status_of_run(found),
        "tallies": tallies,
        "rows": item_rows(rows, request.user, found, with_links=found.state != BulkState.RUNNING),
        "shown_state": request.GET.get("state", ""),
        "here": address,
        "more": more,
        "total": found.total,
        "ended": max(found.total - left, 0),
        "time_left": time_left(found, left),
        "what_happens": words.WHAT_HAPPENS[kind],
        "is_open": found.state == BulkState.RUNNING,
        "approval_row": waits,
        "is_late": is_draft and waits is None and found.created_at < timezone.now() - decide.DRAFT_LIFETIME,
        "not_theirs": max(found.chosen - _numbers_in(kind, tallies), 0) if is_draft else 0,
        "may_change": roles.may_change(request.user),
        "asks": is_draft and decide.needs_second_person(found),
        "differences": differences,
        "button": _button(found, differences),
        "sets": profile_lines(found.details.get("changes", {})),
        "form": (filled_in or start_form(found)) if is_draft and is_theirs and found.total and waits is None else None,
    }
    template = "bulk/moving.html" if request.htmx and not request.htmx.boosted else "bulk/run.html"
    return render(request, template, context, status=status)


def _button(found: BulkRun, differences: ProfileDifferences | None) -> str:
    """What the button below the form of a dry run does."""
    if found.kind == BulkKind.PROFILE and (differences is None or not differences.changed):
        return "Show what changes"
    if decide.needs_second_person(found):
        return "Ask for a second person"
    return f"Start for {words.counted(BulkKind(found.kind), found.total)}"


def _numbers_in(kind: BulkKind, tallies: Sequence[Any]) -> int:
    """How many of the chosen numbers stand in the run; all of them where its items are no numbers."""
    return sum(tally.count for tally in tallies) if words.nouns(kind)[0] == "number" else 1_000_000


def _rows(request: DeskRequest, found: BulkRun, items: Any) -> tuple[list[BulkItem], Address, Address | None]:
    """The rows of this page, its address, and that of the next one."""
    address = Address(reverse("phones:bulk-run", args=[found.pk]))
    if (state := request.GET.get("state", "")) in ItemState.values:
        items, address = items.filter(state=state), address.setting("state", state)
    after = row_key(request.GET.get("after", "")) or 0
    related = items.select_related(*RELATED)
    rows = list(related.filter(position__gt=after).order_by("position")[: ROWS_SHOWN + 1])
    more = address.setting("after", str(rows[ROWS_SHOWN - 1].position)) if len(rows) > ROWS_SHOWN else None
    here = address.setting("after", str(after)) if after else address
    return rows[:ROWS_SHOWN], here, more
