"""What came of a run, as CSV and as Excel; of links that were made, their addresses, for who may send them."""

from collections.abc import Iterator
from types import MappingProxyType

from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from phones.models import BulkItem, BulkRun
from phones.views.bulk.rows import RELATED, item_rows
from phones.views.exports import CSV, EXCEL, note_export
from phones.views.request import DeskRequest
from portal.web.files import Lines, csv_of, csv_response, excel_response, lines_of, workbook_of

# Rows that are read at once.
_PIECE = 200
# Columns and their order are public: new ones go to the end.
COLUMNS = MappingProxyType(
    {
        "phone_number_id": lambda row: row.item.number and row.item.number.phone_number_id,
        "display_phone_number": lambda row: row.item.number,
        "client": lambda row: row.client,
        "waba_id": lambda row: row.waba and row.waba.waba_id,
        "outcome": lambda row: row.item.get_state_display(),
        "reason": lambda row: row.item.reason,
        "finished_at": lambda row: row.item.finished_at,
        "link": lambda row: row.line and row.line.address,
        "mailed_to": lambda row: row.item.mail_to,
    }
)


@require_safe
@never_cache
def as_csv(request: DeskRequest, pk: int) -> StreamingHttpResponse:
    run = _visible(request, pk)
    _note(request, run, CSV)
    return csv_response(csv_of(list(COLUMNS), _pieces(request, run, guard=True)), f"bulk-run-{pk}", with_mark=True)


@require_safe
@never_cache
def as_excel(request: DeskRequest, pk: int) -> FileResponse:
    run = _visible(request, pk)
    _note(request, run, EXCEL)
    book = workbook_of(list(COLUMNS), _pieces(request, run, guard=False), f"Bulk run {pk}")
    return excel_response(book, f"bulk-run-{pk}")


def _visible(request: DeskRequest, pk: int) -> BulkRun:
    return get_object_or_404(BulkRun.objects.visible_to(request.user), pk=pk)


def _note(request: DeskRequest, run: BulkRun, form: str) -> None:
    rows = BulkItem.objects.visible_to(request.user).filter(run=run).count()
    note_export(request, f"results of bulk run {run.pk}", form, rows=rows, query="", about=run)


def _pieces(request: DeskRequest, run: BulkRun, *, guard: bool) -> Iterator[Lines]:
    """A row for each item that the person may see now, in the order of the run."""
    items, after = BulkItem.objects.visible_to(request.user).filter(run=run).order_by("position"), 0
    while found := list(items.select_related(*RELATED).filter(position__gt=after)[:_PIECE]):
        yield lines_of(item_rows(found, request.user, run, with_links=True), COLUMNS, list(COLUMNS), guard=guard)
        after = found[-1].position
