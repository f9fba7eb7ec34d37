"""The numbers list and its files: readings of the same address."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from clients import roles
from clients.desk_list import BASED_ON
from clients.models import Client, User
from phones.bulk_choices import BulkKind
from phones.listing.columns import STANDARD
from phones.listing.export import columns_asked, columns_shown, pieces_of
from phones.listing.selection import NumberList
from phones.views.empty import why_empty
from phones.views.exports import CSV, EXCEL, note_export, query_in_words
from phones.views.listing import controls
from phones.views.request import DeskRequest
from phones.views.whole_book import insist_before_everything
from portal.web.addresses import Address
from portal.web.files import csv_of, csv_response, excel_response, workbook_of
from portal.web.keyset import keys_in_order
from portal.web.list_parts import EmptyState
from portal.web.query import Selection, UnusableQueryError

NO_CLIENTS = EmptyState(
    "No client is yours yet",
    "A team lead gives you clients, as their account manager or to cover for someone. "
    "Their numbers are listed here then.",
)


@require_safe
@vary_on_headers("HX-Request")
def phones(request: DeskRequest) -> HttpResponse:
    """The list; to htmx only what a search, a filter or a turn of the page changes.

    `panel`: with the filter panel, which browsers with script fetch when it is opened.
    """
    numbers = NumberList(request.GET, request.user)
    context = _results(request, numbers)
    if request.GET.get("panel"):
        context |= controls.panel_of(numbers, request.GET.get("client_name"))
    if not _is_partial(request):
        return render(request, "listing/page.html", context | _surroundings(request, numbers))
    response = render(request, "listing/partial.html", context | {"is_partial": True})
    response["HX-Push-Url"] = str(numbers.here)
    return response


@require_safe
def export(request: DeskRequest) -> StreamingHttpResponse:
    """The numbers of the list at this address, all pages of it, in the same order, as CSV.

    `bom=0` leaves the byte order mark out.
    """
    keys, columns = _asked(request, CSV)
    lines = csv_of(columns, pieces_of(keys, request.user, columns, guard=True))
    return csv_response(lines, "numbers", with_mark=request.GET.get("bom") != "0")


@require_POST
def export_chosen(request: DeskRequest) -> StreamingHttpResponse | FileResponse | HttpResponseRedirect:
    """The numbers that the list's form chooses, in the order and with the columns of the list: as CSV, or `xlsx`."""
    try:
        chosen = Selection.of_form(request.POST, NumberList.name, request.user)
        keys = chosen.keys_in_order(request.user)
    except UnusableQueryError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("phones:list"))
    numbers = NumberList(chosen.query.data, request.user)
    if chosen.keys is None:
        insist_before_everything(request, numbers)
    columns = columns_asked(columns_shown([column.name for column in numbers.shown_columns()]))
    is_workbook = request.POST.get("as") == "xlsx"
    query = query_in_words(chosen.query.pairs, chosen=chosen.keys is not None)
    note_export(request, "numbers", EXCEL if is_workbook else CSV, rows=len(keys), query=query)
    if is_workbook:
        pieces = pieces_of(keys, request.user, columns, guard=False)
        return excel_response(workbook_of(columns, pieces, "Numbers"), "numbers")
    return csv_response(csv_of(columns, pieces_of(keys, request.user, columns, guard=True)), "numbers", with_mark=True)


@require_safe
def export_workbook(request: DeskRequest) -> FileResponse:
    """The same numbers as an Excel file."""
    keys, columns = _asked(request, EXCEL)
    return excel_response(
        workbook_of(columns, pieces_of(keys, request.user, columns, guard=False), "Numbers"), "numbers"
    )


def _asked(request: DeskRequest, form: str) -> tuple[Sequence[int], list[str]]:
    """Which numbers, and which of their columns. Who takes them is written down."""
    numbers = NumberList(request.GET, request.user)
    insist_before_everything(request, numbers)
    keys = keys_in_order(numbers.whole(), numbers.order)
    note_export(request, "numbers", form, rows=len(keys), query=request.GET.urlencode())
    return keys, columns_asked(numbers.data.getlist("columns"))


def _is_partial(request: DeskRequest) -> bool:
    """Whether htmx asks for the results alone; not when it takes the place of a link or of the back button."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def _results(request: DeskRequest, numbers: NumberList) -> dict[str, object]:
    columns = numbers.shown_columns()
    return {
        "list": numbers,
        "size": numbers.size,
        "applied": len(numbers.applied) - len(numbers.address.values("q")),
        "files": _files(numbers),
        "sorted_by": controls.order_words(numbers.order),
        "columns": columns,
        "is_selectable": True,
        "may_change": roles.may_change(request.user),
        "not_for_viewers": roles.NOT_FOR_VIEWERS,
        "bulk_kinds": tuple(BulkKind),
        "may_assign": roles.may_assign(request.user),
        "is_broad": len(columns) > len(STANDARD),
        "empty": None if numbers.rows else why_empty(numbers, "number", _none_yet(request.user)),
    }


def _files(numbers: NumberList) -> list[tuple[str, Address]]:
    """The files of all pages: every public column, or those that the person chose to see."""
    address = numbers.address.setting("per_page").setting(BASED_ON).setting("columns")
    if numbers.shown_columns() != STANDARD:
        shown = columns_shown([column.name for column in numbers.shown_columns()])
        address = address.setting("columns", ",".join(shown))
    return [("CSV", address.at(reverse("phones:export"))), ("Excel", address.at(reverse("phones:export-excel")))]


def _none_yet(person: User) -> EmptyState:
    if roles.sees_everything(person) or Client.objects.visible_to(person).exists():
        text = (
            "The first sync reads every WABA that is shared with the business, and all numbers on them. The numbers "
            "appear here while it runs."
        )
        return EmptyState("No numbers yet", text, "Syncs", reverse("phones:syncs"))
    return NO_CLIENTS


def _surroundings(request: DeskRequest, numbers: NumberList) -> dict[str, object]:
    return {
        "tabs": controls.tabs_of(numbers.address, request.user),
        "queues_shown": True,
        **controls.kept_of(numbers),
    }
