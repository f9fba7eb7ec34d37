"""The administrators' back office for this app's tables: records, for looking only. No secret is shown."""

import datetime
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clients.admin.access import ReadOnly, columns_of, is_administrator, nobody
from clients.back_office import Subject
from phones import models
from phones.models import CodeLink, Listing, Onboarding, OnboardingStep


class _RowsInline(admin.TabularInline):  # type: ignore[type-arg] # not generic at run time
    """Rows that belong to a record, on the page of that record and for whoever may see it."""

    extra = 0
    can_delete = False

    has_add_permission = has_change_permission = nobody

    def has_view_permission(self, request: HttpRequest, *_: Any) -> bool:
        return is_administrator(request)


class ListingInline(_RowsInline):
    model = Listing
    fields = readonly_fields = ("waba", "first_seen_at", "missing_since", "gone_at", "is_current")


class AgeInline(_RowsInline):
    model = models.NumberAge
    fields = readonly_fields = ("synced_at", "synced_by", "oldest_fact_at", "facts_as_of")


class OnboardingStepInline(_RowsInline):
    model = OnboardingStep
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


@admin.register(models.Action)
class ActionAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = (
        "created_at",
        "kind",
        "number",
        "waba",
        "preverified_number",
        "state",
        "requested_by",
        "error_kind",
        "fbtrace_id",
    )
    list_filter = ("state", "kind", "created_at")
    date_hierarchy = "created_at"
    list_select_related = ("number", "waba", "preverified_number", "requested_by")
    search_fields = (
        "number__digits",
        "=number__phone_number_id",
        "=waba__waba_id",
        "preverified_number__digits",
        "=preverified_number__preverified_id",
        "fbtrace_id",
    )


@admin.register(models.Pin)
class PinAdmin(ReadOnly):
    """Which numbers the desk keeps a PIN of. The PIN itself is shown on the number's page only, for a reason."""

    subject = Subject.NUMBERS
    fields = ("number", "state", "generated", "created_at", "created_by")
    list_display = ("created_at", "number", "state", "generated", "created_by")
    list_filter = ("state", "generated")
    list_select_related = ("number", "created_by")
    search_fields = ("number__digits", "=number__phone_number_id")


@admin.register(models.PinReveal)
class PinRevealAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("at", "user", "pin", "reason")
    list_filter = (("user", admin.RelatedOnlyFieldListFilter), "at")
    date_hierarchy = "at"
    list_select_related = ("user", "pin__number")
    search_fields = ("user__username", "pin__number__digits", "reason")


@admin.register(models.Event)
class EventAdmin(ReadOnly):
    """The inbox. Reading events again is done on the desk's own page of events."""

    subject = Subject.EVENTS
    list_display = ("received_at", "field", "event", "waba", "number", "state", "event_time", "outcome")
    list_filter = ("state", "field", "received_at")
    list_select_related = ("waba", "number")
    search_fields = ("=waba__waba_id", "=number__phone_number_id", "number__digits", "=entry_id", "=digest")
    show_full_result_count = False


@admin.register(models.EventFact)
class EventFactAdmin(ReadOnly):
    subject = Subject.EVENTS
    list_display = ("at", "name", "waba", "number", "value")
    list_filter = ("name",)
    list_select_related = ("waba", "number")
    search_fields = ("=waba__waba_id", "=number__phone_number_id", "number__digits")


@admin.register(models.Subscription)
class SubscriptionAdmin(ReadOnly):
    subject = Subject.EVENTS
    list_display = ("waba", "is_ours", "checked_at", "override_callback_uri", "error_kind", "check_due_at")
    list_filter = ("is_ours", "error_kind")
    list_select_related = ("waba",)
    search_fields = ("=waba__waba_id", "waba__name")


@admin.register(models.AppCallback)
class AppCallbackAdmin(ReadOnly):
    subject = Subject.EVENTS
    list_display = ("app_id", "callback_url", "is_active", "checked_at", "error_kind")
    list_filter = ("is_active", "error_kind")
    search_fields = ("=app_id", "callback_url")


@admin.register(models.Heartbeat)
class HeartbeatAdmin(ReadOnly):
    subject = Subject.READINGS
    list_display = ("name", "at")


@admin.register(models.Health)
class HealthAdmin(ReadOnly):
    subject = Subject.NUMBERS
    fields = tuple(columns_of(models.Health, but=["lease_token"]))
    list_display = ("__str__", "can_send_message", "read_at", "next_read_at", "not_before", "error_kind", "code")
    list_filter = (
        "can_send_message",
        ("number", admin.EmptyFieldListFilter),
        ("lapses_at", admin.EmptyFieldListFilter),
        "error_kind",
    )
    list_select_related = ("number", "waba")
    search_fields = (
        "number__digits",
        "=number__phone_number_id",
        "=waba__waba_id",
        "waba__name",
        "=fbtrace_id",
    )


@admin.register(models.PhoneNumber)
class PhoneNumberAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = (
        "display_phone_number",
        "phone_number_id",
        "verified_name",
        "waba",
        "status",
        "code_verification_status",
        "name_status",
        "quality_rating",
        "account_mode",
        "read_at",
    )
    list_filter = (
        "status",
        "code_verification_status",
        "name_status",
        "quality_rating",
        "platform_type",
        "account_mode",
        ("gone_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("=phone_number_id", "digits", "search_text", "waba__waba_id")
    inlines = (AgeInline, ListingInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[models.PhoneNumber]:
        """With the WABA. Numbers come joined to their ages, and the admin joins nothing to what is joined already."""
        return super().get_queryset(request).select_related("waba")

    @admin.display(description="synced at", ordering="age__synced_at")
    def read_at(self, number: models.PhoneNumber) -> datetime.datetime:
        return number.synced_at


@admin.register(Listing)
class ListingAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("number", "waba", "first_seen_at", "missing_since", "gone_at", "is_current")
    list_filter = ("is_current", ("missing_since", admin.EmptyFieldListFilter), ("gone_at", admin.EmptyFieldListFilter))
    list_select_related = ("number", "waba")
    search_fields = ("number__digits", "=number__phone_number_id", "=waba__waba_id", "waba__name")


@admin.register(models.Change)
class ChangeAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("at", "number", "waba", "kind", "field", "old", "new", "source", "actor")
    list_filter = ("kind", "source", "field", "at")
    list_select_related = ("number", "waba", "actor")
    search_fields = ("number__digits", "=number__phone_number_id", "=waba__waba_id")


@admin.register(Onboarding)
class OnboardingAdmin(ReadOnly):
    subject = Subject.SIGNUPS
    fields = tuple(columns_of(Onboarding, but=["lease_token"]))
    list_display = ("created_at", "client", "waba", "attempt", "due_at", "finished_at", "dismissed_at")
    list_filter = (("finished_at", admin.EmptyFieldListFilter), ("dismissed_at", admin.EmptyFieldListFilter))
    list_select_related = ("client", "waba", "attempt")
    search_fields = ("client__name", "=waba__waba_id", "waba__name")
    inlines = (OnboardingStepInline,)


@admin.register(OnboardingStep)
class OnboardingStepAdmin(ReadOnly):
    subject = Subject.SIGNUPS
    list_display = ("onboarding", "kind", "number", "state", "tries", "started_at", "error_kind", "code", "fbtrace_id")
    list_filter = ("kind", "state")
    list_select_related = ("onboarding", "number")
    search_fields = ("=onboarding__pk", "number__digits", "=number__phone_number_id", "error_kind", "fbtrace_id")


@admin.register(models.Offboarding)
class OffboardingAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("begun_at", "client", "number", "begun_by", "certified_at", "reopened_at", "given_up_at")
    list_filter = (("certified_at", admin.EmptyFieldListFilter), ("given_up_at", admin.EmptyFieldListFilter))
    list_select_related = ("client", "number", "begun_by")
    search_fields = ("client__name", "number__digits", "=number__phone_number_id")


@admin.register(models.OffboardingStep)
class OffboardingStepAdmin(ReadOnly):
    subject = Subject.NUMBERS
    list_display = ("offboarding", "kind", "number", "waba", "mark", "marked_at", "marked_by", "note")
    list_filter = ("kind", "mark")
    list_select_related = ("offboarding", "number", "waba", "marked_by")
    search_fields = ("=offboarding__pk", "number__digits", "=number__phone_number_id", "=waba__waba_id")


@admin.register(CodeLink)
class CodeLinkAdmin(ReadOnly):
    subject = Subject.SIGNUPS
    fields = tuple(columns_of(CodeLink, but=["token_digest"]))
    list_display = ("created_at", "number", "created_by", "opened_at", "expires_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), ("opened_at", admin.EmptyFieldListFilter))
    list_select_related = ("number", "created_by")
    search_fields = ("number__digits", "=number__phone_number_id")


@admin.register(models.PreverifiedNumber)
class PreverifiedNumberAdmin(ReadOnly):
    subject = Subject.POOL
    list_display = (
        "phone_number",
        "preverified_id",
        "code_verification_status",
        "verification_expiry_time",
        "reserved_for",
        "claimed_at",
        "missing_since",
        "deleted_at",
        "synced_at",
    )
    list_filter = (
        "code_verification_status",
        ("reserved_for", admin.EmptyFieldListFilter),
        ("claimed_at", admin.EmptyFieldListFilter),
        ("missing_since", admin.EmptyFieldListFilter),
        ("deleted_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("reserved_for",)
    search_fields = ("digits", "=preverified_id")


@admin.register(models.PreverifiedShare)
class PreverifiedShareAdmin(ReadOnly):
    subject = Subject.POOL
    list_display = ("number", "business_id", "business_name", "since")
    list_filter = ("since",)
    list_select_related = ("number",)
    search_fields = ("number__digits", "=business_id", "business_name")
