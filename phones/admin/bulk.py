"""What was done for many numbers at once, and how many numbers stood where: for looking only."""

from django.contrib import admin

from clients.admin.access import ReadOnly, columns_of
from clients.back_office import Subject
from phones.models import Approval, BulkItem, BulkRun, ClientCount, DailyCount


@admin.register(BulkRun)
class BulkRunAdmin(ReadOnly):
    """Bulk runs. They are paused, taken up again and cancelled on the desk."""

    subject = Subject.NUMBERS
    fields = tuple(columns_of(BulkRun, but=["lease_token", "lease_until"]))
    list_display = ("created_at", "kind", "state", "requested_by", "chosen", "total", "note", "finished_at")
    list_filter = ("state", "kind", ("requested_by", admin.RelatedOnlyFieldListFilter), "created_at")
    list_select_related = ("requested_by",)
    search_fields = ("requested_by__username", "note")
    date_hierarchy = "created_at"


@admin.register(BulkItem)
class BulkItemAdmin(ReadOnly):
    subject = Subject.NUMBERS
    fields = tuple(columns_of(BulkItem, but=["key", "seen"]))
    list_display = ("id", "run", "position", "number", "waba", "client", "state", "reason", "finished_at")
    list_filter = ("state", "run__kind")
    list_select_related = ("run", "number", "waba", "client")
    search_fields = ("=run__pk", "number__digits", "=number__phone_number_id", "=waba__waba_id", "client__name")


@admin.register(Approval)
class ApprovalAdmin(ReadOnly):
    """What waits for a second person, or waited. It is decided on the desk."""

    subject = Subject.NUMBERS
    fields = tuple(columns_of(Approval, but=["key", "seen"]))
    list_display = ("requested_at", "kind", "state", "number", "run", "requested_by", "decided_by", "decided_at")
    list_filter = ("state", "kind", "requested_at")
    list_select_related = ("number", "run", "requested_by", "decided_by")
    search_fields = ("number__digits", "=number__phone_number_id", "requested_by__username")


@admin.register(DailyCount)
class DailyCountAdmin(ReadOnly):
    """What "Over time" is drawn from, of all clients together, and of each before there were counts of clients."""

    subject = Subject.NUMBERS
    list_display = ("day", "client", "field", "value", "numbers")
    list_filter = ("field", "day", ("client", admin.EmptyFieldListFilter))
    list_select_related = ("client",)
    search_fields = ("client__name", "=value")


@admin.register(ClientCount)
class ClientCountAdmin(ReadOnly):
    """What "Over time" is drawn from, of each client."""

    subject = Subject.NUMBERS
    list_display = ("since", "until", "client", "field", "value", "numbers")
    list_filter = ("field", "since")
    list_select_related = ("client",)
    search_fields = ("client__name", "=value")
