"""What changed, when, and who or what said so. Append-only."""

from django.conf import settings
from django.db import models

from phones.choices import ChangeKind, Source
from phones.querysets import ChangeQuerySet


class Change(models.Model):
    """One line of a number's or a WABA's history, written in the transaction that makes the change.

    `old` and `new` are Graph's values (times as ISO text); null means "not returned by Graph".
    """

    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="changes"
    )
    waba = models.ForeignKey("clients.Waba", on_delete=models.CASCADE, null=True, blank=True, related_name="changes")
    client = models.ForeignKey(
        "clients.Client",
        on_delete=models.DO_NOTHING,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        db_constraint=False,
        help_text="Derived: that of its number, else of its WABA. The database keeps it (phones.changes.kept_client).",
    )
    kind = models.CharField(max_length=10, choices=ChangeKind)
    field = models.CharField(max_length=50, blank=True)
    old = models.JSONField(null=True, blank=True)
    new = models.JSONField(null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    run = models.ForeignKey("clients.SyncRun", on_delete=models.SET_NULL, null=True, blank=True, related_name="changes")
    at = models.DateTimeField()

    objects = ChangeQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=["number", "-at"], name="change_of_number"),
            models.Index(fields=["waba", "-at"], name="change_of_waba"),
            models.Index(fields=["-at", "-id", "client"], name="change_at_with_client"),
            models.Index(fields=["client", "-at", "-id"], name="change_of_client"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.field}".strip()


class SeenChange(models.Model):
    """A line of history that a person said by itself to have seen, behind their mark (`User.changes_seen_up_to`)."""

    # What is unique has the person first, so that they need no index of their own.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "change"], name="seen_once_by_a_person")]

    def __str__(self) -> str:
        return f"{self.change}, seen by {self.person}"
