"""Tokens with which other programs use the HTTP API in the place of a person or of a service."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from clients.choices import TokenScope
from clients.models.clients import Client
from clients.querysets import ApiTokenQuerySet


class ApiToken(models.Model):
    """A token of `person`: what it may see and do is at most what they may.

    Of the token only its SHA-256 is stored: it is as random as a key, so that nobody finds it by guessing. `prefix` is
    how people tell tokens apart. `is_narrowed`: it sees the clients of `narrowed_to` alone, which may be none by now.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100, help_text="What uses it.")
    prefix = models.CharField(max_length=16, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scope = models.CharField(max_length=10, choices=TokenScope, default=TokenScope.READ)
    is_narrowed = models.BooleanField(default=False)
    requests_a_minute = models.PositiveIntegerField(default=0, help_text="0: as many as API_REQUESTS_A_MINUTE says.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def client_names(self) -> list[str]:
        """Of a narrowed token the clients that it sees, as far as they are there."""
        return sorted(row.client.name for row in self.narrowed_to.all())


class ApiTokenClient(models.Model):
    """A client that a narrowed token sees. When clients are merged the one that stays takes its place."""

    token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, related_name="narrowed_to")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="api_tokens")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "client"], name="one_client_per_token")]

    def __str__(self) -> str:
        return f"{self.client} for {self.token}"
