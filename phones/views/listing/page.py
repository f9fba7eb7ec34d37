"""The numbers list and its CSV file: two readings of the same address."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from clients import roles
from clients.models import Client
from phones.choices import STATUSES
from phones.listing.columns import STANDARD, columns_named
from phones.listing.export import lines_of
from phones.listing.rows import rows_of
from phones.listing.selection import Selection, select
from phones.views.listing import controls
from phones.views.request import DeskRequest
from portal.web.addresses import Address
from portal.web.keyset import Cursor, Page, keys_in_order, page

# Facts of a number that no column shows, and that are long.
_NOT_SHOWN = ("webhook_configuration", "provenance", "former_names", "search_text")


@require_safe
@vary_on_headers("HX-Request")
def phones(request: DeskRequest) -> HttpResponse:
    """The list; to htmx only what a search, a filter or a turn of the page changes."""
    selection = select(request.GET, request.user)
    rows, count = selection.counted()
    token = request.GET.get("page", "")
    cursor = Cursor.read(token, selection.order) if token else None
    if token and cursor is None:
        selection.notes.append("This address led to a page of another list. Here is the first page.")
    found = page(rows.defer(*_NOT_SHOWN), selection.order, cursor, controls.page_size(request.GET))
    address = controls.address_of(request.GET)
    context = _results(request, selection, found, address) | {"count": count}
    if not _is_partial(request):
        clients, owners = controls.choices_of(request.user, address.values("client"))
        context |= _chips(address, clients) | _surroundings(request, address, clients, owners)
        return render(request, "listing/page.html", context)
    named = address.values("client")
    context |= _chips(address, controls.clients_of(request.user, named) if named else []) | {"is_partial": True}
    response = render(request, "listing/results.html", context)
    response["HX-Push-Url"] = str(address.setting("page", token) if cursor else address)
    return response


@require_safe
def export(request: DeskRequest) -> StreamingHttpResponse:
    """The numbers of the list at this address, all pages of it, in the same order, as CSV."""
    selection = select(request.GET, request.user)
    lines = lines_of(keys_in_order(selection.whole(), selection.order), request.user)
    name = f"numbers-{timezone.now():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _is_partial(request: DeskRequest) -> bool:
    """Whether htmx asks for the results alone; not when it takes the place of a link or of the back button."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def _results(request: DeskRequest, selection: Selection, found: Page, address: Address) -> dict[str, object]:
    columns = columns_named(request.GET.getlist("columns"))
    order = selection.order
    return {
        "address": address,
        "export": address.setting("columns").setting("per_page").at(reverse("phones:export")),
        "notes": selection.notes,
        "sorts": controls.sort_options(order),
        "heads": controls.heads_of(columns, order, address),
        "columns": columns,
        "is_broad": len(columns) > len(STANDARD),
        "rows": rows_of(found.rows, request.user),
        "previous": address.setting("page", found.previous.token(order)) if found.previous else None,
        "next": address.setting("page", found.next.token(order)) if found.next else None,
        "size": controls.page_size(request.GET),
        "sizes": [(each, address.setting("per_page", str(each))) for each in controls.PAGE_SIZES],
        "empty": "" if found.rows else _why_empty(request, selection),
    }


def _chips(address: Address, clients: list[controls.Choice]) -> dict[str, object]:
    chips, applied = controls.chips_of(address, clients)
    return {"chips": chips, "more_chips": applied - len(chips), "applied": applied - len(address.values("q"))}


def _why_empty(request: DeskRequest, selection: Selection) -> str:
    if roles.role_of(request.user) is None:
        return "no-role"
    if selection.filters.is_narrowed:
        return "no-match"
    if roles.sees_everything(request.user) or Client.objects.visible_to(request.user).exists():
        return "no-numbers"
    return "no-clients"


def _surroundings(
    request: DeskRequest, address: Address, clients: list[controls.Choice], owners: list[controls.Choice]
) -> dict[str, object]:
    choices = controls.client_options(address, clients)
    in_form = {"q", "owner", "sort", "columns", *(["client"] if choices else []), *STATUSES}
    return {
        "tabs": controls.tabs_of(address),
        "groups": controls.groups_of(address),
        "clients": choices,
        "owners": controls.owner_options(address, owners, request.user),
        "column_options": controls.column_options(columns_named(request.GET.getlist("columns"))),
        # What the form has no field for travels with it.
        "kept": [(name, value) for name, value in address.pairs if name not in in_form],
        "typed": " ".join(address.values("q")),
    }
