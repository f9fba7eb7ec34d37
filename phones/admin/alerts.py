"""Alerts, incidents, and what was sent about them: for looking only. What a mail said is for its reader alone."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clients.admin.access import ReadOnly, columns_of
from clients.back_office import Subject
from phones.alerts.channels import about, kinds_in_words
from phones.models import (
    Alert,
    AlertRecipient,
    ChangeMark,
    Channel,
    Dispatch,
    Incident,
    MailSettings,
    Webhook,
    WebhookDelivery,
)


@admin.register(Alert)
class AlertAdmin(ReadOnly):
    subject = Subject.ALERTS
    list_display = ("at", "kind", "number", "waba", "credential", "incident", "deadline", "found_at")
    list_filter = ("kind", ("incident", admin.EmptyFieldListFilter), "at")
    list_select_related = ("number", "waba", "credential", "incident")
    search_fields = ("number__digits", "=number__phone_number_id", "=waba__waba_id", "waba__name")
    date_hierarchy = "at"


@admin.register(Incident)
class IncidentAdmin(ReadOnly):
    """Many alerts of one cause."""

    subject = Subject.ALERTS
    list_display = ("began_at", "cause", "kind", "waba", "credential", "last_at", "ended_at")
    list_filter = ("cause", "kind", ("ended_at", admin.EmptyFieldListFilter))
    list_select_related = ("waba", "credential")
    search_fields = ("=waba__waba_id", "waba__name", "credential__label")
    date_hierarchy = "began_at"


@admin.register(Dispatch)
class DispatchAdmin(ReadOnly):
    """Mails and posts: to whom, when, and what came of each. Not what a mail said, nor the address of its page."""

    subject = Subject.ALERTS
    fields = tuple(columns_of(Dispatch, but=["public_id", "lines", "more"]))
    list_display = ("created_at", "kind", "person", "channel", "state", "outcome", "tries", "closed_at")
    list_filter = ("kind", "state", ("channel", admin.RelatedOnlyFieldListFilter), "created_at")
    list_select_related = ("person", "channel")
    search_fields = ("person__username", "person__email", "channel__name", "address", "outcome")
    date_hierarchy = "created_at"


@admin.register(AlertRecipient)
class AlertRecipientAdmin(ReadOnly):
    """Who got which alert, and with which mail or post."""

    subject = Subject.ALERTS
    list_display = ("id", "alert", "person", "channel", "dispatch")
    list_filter = ("alert__kind",)
    list_select_related = (
        "alert__number",
        "alert__waba",
        "alert__credential",
        "person",
        "channel",
        "dispatch__person",
        "dispatch__channel",
    )
    search_fields = ("person__username", "channel__name", "alert__number__digits", "=alert__waba__waba_id")


@admin.register(Channel)
class ChannelAdmin(ReadOnly):
    """Channels of teams. They are made, changed and deleted on the desk. Address and secret are never shown."""

    subject = Subject.ALERTS
    fields = ("name", "kind", "host", "scope", "people", "kinds", "time_zone", "quiet_from", "quiet_until", "is_on")
    list_display = ("name", "kind", "host", "people", "kinds", "is_on", "created_at")
    list_filter = ("kind", "scope", "is_on")
    search_fields = ("name", "host")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Channel]:
        channels: QuerySet[Channel] = super().get_queryset(request)
        return channels.prefetch_related("members")

    @admin.display(description="about")
    def people(self, channel: Channel) -> str:
        return about(channel)

    @admin.display(description="alerts")
    def kinds(self, channel: Channel) -> str:
        return kinds_in_words(channel.alerts)


@admin.register(MailSettings)
class MailSettingsAdmin(ReadOnly):
    """Which mails people want. Each person chooses on their own page; who is not here gets every mail."""

    subject = Subject.ALERTS
    list_display = ("person", "digest_days", "digest_at", "kinds", "quiet_from", "quiet_until", "scope")
    list_filter = ("digest_days", "scope")
    list_select_related = ("person",)
    search_fields = ("person__username", "person__email")

    @admin.display(description="alerts")
    def kinds(self, wants: MailSettings) -> str:
        return kinds_in_words(wants.alerts)


@admin.register(ChangeMark)
class ChangeMarkAdmin(ReadOnly):
    """How far the worker has looked through history for alerts."""

    subject = Subject.READINGS
    list_display = ("name", "reached", "sure", "moved_at", "began_at")


@admin.register(Webhook)
class WebhookAdmin(ReadOnly):
    """Our webhooks. They are made, switched and deleted on the desk. Address and secret are never shown."""

    subject = Subject.ALERTS
    fields = ("name", "person", "host", "kinds", "query", "is_on", "failures", "next_at", "last_at", "outcome")
    list_display = ("name", "person", "host", "is_on", "failures", "last_at", "outcome")
    list_filter = ("is_on",)
    list_select_related = ("person",)
    search_fields = ("name", "host")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnly):
    """What webhooks were posted or are to be; what was taken or given up is kept for 30 days."""

    subject = Subject.ALERTS
    fields = ("public_id", "webhook", "change", "state", "waits_since", "closed_at")
    list_display = ("public_id", "webhook", "state", "waits_since", "closed_at")
    list_filter = ("webhook", "state")
    list_select_related = ("webhook", "change")
    search_fields = ("=public_id",)
