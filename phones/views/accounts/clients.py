"""The clients, one client, and who looks after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Min, OuterRef, Q
from django.db.models.functions import Lower
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import roles, services
from clients.forms import AssignForm, NewClientForm
from clients.models import Client, User, Waba
from clients.querysets import ClientQuerySet
from phones.listing.rows import rows_of
from phones.models import Listing, PhoneNumber
from phones.views.accounts import signup_panel
from phones.views.request import DeskRequest
from portal.web.addresses import is_storable
from portal.web.keyset import Cursor, SortOrder, page

PAGE = 50
NUMBERS_SHOWN = 50
BY_NAME = SortOrder("name", "folded_name", optional=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One client in the list. `read_at` is when the WABA that waits longest was last read; None when one never was."""

    client: Client
    wabas: int
    failing: int
    numbers: int
    read_at: datetime | None


@require_safe
def clients(request: DeskRequest) -> HttpResponse:
    """The clients that the person may see, by name, a page at a time."""
    given = {name: request.GET.get(name, "").strip() for name in ("q", "owner", "failing")}
    filters = {name: value for name, value in given.items() if value and is_storable(value)}
    visible = Client.objects.visible_to(request.user)
    wanted = _wanted(visible, filters, request.user)
    found = page(wanted, BY_NAME, Cursor.read(request.GET.get("page", ""), BY_NAME), PAGE)
    context = {
        "lines": _lines(found.rows),
        "count": wanted.count(),
        "previous": found.previous.token(BY_NAME) if found.previous else None,
        "next": found.next.token(BY_NAME) if found.next else None,
        "filters": filters,
        "owners": User.objects.filter(owned_clients__in=visible).distinct().order_by("username"),
        "sees_everything": roles.sees_everything(request.user),
        "may_change": roles.may_change(request.user),
    }
    return render(request, "accounts/clients.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """A client that was just won: the form, and the POST that makes it and goes to its page."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    form = NewClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_client(name=form.cleaned_data["name"], actor=request.user)
        except services.NameNotUsableError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"{made} is on the desk. Make a signup link and send it to them.")
            return HttpResponseRedirect(reverse("phones:client", args=[made.pk]))
    return render(request, "accounts/new_client.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def client(request: DeskRequest, pk: int) -> HttpResponse:
    """One client: its portfolios, WABAs and numbers, and who looks after it."""
    found = _visible_client(request.user, pk)
    wabas = found.wabas.select_related("last_failure", "credential").annotate(
        numbers=Count("listings", filter=Q(listings__is_current=True))
    )
    numbers = PhoneNumber.objects.on(Waba.objects.filter(client=found))
    context = {
        "client": found,
        "portfolios": list(found.portfolios.all()),
        "wabas": list(wabas),
        "rows": rows_of(list(numbers.order_by("pk")[:NUMBERS_SHOWN]), request.user),
        "number_count": numbers.count(),
        "form": AssignForm(client=found) if roles.sees_everything(request.user) else None,
        "panel": signup_panel.of_client(found, request.user, made=request.GET.get("made", "")),
    }
    return render(request, "accounts/client.html", context)


@require_POST
def assign(request: DeskRequest, pk: int) -> HttpResponse:
    """Give the client an account manager and a cover: for who sees every client."""
    found = _visible_client(request.user, pk)
    if not roles.sees_everything(request.user):
        raise PermissionDenied
    form = AssignForm(request.POST, client=found)
    if not form.is_valid():
        messages.error(request, "Choose people from the list.")
        return HttpResponseRedirect(reverse("phones:client", args=[pk]))
    owner, cover = form.cleaned_data["owner"], form.cleaned_data["cover"]
    try:
        services.assign(client=found, owner=owner, cover=cover, actor=request.user)
    except services.NotAssignableError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{found} is now owned by {owner or 'nobody'} and covered by {cover or 'nobody'}.")
    return HttpResponseRedirect(reverse("phones:client", args=[pk]))


def _visible_client(user: User, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(user).select_related("owner", "cover"), pk=pk)


def _wanted(visible: ClientQuerySet, filters: Mapping[str, str], user: User) -> ClientQuerySet:
    if words := filters.get("q", ""):
        visible = visible.filter(name__icontains=words)
    owner = filters.get("owner", "")
    if owner == "-":
        visible = visible.unassigned()
    elif owner == "me":
        visible = visible.filter(owner=user)
    elif owner:
        visible = visible.filter(owner__username=owner)
    if filters.get("failing"):
        visible = visible.filter(Exists(Waba.objects.filter(client=OuterRef("pk"), last_failure__isnull=False)))
    return visible.alias(folded_name=Lower("name")).select_related("owner", "cover")


def _lines(page: list[Client]) -> list[Line]:
    """The clients with their figures, in two queries however many clients they are."""
    of_wabas = {
        pk: (count, failing, oldest if read == count else None)
        for pk, count, failing, read, oldest in Waba.objects.filter(client__in=page)
        .order_by()
        .values_list("client")
        .annotate(Count("pk"), Count("last_failure"), Count("last_synced_at"), Min("last_synced_at"))
    }
    of_numbers = dict(
        Listing.objects.current()
        .filter(waba__client__in=page)
        .order_by()
        .values_list("waba__client")
        .annotate(Count("number", distinct=True))
    )
    lines = []
    for client in page:
        wabas, failing, read_at = of_wabas.get(client.pk, (0, 0, None))
        lines.append(Line(client, wabas, failing, of_numbers.get(client.pk, 0), read_at))
    return lines
