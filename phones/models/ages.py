"""How old what is known of each number is: a table of its own, because it is written far more often than the facts."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Coalesce, Least

from phones.choices import Source


class NumberAge(models.Model):
    """When and which way a number was last read, and how old the facts behind its stage are.

    A reading that finds a number as it was writes this narrow row with its two indexes, and not the number, which has
    more than thirty. The database makes it with the number (`phones.numbers.kept_ages`).
    """

    number = models.OneToOneField(
        "phones.PhoneNumber", on_delete=models.CASCADE, primary_key=True, related_name="age", editable=False
    )
    synced_at = models.DateTimeField(help_text="When Graph last returned this number.")
    synced_by = models.CharField(max_length=10, choices=Source, default=Source.SYNC, db_default=Source.SYNC.value)
    oldest_fact_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When the oldest fact behind the stage was last answered; empty when all came with the last reading.",
    )
    facts_as_of = models.GeneratedField(
        expression=Least("synced_at", Coalesce("oldest_fact_at", "synced_at")),
        output_field=models.DateTimeField(),
        db_persist=True,
        help_text="Derived: how old what is said of the number is.",
    )

    class Meta:
        ordering = ("pk",)
        indexes = [models.Index(fields=["facts_as_of", "number"], name="number_age")]

    def __str__(self) -> str:
        return f"read {self.synced_at:%Y-%m-%d %H:%M}"
