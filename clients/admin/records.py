"""What was read from Meta, clients' links and signups: records, for looking only. No secret is shown."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from clients.back_office import Subject
from clients.models import RefusedField, SignupAttempt, SignupLink, StatusLink, SyncFailure, SyncRun


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnly):
    subject = Subject.READINGS
    list_display = ("__str__", "scope", "trigger", "client", "waba", "requested_by", "state", "created_at", "wabas")
    list_filter = ("state", "scope", "trigger")
    list_select_related = ("client", "waba", "requested_by")
    search_fields = ("client__name", "waba__name", "waba__waba_id", "requested_by__username")


@admin.register(SyncFailure)
class SyncFailureAdmin(ReadOnly):
    subject = Subject.READINGS
    list_display = ("at", "kind", "code", "waba", "credential", "run", "fbtrace_id")
    list_filter = ("kind",)
    list_select_related = ("waba", "credential", "run")
    search_fields = ("kind", "waba__name", "waba__waba_id", "fbtrace_id")


@admin.register(RefusedField)
class RefusedFieldAdmin(ReadOnly):
    subject = Subject.READINGS
    list_display = ("field", "node_type", "version", "first_refused_at", "refused_at", "given_up_at", "answered_at")
    list_filter = ("version", "node_type", ("given_up_at", admin.EmptyFieldListFilter))
    search_fields = ("field",)


@admin.register(SignupLink, StatusLink)
class LinkAdmin(ReadOnly):
    """Links. They are made, shown and revoked on the desk."""

    subject = Subject.SIGNUPS
    list_display = ("__str__", "client", "created_by", "created_at", "expires_at", "revoked_at", "opened_at")
    list_filter = ("revoked_at", "expires_at")
    list_select_related = ("client", "created_by")
    search_fields = ("client__name", "created_by__username")


@admin.register(SignupAttempt)
class SignupAttemptAdmin(ReadOnly):
    subject = Subject.SIGNUPS
    list_display = ("id", "client", "state", "refusal", "said_event", "created_at", "ended_at", "handled_by")
    list_filter = ("state", "refusal", "created_at")
    date_hierarchy = "created_at"
    list_select_related = ("link__client", "handled_by")
    search_fields = ("link__client__name", "said_waba_id", "said_business_id", "said_session_id", "fbtrace_id")

    @admin.display(description="client", ordering="link__client__name")
    def client(self, attempt: SignupAttempt) -> str:
        return str(attempt.link.client)
