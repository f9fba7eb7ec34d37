"""What Graph says of a WABA beside its state: seldom changed, read about once a day."""

from django.db import models
from django.utils import timezone


class WabaDetails(models.Model):
    """Facts by name, each with its value, when Graph said it and what read it; and how each part's reading went.

    A fact that a later reading left out, or was refused, keeps its value and its age. `parts` has of each part when it
    was read last, which of its fields were refused, and why the latest reading failed where it did.
    """

    waba = models.OneToOneField("clients.Waba", on_delete=models.CASCADE, primary_key=True, related_name="details")
    facts = models.JSONField(default=dict, blank=True)
    parts = models.JSONField(default=dict, blank=True)
    rests = models.JSONField(
        default=dict, blank=True, help_text="Parts that Meta refused, each with when it is asked for again."
    )
    next_read_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "WABA details"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"Details of {self.waba}"
