"""Onboardings with their steps, and the code links of clients: records, for looking only. No link's secret is shown."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clients.admin.access import ReadOnly, columns_of, is_administrator, nobody
from phones.models import CodeLink, Onboarding, OnboardingStep


class OnboardingStepInline(admin.TabularInline):  # type: ignore[type-arg] # not generic at run time
    """The steps of an onboarding."""

    model = OnboardingStep
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "kind",
        "number",
        "state",
        "tries",
        "started_at",
        "finished_at",
        "error_kind",
        "message",
    )

    has_add_permission = has_change_permission = nobody

    def has_view_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whoever may see the onboarding."""
        return is_administrator(request)


@admin.register(Onboarding)
class OnboardingAdmin(ReadOnly):
    """From a finished signup to a registered number."""

    fields = tuple(columns_of(Onboarding, but=["lease_token"]))
    list_display = ("created_at", "client", "waba", "attempt", "due_at", "finished_at", "dismissed_at")
    list_filter = (
        ("finished_at", admin.EmptyFieldListFilter),
        ("dismissed_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("client", "waba", "attempt")
    search_fields = ("client__name", "=waba__waba_id", "waba__name")
    inlines = (OnboardingStepInline,)


@admin.register(OnboardingStep)
class OnboardingStepAdmin(ReadOnly):
    """The steps of all onboardings: which kind fails where."""

    list_display = ("onboarding", "kind", "number", "state", "tries", "started_at", "error_kind", "code", "fbtrace_id")
    list_filter = ("kind", "state")
    list_select_related = ("onboarding", "number")
    search_fields = ("=onboarding__pk", "number__digits", "=number__phone_number_id", "error_kind", "fbtrace_id")


@admin.register(CodeLink)
class CodeLinkAdmin(ReadOnly):
    """Links on which a client asks for the code of one number."""

    fields = tuple(columns_of(CodeLink, but=["token_digest"]))
    list_display = ("created_at", "number", "created_by", "opened_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), ("opened_at", admin.EmptyFieldListFilter))
    list_select_related = ("number", "created_by")
    search_fields = ("number__digits", "=number__phone_number_id")
