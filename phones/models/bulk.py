"""What is done for many numbers at once: runs, and an item for each number, WABA or client."""

import uuid

from django.conf import settings
from django.db import models

from phones.bulk_choices import BulkKind, BulkState, ItemState
from phones.querysets import BulkItemQuerySet, BulkRunQuerySet


class BulkRun(models.Model):
    """One thing done for many numbers. Written down as a dry run first, and carried out once its person confirmed it.

    `chosen` is how many numbers the person had selected; of those they may not act on there is no item. `details` holds
    what was filled in (method, language, region), no secret. A worker holds the run by its lease while it works on it.
    """

    kind = models.CharField(max_length=20, choices=BulkKind)
    state = models.CharField(max_length=10, choices=BulkState, default=BulkState.DRAFT)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bulk_runs")
    details = models.JSONField(default=dict, blank=True)
    costs = models.JSONField(default=list, blank=True, help_text="What it uses up at Meta, in sentences.")
    chosen = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="Items that were to run when it was confirmed.")
    note = models.CharField(max_length=300, blank=True, help_text="Why the desk itself has paused it.")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="When a person last had it go on.")
    finished_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True, db_index=True)
    lease_token = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BulkRunQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"


class BulkItem(models.Model):
    """What a run does for one number, WABA or client, in the order of `position`.

    `key` is used up by the action that carries it out, so that an item is sent once, whoever takes it up again after a
    worker died. `seen` is the number's fingerprint in the dry run. `reason` says in words why it was skipped or failed.
    `mail_to` is written before a mail with the item's link is handed over there: one that has it is not mailed again.
    """

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    waba = models.ForeignKey("clients.Waba", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ItemState, default=ItemState.WAITING)
    reason = models.CharField(max_length=500, blank=True)
    seen = models.JSONField(default=list, blank=True)
    signup_link = models.ForeignKey(
        "clients.SignupLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    code_link = models.ForeignKey("phones.CodeLink", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    mail_to = models.EmailField(blank=True, default="", db_default="")
    action = models.ForeignKey("phones.Action", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    not_before = models.DateTimeField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = BulkItemQuerySet.as_manager()

    class Meta:
        ordering = ("run", "position")
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_item_per_position_of_a_run")]
        indexes = [
            models.Index(fields=["run", "state", "position"], name="bulk_items_by_state"),
            models.Index(fields=["waba", "taken_at"], name="bulk_items_of_waba"),
        ]

    def __str__(self) -> str:
        return f"{self.number or self.waba or self.client} ({self.get_state_display()})"
