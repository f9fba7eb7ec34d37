"""Labels, watches and saved views: for looking only. They are kept on the desk."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.http import HttpRequest

from clients.admin.access import ReadOnly
from clients.back_office import Subject
from clients.models import ClientLabel, ClientWatch, Label, SavedView, User


@admin.register(Label)
class LabelAdmin(ReadOnly):
    """The team's labels. Leads keep the list on the desk."""

    subject = Subject.BOOK
    fields = ("name", "colour")
    list_display = ("name", "colour", "client_count")
    list_filter = ("colour",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Label]:
        labels: QuerySet[Label] = super().get_queryset(request)
        on = ClientLabel.objects.filter(label=OuterRef("pk")).order_by().values("label").annotate(of=Count("pk"))
        return labels.annotate(client_count=Subquery(on.values("of")))

    @admin.display(description="clients", ordering="client_count")
    def client_count(self, label: Any) -> int:
        return int(label.client_count or 0)


@admin.register(ClientLabel)
class ClientLabelAdmin(ReadOnly):
    subject = Subject.BOOK
    list_display = ("client", "label")
    list_filter = ("label",)
    list_select_related = ("client", "label")
    search_fields = ("client__name", "label__name")


@admin.register(ClientWatch)
class ClientWatchAdmin(ReadOnly):
    subject = Subject.BOOK
    list_display = ("client", "person")
    list_filter = (("person", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("client", "person")
    search_fields = ("client__name", "person__username")


@admin.register(SavedView)
class SavedViewAdmin(ReadOnly):
    """Views that are shared, and one's own. As on the desk, nobody sees those that others keep for themselves."""

    subject = Subject.BOOK
    fields = ("name", "list_name", "owner", "is_shared", "slug", "parameters", "created_at")
    list_display = ("name", "list_name", "owner", "is_shared", "created_at")
    list_filter = ("list_name", "is_shared", ("owner", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("owner",)
    search_fields = ("name", "slug", "owner__username")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SavedView]:
        return SavedView.objects.visible_to(cast("User", request.user))
