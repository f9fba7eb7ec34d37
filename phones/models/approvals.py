"""What one person asked for and a second one has to agree to before anything is sent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from phones.approval_choices import ApprovalKind, ApprovalState
from phones.querysets import ApprovalQuerySet


class Approval(models.Model):
    """One request. It is about a number, or about a bulk run that is still a dry run.

    `key` is that of the confirmation, and is used up by the action once it is sent. `seen` is the number's fingerprint
    when it was asked for; `details` what was filled in, no secret. `outcome` says why nothing was sent after all.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=ApprovalKind)
    state = models.CharField(max_length=10, choices=ApprovalState, default=ApprovalState.WAITING)
    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, null=True, related_name="approvals")
    run = models.ForeignKey("phones.BulkRun", on_delete=models.CASCADE, null=True, related_name="approvals")
    details = models.JSONField(default=dict)
    seen = models.JSONField(default=list)
    override_reason = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    action = models.ForeignKey("phones.Action", on_delete=models.SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=500, blank=True)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["number", "kind"],
                condition=Q(state=ApprovalState.WAITING, number__isnull=False),
                name="one_waiting_approval_per_number",
            ),
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(state=ApprovalState.WAITING, run__isnull=False),
                name="one_waiting_approval_per_run",
            ),
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="approvals_that_wait")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"

    @property
    def is_open(self) -> bool:
        return self.state == ApprovalState.WAITING and self.expires_at > timezone.now()
