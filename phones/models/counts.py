"""How many numbers there are of each kind, kept by the database while numbers are written."""

from django.db import models
from django.db.models import Q


class NumberCount(models.Model):
    """So many numbers of a client are of one kind. What holds is the sum of all rows of a client and a kind.

    Whoever writes numbers only adds rows, with what became more or less (phones.listing.kept_counts): nobody waits for
    another's row. Later they are folded: into one row of the client, and one without a client, for all together.
    """

    client = models.ForeignKey(
        "clients.Client",
        on_delete=models.DO_NOTHING,
        null=True,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    kind = models.CharField(max_length=40)
    numbers = models.IntegerField()
    is_folded = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("pk",)
        indexes = [
            models.Index(fields=["client", "kind", "numbers"], name="number_counts_of_client"),
            models.Index(fields=["kind", "numbers"], condition=Q(is_folded=False), name="number_counts_unfolded"),
        ]

    def __str__(self) -> str:
        return f"{self.numbers} × {self.kind}"
