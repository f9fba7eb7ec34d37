"""The pool of pre-verified numbers: records, for looking only. What was done to it is among the actions."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from phones.models import PreverifiedNumber, PreverifiedShare


@admin.register(PreverifiedNumber)
class PreverifiedNumberAdmin(ReadOnly):
    """Numbers of the pool, and those that have left it."""

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


@admin.register(PreverifiedShare)
class PreverifiedShareAdmin(ReadOnly):
    """Which partner may offer which number."""

    list_display = ("number", "business_id", "business_name", "since")
    list_select_related = ("number",)
    search_fields = ("number__digits", "=business_id", "business_name")
