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
from django.views.decorators.http import require_POST, require_safe

from clients import roles, services
from clients.forms import AssignForm
from clients.models import Client, User, Waba
from clients.querysets import ClientQuerySet
from phones.models import Listing, PhoneNumber
from phones.views.request import DeskRequest

PAGE = 50
NUMBERS_SHOWN = 50


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
    filters = {name: value for name in ("q", "owner", "failing") if (value := request.GET.get(name, "").strip())}
    visible = Client.objects.visible_to(request.user)
    wanted = _wanted(visible, filters, request.user)
    after, before = (_place(visible, request.GET.get(name, "")) for name in ("after", "before"))
    page, earlier, later = _page(wanted, after, before)
    context = {
        "lines": _lines(page),
        "count": wanted.count(),
        "earlier": earlier,
        "later": later,
        "filters": filters,
        "owners": User.objects.filter(owned_clients__in=visible).distinct().order_by("username"),
        "sees_everything": roles.sees_everything(request.user),
    }
    return render(request, "phones/clients.html", context)


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
        "numbers": list(numbers.select_related("waba").order_by("pk")[:NUMBERS_SHOWN]),
        "number_count": numbers.count(),
        "form": AssignForm(client=found) if roles.sees_everything(request.user) else None,
    }
    return render(request, "phones/client.html", context)


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
        visible = visible.filter(name__icontains=words.replace("\0", ""))
    owner = filters.get("owner", "")
    if owner == "-":
        visible = visible.unassigned()
    elif owner == "me":
        visible = visible.filter(owner=user)
    elif owner:
        visible = visible.filter(owner__username=owner.replace("\0", ""))
    if filters.get("failing"):
        visible = visible.filter(Exists(Waba.objects.filter(client=OuterRef("pk"), last_failure__isnull=False)))
    return visible


def _place(visible: ClientQuerySet, pk: str) -> tuple[str, int] | None:
    """Where a client stands in the order of names; None for one that the person may not see."""
    if not pk.isascii() or not pk.isdecimal():
        return None
    return visible.annotate(order=Lower("name")).values_list("order", "pk").filter(pk=int(pk)).first()


def _page(
    wanted: ClientQuerySet, after: tuple[str, int] | None, before: tuple[str, int] | None
) -> tuple[list[Client], int | None, int | None]:
    """One page, and the clients to put in `before` and `after` for its neighbours.

    A page is addressed by a client beside it, so that clients that come and go shift nobody's page.
    """
    ordered = wanted.alias(order=Lower("name")).select_related("owner", "cover")
    if before:
        name, pk = before
        behind = ordered.filter(Q(order__lt=name) | Q(order=name, pk__lt=pk)).order_by("-order", "-pk")
        found = list(behind[: PAGE + 1])
        page = found[:PAGE][::-1]
        return page, page[0].pk if len(found) > PAGE else None, page[-1].pk if page else None
    ahead = ordered.order_by("order", "pk")
    if after:
        name, pk = after
        ahead = ahead.filter(Q(order__gt=name) | Q(order=name, pk__gt=pk))
    found = list(ahead[: PAGE + 1])
    page = found[:PAGE]
    return page, page[0].pk if after and page else None, page[-1].pk if len(found) > PAGE else None


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
