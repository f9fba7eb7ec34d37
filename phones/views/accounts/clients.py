"""The clients, one client, and who looks after it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Subquery
from django.db.models.expressions import Combinable
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients import roles
from clients.assigning import NotAssignableError
from clients.assigning import assign as assign_people
from clients.clients import NameNotUsableError, make_client, set_language
from clients.desk_list import DeskList
from clients.filters import ClientFilters, labels_by_key
from clients.forms import AssignForm, LanguageForm, NewClientForm, people_for
from clients.models import Client, ClientLabel, Label, Portfolio, User, Waba
from clients.ownership import clients_portfolios
from phones.listing.filters import SearchFilter
from phones.listing.rows import rows_of_listed
from phones.listing.search import in_client
from phones.models import Listing
from phones.views import book_panel
from phones.views.accounts import client_news, signup_panel
from phones.views.accounts.client_news import NUMBERS_SHOWN, numbers_of, wabas_of
from phones.views.addressed_row import workable_or_404
from phones.views.empty import why_empty
from phones.views.leaving import case_of_client
from phones.views.list_page import render_list
from phones.views.request import DeskRequest
from portal.web.counts import Counted
from portal.web.gathered import Gathered
from portal.web.keyset import Count as CountUpTo
from portal.web.keyset import SortOrder
from portal.web.list_parts import Column, EmptyState

NUMBERS_COUNTED = 10_000
# Columns that are shown to who chooses them.
_BY_CHOICE = frozenset({"language", "contact_email", "external_id"})
# What names a person in a form.
_OF_PERSON = ("id", "username", "first_name", "last_name")
BY_NAME = SortOrder("name", "folded_name", optional=False)


class SearchedClientFilters(ClientFilters):
    """The same, and by what the search box of the numbers list knows of a client: names, Graph ids, phone numbers."""

    q = SearchFilter(in_client)


@dataclass(frozen=True, slots=True)
class ClientRow:
    """One client in the list. `read_at` is when the WABA that waits longest was last read; None when one never was."""

    client: Client
    wabas: int
    failing: int
    numbers: int
    read_at: datetime | None
    labels: list[Label]


class ClientList(DeskList[ClientRow]):
    name = "clients"
    model = Client
    route = "phones:clients"
    filter_set = SearchedClientFilters
    css = "clients"
    columns = (
        Column("name", "Client", order="name", in_file=("client",)),
        Column("owner", "Account manager", "wide"),
        Column("cover", "Cover", "wide"),
        Column("wabas", "WABAs", "num wide"),
        Column("numbers", "Numbers", "num"),
        Column("language", "Language", "wide"),
        Column("contact_email", "Mail contact", "wide"),
        Column("external_id", "Your id", "wide"),
        Column("failing", "Readings", in_file=("failing_wabas",)),
        Column("read_at", "Oldest reading", "num wide", in_file=("oldest_reading",)),
    )
    orders = {"name": BY_NAME}
    usual_order = BY_NAME
    page_sizes = (50, 100, 200)
    counted = 10_000
    telling = ("name", "owner_id", "cover_id", "cover_until", "waba_count", "is_failing")
    file_columns = MappingProxyType(
        {
            "client": lambda row: row.client.name,
            "owner": lambda row: row.client.owner,
            "cover": lambda row: row.client.cover,
            "language": lambda row: row.client.language,
            "contact_email": lambda row: row.client.contact_email,
            "wabas": lambda row: row.wabas,
            "numbers": lambda row: row.numbers,
            "failing_wabas": lambda row: row.failing,
            "oldest_reading": lambda row: row.read_at,
            "external_id": lambda row: row.client.external_id,
        }
    )

    @property
    def standard_columns(self) -> Sequence[Column]:
        return [column for column in self.columns if column.name not in _BY_CHOICE]

    def prepare(self, rows: QuerySet[Client]) -> QuerySet[Client]:
        wabas = Waba.objects.filter(client=OuterRef("pk")).order_by().values("client")
        counted = Subquery(wabas.annotate(count=Count("pk")).values("count"))
        is_failing = Exists(wabas.filter(last_failure__isnull=False))
        return rows.select_related("owner", "cover").annotate(waba_count=counted, is_failing=is_failing)

    def rows_of(self, found: Sequence[Client]) -> list[ClientRow]:
        """With their figures, in three queries however many clients they are."""
        of_wabas = {
            pk: (count, failing, oldest if read == count else None)
            for pk, count, failing, read, oldest in Waba.objects.filter(client__in=found)
            .order_by()
            .values_list("client")
            .annotate(Count("pk"), Count("last_failure"), Count("last_synced_at"), Min("last_synced_at"))
        }
        of_numbers = dict(
            Listing.objects.current()
            .filter(waba__client__in=found)
            .order_by()
            .values_list("waba__client")
            .annotate(Count("number", distinct=True))
        )
        labels: dict[int, list[Label]] = defaultdict(list)
        for row in ClientLabel.objects.filter(client__in=found).select_related("label"):
            labels[row.client_id].append(row.label)
        rows = []
        for client in found:
            wabas, failing, read_at = of_wabas.get(client.pk, (0, 0, None))
            rows.append(ClientRow(client, wabas, failing, of_numbers.get(client.pk, 0), read_at, labels[client.pk]))
        return rows


@require_safe
def clients(request: DeskRequest) -> HttpResponse:
    found = ClientList(request.GET, request.user)
    context = {
        "actions": "accounts/assign_button.html",
        "kept": found.kept_besides({"q", "owner", "cover", "label", "watched", "failing"}),
        "labels": labels_by_key(request.user),
        "empty": why_empty(found, "client", _none_yet(request.user)),
        "filters": dict(reversed(found.applied)),
        "languages": ClientFilters.base_filters["language"].choices,
        "owners": _owners_of(found),
        "sees_everything": roles.sees_everything(request.user),
        "may_assign": roles.may_assign(request.user),
        "may_change": roles.may_change(request.user),
    }
    return render_list(request, "accounts/clients.html", found, context)


def _owners_of(clients: ClientList) -> QuerySet[User]:
    owners = clients.visible().order_by().values("owner").distinct()
    return User.objects.filter(pk__in=owners).order_by("username")


def _none_yet(person: User) -> EmptyState:
    if roles.sees_everything(person):
        text = (
            "Clients appear with the first sync: it finds every WABA that is shared with the business, and makes a "
            "client of each business behind them."
        )
        return EmptyState("No clients yet", text, extra="accounts/sync_everything.html")
    text = "A team lead gives you clients, as their account manager or to cover for someone. Then they are listed here."
    return EmptyState("No client is yours yet", text)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: DeskRequest) -> HttpResponse:
    """A client that was just won: the form, and the POST that makes it and goes to its page."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    form = NewClientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_client(**form.cleaned_data, actor=request.user)
        except NameNotUsableError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, f"{made} is on the desk. Make a signup link and send it to them.")
            return HttpResponseRedirect(reverse("phones:client", args=[made.pk]))
    return render(request, "accounts/new_client.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def client(request: DeskRequest, pk: int) -> HttpResponse:
    visible = Client.objects.visible_to(request.user).select_related("owner", "cover")
    besides = {
        **signup_panel.WHAT_THERE_IS,
        **book_panel.kept_of_client(request.user),
        **case_of_client(request.user),
        **_besides(request.user),
    }
    found = get_object_or_404(visible.annotate(**besides), pk=pk)
    wabas = list(wabas_of(found).select_related("last_failure", "credential"))
    rows = rows_of_listed(numbers_of(found)[:NUMBERS_SHOWN], request.user)
    counted = found.number_count  # type: ignore[attr-defined] # annotated
    count = CountUpTo(min(counted, NUMBERS_COUNTED), is_complete=counted <= NUMBERS_COUNTED)
    context = {
        "client": found,
        "news": client_news.address_of(found, wabas, [row.number for row in rows]),
        "portfolios": [Portfolio(name=name, business_id=key) for name, key in found.its_portfolios],  # type: ignore[attr-defined] # annotated
        "wabas": wabas,
        "with_waba": len(wabas) > 1,
        "rows": rows,
        "number_count": count,
        "more_numbers": count.counted > NUMBERS_SHOWN,
        "language_form": LanguageForm(initial={"language": found.language}) if roles.may_change(request.user) else None,
        "form": _assign_form(found, request.user),
        "book": book_panel.of_client(found, request.user, request.GET),
        "panel": signup_panel.of_client(found, request.user, request.GET),
    }
    return render(request, "accounts/client.html", context)


def _besides(person: User) -> dict[str, Combinable]:
    """What is read along with a client: how many numbers it has, its portfolios, and people to choose from."""
    listings = Listing.objects.current().filter(waba__client=OuterRef("pk")).order_by().values("number").distinct()
    found: dict[str, Combinable] = {
        "number_count": Counted(listings[: NUMBERS_COUNTED + 1]),
        "its_portfolios": Gathered(clients_portfolios().filter(client=OuterRef("pk")), "name", "business_id"),
    }
    if roles.may_assign(person):
        found["people"] = Gathered(people_for(None), *_OF_PERSON)
    return found


def _assign_form(client: Client, person: User) -> AssignForm | None:
    if not roles.may_assign(person):
        return None
    rows = client.people  # type: ignore[attr-defined] # annotated
    return AssignForm(client=client, people=[User(**dict(zip(_OF_PERSON, row, strict=True))) for row in rows])


@require_POST
def assign(request: DeskRequest, pk: int) -> HttpResponse:
    """Give the client an account manager and a cover: for who may."""
    found = workable_or_404(Client.objects.select_related("owner", "cover"), request.user, pk=pk)
    if not roles.may_assign(request.user):
        raise PermissionDenied
    form = AssignForm(request.POST, client=found)
    if not form.is_valid():
        messages.error(request, "Choose people from the list, and write days like 2026-12-24.")
        return HttpResponseRedirect(reverse("phones:client", args=[pk]))
    keepers = form.keepers()
    try:
        closed = assign_people(
            client=found, keepers=keepers, actor=request.user, revoke_links=form.cleaned_data["links"]
        )
    except NotAssignableError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request,
            f"{found} is now looked after by {keepers.owner or 'nobody'} and covered by {keepers.cover_in_words}."
            + (f" Open links revoked: {closed}." if closed else ""),
        )
    return HttpResponseRedirect(reverse("phones:client", args=[pk]))


@require_POST
def choose_language(request: DeskRequest, pk: int) -> HttpResponse:
    """In which language the client gets its links and the messages with them."""
    found = workable_or_404(Client.objects.all(), request.user, pk=pk)
    form = LanguageForm(request.POST)
    if form.is_valid():
        set_language(client=found, language=form.cleaned_data["language"], actor=request.user)
        messages.success(request, f"Language of new links and messages: {found.language_in_words.lower()}.")
    else:
        messages.error(request, "Choose a language from the list.")
    return HttpResponseRedirect(reverse("phones:client", args=[pk]))
