"""Numbers, the WABAs that list them, and their history. All of it comes from Meta: for looking only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clients.admin.access import ReadOnly, is_administrator, nobody
from phones.models import Change, Listing, PhoneNumber


class ListingInline(admin.TabularInline):  # type: ignore[type-arg] # not generic at run time
    """The WABAs that list a number."""

    model = Listing
    extra = 0
    can_delete = False
    fields = readonly_fields = ("waba", "first_seen_at", "missing_since", "gone_at", "is_current")

    has_add_permission = has_change_permission = nobody

    def has_view_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Whoever may see the number."""
        return is_administrator(request)


@admin.register(PhoneNumber)
class PhoneNumberAdmin(ReadOnly):
    """Numbers."""

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
        "synced_at",
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
    list_select_related = ("waba",)
    search_fields = ("=phone_number_id", "digits", "search_text", "waba__waba_id")
    inlines = (ListingInline,)


@admin.register(Listing)
class ListingAdmin(ReadOnly):
    """Which WABA lists which number."""

    list_display = ("number", "waba", "first_seen_at", "missing_since", "gone_at", "is_current")
    list_filter = ("is_current", ("missing_since", admin.EmptyFieldListFilter), ("gone_at", admin.EmptyFieldListFilter))
    list_select_related = ("number", "waba")
    search_fields = ("number__digits", "=number__phone_number_id", "=waba__waba_id", "waba__name")


@admin.register(Change)
class ChangeAdmin(ReadOnly):
    """History: append-only."""

    list_display = ("at", "number", "waba", "kind", "field", "old", "new", "source", "actor")
    list_filter = ("kind", "source", "field")
    list_select_related = ("number", "waba", "actor")
    search_fields = ("number__digits", "=number__phone_number_id", "=waba__waba_id")
