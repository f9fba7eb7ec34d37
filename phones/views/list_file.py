"""A list of the desk as CSV and as Excel: what the list holds at the same address, all pages of it.

Each list says in `file_columns` what a file of it holds. `columns` in the address chooses among those; `bom=0` leaves
the byte order mark of the CSV out. The rows that are ticked in a list make a file with the same columns.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from django.contrib import messages
from django.http import FileResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from clients.desk_list import DeskList
from phones.views.exports import CSV, EXCEL, note_export, query_in_words
from phones.views.request import DeskRequest
from phones.views.whole_book import insist_before_everything
from portal.web.files import Lines, columns_asked, csv_of, csv_response, excel_response, pieces_of, workbook_of
from portal.web.query import Selection, UnusableQueryError


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: its columns, its rows some at a time, and how many these are."""

    columns: list[str]
    pieces: Iterable[Lines]
    rows: int


class Reader(Protocol):
    """What reads a file; `guard`: fit for CSV."""

    def __call__(self, request: DeskRequest, *, guard: bool) -> Content: ...


def file_routes(
    folder: str, kind: type[DeskList[Any]], *, insist: Callable[[DeskRequest], None] | None = None
) -> list[URLPattern]:
    """The addresses of the files of a list below `folder`. `insist` raises PermissionDenied for who gets none."""

    def read(request: DeskRequest, *, guard: bool) -> Content:
        if insist is not None:
            insist(request)
        found = kind(request.GET, request.user)
        insist_before_everything(request, found)
        columns = columns_asked(found.file_columns, request.GET.getlist("columns"))
        keys = found.keys_in_order()
        return Content(columns, pieces_of(found, columns, guard=guard, keys=keys), len(keys))

    @require_POST
    def chosen(request: DeskRequest) -> FileResponse | StreamingHttpResponse | HttpResponseRedirect:
        if insist is not None:
            insist(request)
        try:
            selection = Selection.of_form(request.POST, kind.name, request.user)
            keys = selection.keys_in_order(request.user)
        except UnusableQueryError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse(kind.route))
        found = kind(selection.query.data, request.user)
        if selection.keys is None:
            insist_before_everything(request, found)
        columns = columns_asked(found.file_columns, found.columns_in_file)
        is_csv = request.POST.get("as") != "xlsx"
        pieces = pieces_of(found, columns, guard=is_csv, keys=keys)
        query = query_in_words(selection.query.pairs, chosen=selection.keys is not None)
        note_export(request, kind.name, CSV if is_csv else EXCEL, rows=len(keys), query=query)
        if is_csv:
            return csv_response(csv_of(columns, pieces), kind.name, with_mark=True)
        return excel_response(workbook_of(columns, pieces, kind.name.capitalize()), kind.name)

    route = kind.route.rpartition(":")[2]
    return [*routes_of(folder, route, kind.name, read), path(f"{folder}chosen/", chosen, name=f"{route}-chosen")]


def routes_of(folder: str, route: str, name: str, read: Reader) -> list[URLPattern]:
    """The addresses of the CSV and the Excel file of what `read` reads. `name` is what the files are called."""

    @require_safe
    def csv(request: DeskRequest) -> StreamingHttpResponse:
        content = _noted(request, CSV, read(request, guard=True))
        lines = csv_of(content.columns, content.pieces)
        return csv_response(lines, name, with_mark=request.GET.get("bom") != "0")

    @require_safe
    def excel(request: DeskRequest) -> FileResponse:
        content = _noted(request, EXCEL, read(request, guard=False))
        return excel_response(workbook_of(content.columns, content.pieces, name.capitalize()), name)

    def _noted(request: DeskRequest, form: str, content: Content) -> Content:
        note_export(request, name, form, rows=content.rows, query=request.GET.urlencode())
        return content

    return [
        path(f"{folder}export.csv", csv, name=f"{route}-export"),
        path(f"{folder}export.xlsx", excel, name=f"{route}-export-excel"),
    ]
