"""Meta's events as they came, what they alone know, and where Meta sends them."""

from django.db import models
from django.db.models import Q

from clients.models.answers import Refused
from phones.choices import EventState
from phones.querysets import EventQuerySet, SubscriptionQuerySet


class Event(models.Model):
    """One update of a webhook delivery, kept as it came. `digest` makes a second copy of it no second row."""

    digest = models.CharField(max_length=64, unique=True, editable=False)
    received_at = models.DateTimeField(db_index=True)
    event_time = models.DateTimeField(null=True, blank=True, help_text="When it happened, as Meta says.")
    entry_id = models.CharField(max_length=64, blank=True)
    field = models.CharField(max_length=100, blank=True)
    event = models.CharField(max_length=100, blank=True, help_text="The kind of update, where the field has kinds.")
    value = models.JSONField(null=True, blank=True)
    waba = models.ForeignKey("clients.Waba", on_delete=models.SET_NULL, null=True, blank=True, related_name="events")
    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.SET_NULL, null=True, blank=True, related_name="events"
    )
    state = models.CharField(max_length=10, choices=EventState, default=EventState.WAITING)
    outcome = models.TextField(blank=True, help_text="What the desk made of it, in words.")
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    change = models.OneToOneField(
        "phones.Change", on_delete=models.SET_NULL, null=True, blank=True, related_name="event"
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["state", "received_at"], name="event_waiting"),
            models.Index(fields=["field", "received_at"], name="event_field"),
            # How many came lately, of each kind and in each state, is counted within the index.
            models.Index(fields=["received_at", "field", "event", "state"], name="event_counted"),
            models.Index(fields=["waba", "-received_at"], name="event_of_waba"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.event}".strip()


class EventFact(models.Model):
    """What only events say of a WABA or of one of its numbers: the newest by the time it happened, one row a name.

    `number` is NULL for what concerns the whole WABA. `decided_by` stands for the event and settles two
    events of the same second in the same way whatever their order.
    """

    waba = models.ForeignKey("clients.Waba", on_delete=models.CASCADE, related_name="event_facts")
    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="event_facts"
    )
    name = models.CharField(max_length=60)
    value = models.JSONField(default=dict)
    at = models.DateTimeField()
    decided_by = models.CharField(max_length=64)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["waba", "name"], condition=Q(number=None), name="one_fact_per_waba_and_name"
            ),
            models.UniqueConstraint(
                fields=["waba", "number", "name"],
                condition=Q(number__isnull=False),
                name="one_fact_per_number_and_name",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M}"


class Subscription(Refused):
    """Whether Meta sends us the events of a WABA, and where to. `is_ours` is NULL while that is not known."""

    waba = models.OneToOneField("clients.Waba", on_delete=models.CASCADE, related_name="subscription")
    is_ours = models.BooleanField(null=True, blank=True)
    override_callback_uri = models.CharField(max_length=512, null=True, blank=True)
    other_apps = models.JSONField(default=list, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True, help_text="When Meta last answered it.")
    check_due_at = models.DateTimeField(db_index=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"Subscription of {self.waba}"


class AppCallback(Refused):
    """Where Meta sends the events of our app, as Meta returns it. One row."""

    app_id = models.CharField(max_length=32, unique=True)
    callback_url = models.CharField(max_length=512, blank=True)
    fields = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    check_due_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.callback_url or "not set"
