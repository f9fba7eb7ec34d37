"""Fields of Graph's that a version of it no longer knows."""

from django.db import models


class RefusedField(models.Model):
    """A field of one type of node that `version` of Graph refused by name. What follows is in `clients.refused_fields`.

    `node_type` is the desk's name for the type (`phone_number`, `waba`), `nodes` are the Graph ids that refused it one
    after the other without any node that answered.
    """

    version = models.CharField(max_length=10)
    node_type = models.CharField(max_length=40)
    field = models.CharField(max_length=100)
    nodes = models.JSONField(default=list)
    first_refused_at = models.DateTimeField()
    refused_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When a node last took the field.")
    given_up_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when no node is asked for it; asked again a day later."
    )

    class Meta:
        ordering = ("node_type", "field")
        constraints = [
            models.UniqueConstraint(fields=["version", "node_type", "field"], name="one_row_per_refused_field")
        ]

    def __str__(self) -> str:
        return f"{self.node_type}.{self.field} ({self.version})"
