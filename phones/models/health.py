"""Whether Meta lets a number or a WABA send, and when that is asked next."""

from django.db import models
from django.utils import timezone

from clients.models.answers import Refused


class Health(Refused):
    """Graph's `health_status` of one number or of one WABA: what it last said, and the turn of its next reading.

    `can_send_message` and `entities` are Graph's; NULL and empty while it has returned none. The columns of `Refused`
    say why the latest reading brought nothing, in which case the rest is what was read before (`read_at`). A row is
    held by the worker that reads it, as a WABA is.
    """

    number = models.OneToOneField("phones.PhoneNumber", on_delete=models.CASCADE, null=True, related_name="health")
    waba = models.OneToOneField("clients.Waba", on_delete=models.CASCADE, null=True, related_name="health")
    can_send_message = models.CharField(max_length=512, null=True, blank=True)
    entities = models.JSONField(default=list, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When Graph last returned it.")
    first_read_at = models.DateTimeField(null=True, blank=True, help_text="Since when the desk knows it.")
    lapses_at = models.DateTimeField(
        null=True, blank=True, db_index=True, help_text="When a trouble that it names is too old to be stated."
    )
    next_read_at = models.DateTimeField(default=timezone.now, db_index=True)
    tried_at = models.DateTimeField(null=True, blank=True, db_index=True)
    not_before = models.DateTimeField(
        null=True, blank=True, help_text="Of a WABA: until then no health is read on it, its numbers’ included."
    )
    failures_in_a_row = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        verbose_name_plural = "health"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__isnull=True) ^ models.Q(waba__isnull=True),
                name="health_of_a_number_or_a_waba",
            )
        ]

    def __str__(self) -> str:
        return f"Health of {self.number or self.waba}"

    @property
    def subject(self) -> str:
        """Which node it was read from, in words."""
        return "WABA" if self.number_id is None else "number"
