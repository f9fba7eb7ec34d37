"""Clients, their portfolios and WABAs: who looks after whom, and what belongs to whom."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from clients.admin.access import AdministratorsOnly, FromMeta, columns_of
from clients.admin.forms import ClientForm, MergeForm, MoveForm, PortfolioForm, WabaForm
from clients.assigning import PlanChangedError, assign, assign_many, keepers_of, plan_assignment
from clients.back_office import Subject
from clients.clients import (
    MergeError,
    change_contact,
    merge_clients,
    move_waba,
    rename_client,
    set_external_id,
    set_language,
)
from clients.credentials import choose_credential
from clients.forms import AssignManyForm
from clients.models import Client, Portfolio, User, Waba
from clients.ownership import give_portfolio


@admin.register(Client)
class ClientAdmin(AdministratorsOnly):
    """Clients. One that has WABAs, portfolios, links, notes or a history of signups can be merged, not deleted."""

    subject = Subject.CLIENTS
    takes_along = ("client label", "client watch", "number label", "daily count", "client count")
    form = ClientForm
    fields = (
        "name",
        "owner",
        "cover",
        "cover_from",
        "cover_until",
        "language",
        "contact_email",
        "external_id",
        "created_at",
    )
    readonly_fields = ("created_at",)
    list_display = ("name", "owner", "cover", "cover_until", "language", "waba_count", "created_at")
    list_filter = (
        "language",
        ("owner", admin.RelatedOnlyFieldListFilter),
        ("cover", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("owner", "cover")
    search_fields = ("name", "external_id", "portfolios__business_id", "wabas__waba_id")
    search_help_text = "Name, your id, business portfolio id or WABA id"
    actions = ("assign_people", "merge")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Client]:
        clients: QuerySet[Client] = super().get_queryset(request)
        return clients.annotate(waba_count=Count("wabas", distinct=True))

    @admin.display(description="WABAs", ordering="waba_count")
    def waba_count(self, client: Any) -> int:
        return int(client.waba_count)

    @transaction.atomic
    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: Any) -> None:
        """A new client is saved as the form checked it; changes go through the services, which record them."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        actor = _actor(request)
        rename_client(client=obj, name=obj.name, actor=actor)
        set_language(client=obj, language=obj.language, actor=actor)
        change_contact(client=obj, email=obj.contact_email, actor=actor)
        set_external_id(client=obj, external_id=obj.external_id, actor=actor)
        assign(client=obj, keepers=keepers_of(obj), actor=actor)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the services have recorded who changed what into what."""

    def get_form(self, request: HttpRequest, obj: Any = None, change: Any = False, **kwargs: Any) -> Any:  # noqa: FBT002 - Django's signature
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.actor = _actor(request)
        return form

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Django's, and with what it would take along counted among what must stay: the desk forgets no signup."""
        gone, counts, lacking, protected = super().get_deleted_objects(objs, request)
        for client in objs:
            rows = (client.signup_links, client.status_links, client.onboardings, client.notes)
            protected += [f"{row._meta.verbose_name}: {row}" for its in rows for row in its.all()[:5]]
        return gone, counts, lacking, protected

    @admin.action(description="Assign owner or cover…", permissions=["change"])
    def assign_people(self, request: HttpRequest, queryset: QuerySet[Client]) -> HttpResponse | None:
        """Ask who looks after the chosen clients from now on, then assign them all, or none where one is refused."""
        form = AssignManyForm(request.POST if "confirmed" in request.POST else None, user=_actor(request))
        chosen = list(queryset.select_related("owner", "cover"))
        if form.is_valid():
            wanted = form.wanted()
            plan = plan_assignment(chosen, wanted)
            for client, why in plan.refused:
                form.add_error(None, f"{client}: {why}")
            if not plan.refused:
                # The list counts the WABAs of each client, and rows that are counted can't be locked.
                clients = Client.objects.filter(pk__in=[client.pk for client in chosen])
                try:
                    assign_many(clients, wanted, seen=plan.fingerprint, actor=_actor(request))
                except PlanChangedError:
                    self.message_user(request, "Nothing was changed: these clients changed just now.", messages.WARNING)
                else:
                    self.message_user(request, f"{len(plan.changes)} clients changed.", messages.SUCCESS)
                return None
        title = "Assign owner or cover"
        return _confirmation(self, request, "client/assign.html", title, form=form, chosen=chosen)

    @admin.action(description="Merge clients…", permissions=["change"])
    def merge(self, request: HttpRequest, queryset: QuerySet[Client]) -> HttpResponse | None:
        """Ask which of the chosen clients stays, then merge the others into it."""
        chosen = list(queryset.select_related("owner", "cover").prefetch_related("wabas", "portfolios"))
        form = MergeForm(queryset, request.POST if "confirmed" in request.POST else None)
        if len(chosen) < 2:
            self.message_user(request, "Choose at least two clients to merge.", messages.WARNING)
            return None
        if form.is_valid():
            keep = form.cleaned_data["keep"]
            try:
                merge_clients(keep=keep, absorb=[client for client in chosen if client != keep], actor=_actor(request))
            except MergeError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.message_user(request, f"Merged into {keep}.", messages.SUCCESS)
            return None
        return _confirmation(self, request, "client/merge.html", "Merge clients", form=form, chosen=chosen)


@admin.register(Portfolio)
class PortfolioAdmin(FromMeta):
    """Business portfolios at Meta. The client of one is where WABAs go that discovery finds in it later."""

    subject = Subject.CLIENTS
    fields = tuple(columns_of(Portfolio, but=["folded_name"]))
    readonly_fields = columns_of(Portfolio, but=["client", "folded_name"])
    form = PortfolioForm
    autocomplete_fields = ("client",)
    list_display = ("name", "business_id", "client")
    list_select_related = ("client",)
    search_fields = ("name", "business_id", "client__name")

    def save_model(self, request: HttpRequest, obj: Portfolio, form: Any, *_: Any) -> None:
        if "client" in form.changed_data:
            give_portfolio(obj, to=obj.client, actor=_actor(request))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the service has recorded from whom to whom."""


@admin.register(Waba)
class WabaAdmin(FromMeta):
    """WABAs. Their facts are Meta's; the token they are read with is ours to choose."""

    subject = Subject.CLIENTS
    fields = tuple(columns_of(Waba, but=["folded_name", "lease_token"]))
    readonly_fields = columns_of(Waba, but=["credential", "folded_name", "lease_token"])
    form = WabaForm
    autocomplete_fields = ("credential",)
    list_display = ("name", "waba_id", "client", "credential", "origin", "last_synced_at", "last_failure")
    list_filter = (
        "origin",
        ("credential", admin.RelatedOnlyFieldListFilter),
        ("last_failure", admin.EmptyFieldListFilter),
        ("unshared_since", admin.EmptyFieldListFilter),
    )
    list_select_related = ("client", "credential", "last_failure")
    search_fields = ("name", "waba_id", "client__name")
    actions = ("move",)

    def save_model(self, request: HttpRequest, obj: Waba, form: Any, *_: Any) -> None:
        if "credential" in form.changed_data:
            choose_credential(waba=obj, credential=obj.credential, actor=_actor(request))

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Nothing: the service has recorded which token took the place of which."""

    @admin.action(description="Move to another client…", permissions=["change"])
    def move(self, request: HttpRequest, queryset: QuerySet[Waba]) -> HttpResponse | None:
        """Ask for the client, then move the chosen WABAs there."""
        form = MoveForm(request.POST if "confirmed" in request.POST else None)
        to_field = cast("ModelChoiceField[Client]", form.fields["to"])
        to_field.widget = AutocompleteSelect(Waba._meta.get_field("client"), self.admin_site, choices=to_field.choices)
        chosen = list(queryset.select_related("client"))
        if not form.is_valid():
            return _confirmation(self, request, "waba/move.html", "Move to another client", form=form, chosen=chosen)
        to, actor = form.cleaned_data["to"], _actor(request)
        with transaction.atomic():
            for waba in chosen:
                move_waba(waba=waba, to=to, actor=actor)
        self.message_user(request, f"{len(chosen)} WABAs moved to {to}.", messages.SUCCESS)
        return None


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)  # the admin lets nobody else in


def _confirmation(
    table: AdministratorsOnly, request: HttpRequest, template: str, title: Any, **context: Any
) -> HttpResponse:
    return TemplateResponse(
        request,
        f"admin/clients/{template}",
        {
            **table.admin_site.each_context(request),
            "title": title,
            "opts": table.opts,
            "media": table.media + context["form"].media,
            "action_checkbox_name": ACTION_CHECKBOX_NAME,
            "action": request.POST["action"],
            "is_across_pages": request.POST.get("select_across") == "1",
            **context,
        },
    )
