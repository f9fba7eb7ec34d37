"""Clients that people watch."""

from django.conf import settings
from django.db import models

from clients.querysets import ClientWatchQuerySet


class ClientWatch(models.Model):
    """A person watches a client: it stays on their list of what to keep an eye on while they may see it."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="watches")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watched_clients")

    objects = ClientWatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "client watches"
        constraints = [models.UniqueConstraint(fields=["client", "person"], name="one_watch_per_client_and_person")]

    def __str__(self) -> str:
        return f"Watch of client {self.client_id}"
