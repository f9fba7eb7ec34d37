"""Meta's events, what they alone know, and where Meta sends them: records, for looking only."""

from django.contrib import admin

from clients.admin.access import ReadOnly
from phones.models import AppCallback, Event, EventFact, Subscription


@admin.register(Event)
class EventAdmin(ReadOnly):
    """The inbox. Reading events again is done on the desk's own page of events."""

    list_display = ("received_at", "field", "event", "waba", "number", "state", "event_time", "outcome")
    list_filter = ("state", "field")
    list_select_related = ("waba", "number")
    search_fields = ("=waba__waba_id", "=number__phone_number_id", "number__digits", "=entry_id", "=digest")
    show_full_result_count = False


@admin.register(EventFact)
class EventFactAdmin(ReadOnly):
    """The newest of each name, by when it happened."""

    list_display = ("at", "name", "waba", "number", "value")
    list_filter = ("name",)
    list_select_related = ("waba", "number")
    search_fields = ("=waba__waba_id", "=number__phone_number_id", "number__digits")


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnly):
    """Whether each WABA's events come to us."""

    list_display = ("waba", "is_ours", "checked_at", "override_callback_uri", "error_kind", "check_due_at")
    list_filter = ("is_ours", "error_kind")
    list_select_related = ("waba",)
    search_fields = ("=waba__waba_id", "waba__name")


@admin.register(AppCallback)
class AppCallbackAdmin(ReadOnly):
    """Where Meta sends the events of our app."""

    list_display = ("app_id", "callback_url", "is_active", "checked_at", "error_kind")
