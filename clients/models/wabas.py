"""WhatsApp Business Accounts."""

from django.db import models

from clients.choices import WabaOrigin
from clients.models.schedule import Schedule
from clients.querysets import WabaQuerySet
from portal.fields import FoldedNameField


class Waba(Schedule):
    """A WhatsApp Business Account, with what Graph last said of it and when its numbers are read next.

    Text facts are NULL while Graph has not returned them.
    """

    waba_id = models.CharField("WABA id", max_length=32, unique=True)
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="wabas")
    credential = models.ForeignKey(
        "clients.Credential",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="wabas",
        help_text="The token this WABA is read with.",
    )
    origin = models.CharField(max_length=10, choices=WabaOrigin)
    name = models.CharField(max_length=512, blank=True, db_index=True)
    folded_name = FoldedNameField()
    currency = models.CharField(max_length=512, null=True, blank=True)
    timezone_id = models.CharField(max_length=512, null=True, blank=True)
    country = models.CharField(max_length=512, null=True, blank=True)
    status = models.CharField(max_length=512, null=True, blank=True)
    account_review_status = models.CharField(max_length=512, null=True, blank=True)
    business_verification_status = models.CharField(max_length=512, null=True, blank=True)
    ownership_type = models.CharField(max_length=512, null=True, blank=True)
    messaging_limit = models.CharField(max_length=512, null=True, blank=True)
    owner_business_id = models.CharField(max_length=32, null=True, blank=True)
    owner_business_name = models.CharField(max_length=512, null=True, blank=True)
    creation_time = models.DateTimeField(null=True, blank=True)
    facts_read_at = models.DateTimeField(null=True, blank=True, help_text="When Graph last returned these facts.")
    provenance = models.JSONField(
        default=dict,
        db_default=models.Value({}, models.JSONField()),
        blank=True,
        help_text="Facts that later readings left out: field → {at, source}.",
    )
    last_synced_at = models.DateTimeField(
        null=True, blank=True, help_text="When all pages of its numbers last arrived."
    )
    last_failure = models.ForeignKey(
        "clients.SyncFailure",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Set while the latest reading failed.",
    )
    page_limit = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How many numbers Meta gives at once, where that is less than usual."
    )
    page_limit_until = models.DateTimeField(
        null=True, blank=True, help_text="When its numbers are asked for in full pages again."
    )
    answer_digest = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text="Of what Graph said of it and its numbers when they last came with other WABAs.",
    )
    answered_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When Graph last gave the answer of that digest."
    )
    used_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, editable=False, help_text="How much of its quota of calls was used, as Meta last told."
    )
    used_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    unlisted_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when whole lists of the business’s WABAs have lacked it."
    )
    unshared_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when the business no longer lists it among its WABAs."
    )
    hinted_at = models.DateTimeField(
        null=True, blank=True, help_text="When an event last said that something changed here."
    )
    last_event_at = models.DateTimeField(null=True, blank=True, help_text="When Meta last sent an event about it.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WabaQuerySet.as_manager()

    class Meta:
        verbose_name = "WABA"
        verbose_name_plural = "WABAs"
        ordering = ("name", "pk")
        indexes = [
            models.Index(fields=["owner_business_id"], name="waba_of_portfolio"),
            models.Index(fields=["folded_name"], name="waba_folded_name"),
            models.Index(fields=["not_before"], condition=models.Q(not_before__isnull=False), name="waba_waits"),
            models.Index(fields=["used_told_at"], condition=models.Q(used_percent__gte=50), name="waba_tight"),
            # Of what discovery found within some days, for signups that broke off.
            models.Index(
                fields=["created_at"],
                condition=models.Q(origin=WabaOrigin.CLIENT_EDGE, unshared_since=None),
                name="waba_found_at",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.waba_id
