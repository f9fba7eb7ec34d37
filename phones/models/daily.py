"""How many numbers stood where, day by day: what is drawn over time, since history can't be counted on a page."""

from django.db import models
from django.db.models import Q

from phones.querysets import DailyCountQuerySet


class DailyCount(models.Model):
    """How many numbers of a client had one `value` of one `field` when they were last counted on a day.

    A row without a client counts the numbers of all clients together. Values of which there are none have no row.
    """

    day = models.DateField()
    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, null=True, related_name="daily_counts")
    field = models.CharField(max_length=30)
    value = models.CharField(max_length=60, blank=True)
    numbers = models.PositiveIntegerField()

    objects = DailyCountQuerySet.as_manager()

    class Meta:
        ordering = ("-day", "pk")
        indexes = [models.Index(fields=["client", "day", "field", "value", "numbers"], name="daily_counts_of_client")]
        constraints = [
            models.UniqueConstraint(fields=["day", "client", "field", "value"], name="one_daily_count"),
            models.UniqueConstraint(
                fields=["day", "field", "value"], condition=Q(client=None), name="one_daily_count_of_all"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.numbers} × {self.field} {self.value}"
