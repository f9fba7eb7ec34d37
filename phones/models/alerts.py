"""What can't wait, what many such things have in common, and who was sent what about it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from phones.alert_choices import AlertKind, DispatchKind, DispatchState, IncidentCause
from phones.querysets import AlertQuerySet, IncidentQuerySet


class ChangeMark(models.Model):
    """Up to which line of history something has looked.

    Lines get their keys before their transactions are committed, so that one may appear behind a later one: what is
    behind `sure` is looked at again each time, and `sure` follows `reached` after some minutes.
    """

    name = models.CharField(max_length=30, unique=True)
    began_at = models.DateTimeField()
    reached = models.BigIntegerField()
    sure = models.BigIntegerField()
    moved_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} up to {self.reached}"


class Incident(models.Model):
    """Many alerts within minutes that have one cause. It is over when none of them holds any more.

    `subject` names what the cause is about, so that there is one open incident of each.
    """

    cause = models.CharField(max_length=10, choices=IncidentCause)
    kind = models.CharField(max_length=20, choices=AlertKind)
    subject = models.CharField(max_length=60)
    waba = models.ForeignKey("clients.Waba", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    credential = models.ForeignKey(
        "clients.Credential", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    began_at = models.DateTimeField()
    last_at = models.DateTimeField()
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["cause", "kind", "subject"], condition=Q(ended_at=None), name="one_open_incident_of_a_cause"
            )
        ]

    def __str__(self) -> str:
        return f"Incident {self.pk} ({self.get_cause_display()})"


class Alert(models.Model):
    """One thing that happened and can't wait. `key` names the happening, so that it is found once."""

    kind = models.CharField(max_length=20, choices=AlertKind)
    key = models.CharField(max_length=100, unique=True)
    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    waba = models.ForeignKey("clients.Waba", on_delete=models.CASCADE, null=True, blank=True, related_name="alerts")
    credential = models.ForeignKey(
        "clients.Credential", on_delete=models.CASCADE, null=True, blank=True, related_name="alerts"
    )
    incident = models.ForeignKey(Incident, on_delete=models.SET_NULL, null=True, blank=True, related_name="alerts")
    deadline = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField(help_text="When it happened.")
    found_at = models.DateTimeField(db_index=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        indexes = [models.Index(fields=["kind", "number", "-at"], name="alert_of_number")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.number or self.waba or self.credential}"


class Dispatch(models.Model):
    """One mail to a person, or one post to a team's channel. Written down before it is sent, and sent at most once.

    `key` names it for its recipient: the day of a digest, the occasion of an alert. A digest keeps its lines; what an
    alert says is read from its alerts.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="dispatches"
    )
    channel = models.ForeignKey(
        "phones.Channel", on_delete=models.CASCADE, null=True, blank=True, related_name="dispatches"
    )
    approval = models.ForeignKey(
        "phones.Approval", on_delete=models.CASCADE, null=True, blank=True, related_name="dispatches"
    )
    kind = models.CharField(max_length=10, choices=DispatchKind)
    key = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=DispatchState, default=DispatchState.WAITING)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    up_to = models.BigIntegerField(null=True, blank=True, help_text="Of a digest: the last line of history in it.")
    lines = models.JSONField(default=list, blank=True)
    more = models.PositiveIntegerField(default=0, help_text="Changes beyond those in the lines, when it was made.")
    query = models.JSONField(null=True, blank=True, help_text="What a digest asks the list of changes for.")
    views = models.JSONField(null=True, blank=True, help_text="Of a digest: the saved views in it, with their queries.")
    address = models.CharField(max_length=254, blank=True, help_text="Where the mail went.")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    tries = models.PositiveSmallIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name_plural = "dispatches"
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True) ^ Q(channel__isnull=True), name="dispatch_to_a_person_or_a_channel"
            ),
            models.UniqueConstraint(fields=["person", "key"], name="one_dispatch_per_person_and_key"),
            models.UniqueConstraint(fields=["channel", "key"], name="one_dispatch_per_channel_and_key"),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="dispatch_of_person")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.person or self.channel}"


class AlertRecipient(models.Model):
    """Which person or channel got an alert, and with which dispatch: each gets each alert once."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="recipients")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    channel = models.ForeignKey("phones.Channel", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="recipients")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "person"], name="each_alert_once_to_a_person"),
            models.UniqueConstraint(fields=["alert", "channel"], name="each_alert_once_to_a_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.alert} in {self.dispatch}"
