"""When something is read from Meta next, and which worker holds it. The database is the queue of record."""

from django.db import models
from django.utils import timezone


class Schedule(models.Model):
    """The columns of a row that workers read from Meta on schedule (a WABA, or a credential for discovery).

    A worker takes a row by a conditional UPDATE that writes `lease_token` and `lease_until`; whatever it writes later
    is fenced by that token, so a worker that lost its lease changes nothing.
    """

    next_sync_at = models.DateTimeField(default=timezone.now, db_index=True)
    not_before = models.DateTimeField(null=True, blank=True, help_text="Meta asked us to wait until then.")
    lease_until = models.DateTimeField(null=True, blank=True, db_index=True)
    lease_token = models.UUIDField(null=True, blank=True, db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Times taken since the last outcome.")
    failures_in_a_row = models.PositiveSmallIntegerField(default=0)
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    sync_run = models.ForeignKey(
        "clients.SyncRun",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="waiting_%(class)ss",
        help_text="The open run that the next reading counts in.",
    )

    class Meta:
        abstract = True
