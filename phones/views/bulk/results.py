"""What came of a run, as CSV; of links that were made, their addresses, for who may act."""

import csv
import io
from collections.abc import Iterator, Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients import roles
from clients.models import SignupLink
from phones.bulk_choices import BulkKind, ItemState
from phones.models import BulkItem, BulkRun, CodeLink
from phones.views.bulk.rows import BulkItemRow, item_rows
from phones.views.open_links import address_of
from phones.views.request import DeskRequest
from portal.web.files import BYTE_ORDER_MARK, guarded

HEADER = ("phone_number_id", "display_phone_number", "client", "waba_id", "outcome", "reason", "finished_at", "link")


@require_safe
@never_cache
def results(request: DeskRequest, pk: int) -> HttpResponse:
    """A row for each item that the person may see now, in the order of the run."""
    run = get_object_or_404(BulkRun.objects.visible_to(request.user), pk=pk)
    items = BulkItem.objects.visible_to(request.user).filter(run=run).order_by("position")
    found = list(items.select_related("number", "waba__client", "client"))
    made = _links(run, found) if roles.may_change(request.user) else {}
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *_lines(item_rows(found, request.user, is_draft=False), made)])
    return HttpResponse(
        BYTE_ORDER_MARK + text.getvalue().encode(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="bulk-run-{run.pk}.csv"'},
    )


def _lines(rows: Sequence[BulkItemRow], made: dict[int, str]) -> Iterator[list[str]]:
    for row in rows:
        item = row.item
        yield [
            item.number.phone_number_id if item.number is not None else "",
            str(item.number or ""),
            guarded(str(row.client or "")),
            row.waba.waba_id if row.waba is not None else "",
            str(item.get_state_display()),
            guarded(item.reason),
            item.finished_at.isoformat(timespec="seconds") if item.finished_at is not None else "",
            made.get(item.pk, ""),
        ]


def _links(run: BulkRun, items: Sequence[BulkItem]) -> dict[int, str]:
    """The addresses of the open links that the run has made, by the key of the item."""
    done = [item for item in items if item.state == ItemState.DONE]
    if run.kind == BulkKind.CODE_LINK:
        codes = {
            link.number_id: link for link in CodeLink.objects.open().filter(number__in=[i.number_id for i in done])
        }
        return {i.pk: address_of("code", codes[i.number_id]) for i in done if i.number_id in codes}
    if run.kind == BulkKind.SIGNUP_LINK:
        signups = SignupLink.objects.open().filter(client__in=[i.client_id for i in done]).order_by("pk")
        of_clients = {link.client_id: link for link in signups}
        return {i.pk: address_of("signup", of_clients[i.client_id]) for i in done if i.client_id in of_clients}
    return {}
