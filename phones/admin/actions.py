"""What was done at Meta, and the PINs the desk keeps: records, for looking only."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from phones.models import Action, Pin, PinReveal


@admin.register(Action)
class ActionAdmin(ReadOnly):
    """What was done to numbers, WABAs, the pool and the app."""

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
    list_filter = ("state", "kind")
    list_select_related = ("number", "waba", "preverified_number", "requested_by")
    search_fields = (
        "number__digits",
        "=number__phone_number_id",
        "=waba__waba_id",
        "preverified_number__digits",
        "=preverified_number__preverified_id",
        "fbtrace_id",
    )


@admin.register(Pin)
class PinAdmin(ReadOnly):
    """Which numbers the desk keeps a PIN of. The PIN itself is shown on the number's page only, for a reason."""

    fields = ("number", "state", "generated", "created_at", "created_by")
    list_display = ("created_at", "number", "state", "generated", "created_by")
    list_filter = ("state", "generated")
    list_select_related = ("number", "created_by")
    search_fields = ("number__digits", "=number__phone_number_id")


@admin.register(PinReveal)
class PinRevealAdmin(ReadOnly):
    """Who looked at a PIN, when and why."""

    list_display = ("at", "user", "pin", "reason")
    list_select_related = ("user", "pin__number")
    search_fields = ("user__username", "pin__number__digits", "reason")
