"""What was read from Meta and what went wrong: records, for looking only."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from clients.models import SyncFailure, SyncRun


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnly):
    list_display = ("__str__", "scope", "trigger", "client", "waba", "requested_by", "state", "created_at", "wabas")
    list_filter = ("state", "scope", "trigger")
    list_select_related = ("client", "waba", "requested_by")
    search_fields = ("client__name", "waba__name", "waba__waba_id", "requested_by__username")


@admin.register(SyncFailure)
class SyncFailureAdmin(ReadOnly):
    list_display = ("at", "kind", "code", "waba", "credential", "run", "fbtrace_id")
    list_filter = ("kind",)
    list_select_related = ("waba", "credential", "run")
    search_fields = ("kind", "waba__name", "waba__waba_id", "fbtrace_id")
