"""How many numbers stood where, over time: what is drawn, since history can't be counted on a page."""

import datetime

from django.db import models
from django.db.models import Q

from phones.querysets import ClientCountQuerySet, DailyCountQuerySet


class DailyCount(models.Model):
    """How many numbers of all clients together had one `value` of one `field` when they were last counted on a day.

    A day that has rows was counted; values of which there are none have no row. Rows with a client were written before
    there was `ClientCount`: they are tidied away, and the column goes with a later release.
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


class ClientCount(models.Model):
    """How many numbers of a client had one `value` of one `field`, from the day `since` until the day before `until`.

    A row is written when a count changes; `until` is `STILL` while it holds. Rows of the same client, field and value
    that hold at the same time add up: so has a client that took over another one the counts of both.
    """

    STILL = datetime.date.max  # and not NULL, so that one range of an index has the rows that hold on a day or later

    # Without a constraint: the code of before deletes clients without these rows. The next count ends them.
    client = models.ForeignKey(
        "clients.Client", on_delete=models.CASCADE, related_name="counts", db_constraint=False, db_index=False
    )
    field = models.CharField(max_length=30)
    value = models.CharField(max_length=60, blank=True)
    numbers = models.PositiveIntegerField()
    since = models.DateField()
    until = models.DateField(default=STILL)

    objects = ClientCountQuerySet.as_manager()

    class Meta:
        ordering = ("-since", "pk")
        indexes = [
            # With all that a page sums up, so that it reads nothing but the index.
            models.Index(fields=["client", "until", "field", "value", "since", "numbers"], name="counts_of_client"),
            models.Index(fields=["since"], name="counts_since"),
            models.Index(fields=["until"], name="counts_until"),
        ]

    def __str__(self) -> str:
        return f"{self.numbers} × {self.field} {self.value} since {self.since}"
