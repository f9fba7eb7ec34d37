"""Proof that scheduled work runs."""

from django.db import models


class Heartbeat(models.Model):
    """When a named piece of scheduled work last ran to its end.

    Judging by processes or connections is not enough: a worker can be alive and deaf.
    """

    name = models.CharField(max_length=30, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
