"""Links that clients open, and what came of their signups: records, for looking only. No link's secret is shown."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from clients.models import SignupAttempt, SignupLink, StatusLink


class LinkAdmin(ReadOnly):
    """Links. They are made, shown and revoked on the desk."""

    list_display = ("__str__", "client", "created_by", "created_at", "expires_at", "revoked_at", "opened_at")
    list_filter = ("revoked_at", "expires_at")
    list_select_related = ("client", "created_by")
    search_fields = ("client__name", "created_by__username")


@admin.register(SignupLink)
class SignupLinkAdmin(LinkAdmin):
    """Links to the signup of one client."""


@admin.register(StatusLink)
class StatusLinkAdmin(LinkAdmin):
    """Links to the status page of one client."""


@admin.register(SignupAttempt)
class SignupAttemptAdmin(ReadOnly):
    list_display = ("id", "client", "state", "refusal", "said_event", "created_at", "ended_at", "handled_by")
    list_filter = ("state", "refusal")
    list_select_related = ("link__client", "handled_by")
    search_fields = ("link__client__name", "said_waba_id", "said_business_id", "said_session_id", "fbtrace_id")

    @admin.display(description="client", ordering="link__client__name")
    def client(self, attempt: SignupAttempt) -> str:
        return str(attempt.link.client)
