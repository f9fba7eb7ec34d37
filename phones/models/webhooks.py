"""Webhooks of ours, and what each has been posted or is still to be."""

import uuid
from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q

from phones.models.history import Change
from phones.webhook_choices import DeliveryState
from portal.fields import SealedTextField


class Webhook(models.Model):
    """An address of another program that changes are posted to. Both the address and the secret are secrets.

    It gets what `person` sees: lines of history of these `kinds`, of the numbers that `query` finds (null: of all, and
    of WABAs). `sure` and `reached` say how far the history was looked at, as in ChangeMark. Where it does not answer,
    nothing is posted before `next_at`; who posts holds it until `busy_until`.
    """

    name = models.CharField(max_length=100, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks")
    host = models.CharField(max_length=255, editable=False, help_text="The host of its address, which is no secret.")
    address_sealed = SealedTextField(editable=False)
    secret_sealed = SealedTextField(editable=False)
    secret_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kinds = models.JSONField(default=list)
    query = models.JSONField(null=True, blank=True)
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    reached = models.BigIntegerField(default=0)
    sure = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0, help_text="Posts in a row that were not taken.")
    next_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def store(self, *, address: str, secret: str) -> None:
        """Put both on the row, encrypted (not saved)."""
        for name, value in (("address_sealed", address), ("secret_sealed", secret)):
            self._sealed(name).seal_for(self, value)

    def opened(self) -> tuple[str, str]:
        """The address and the secret. Raises portal.crypto.SecretUnreadableError."""
        return self._sealed("address_sealed").open_for(self), self._sealed("secret_sealed").open_for(self)

    def _sealed(self, name: str) -> SealedTextField:
        return cast("SealedTextField", self._meta.get_field(name))


class WebhookDelivery(models.Model):
    """One change for one webhook, or a trial, which is about none."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    change = models.ForeignKey(Change, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.WAITING)
    waits_since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["webhook", "change"], name="one_delivery_per_webhook_and_change"),
        ]
        indexes = [
            models.Index(
                fields=["webhook", "id"], condition=Q(state=DeliveryState.WAITING.value), name="waiting_deliveries"
            ),
            models.Index(fields=["webhook", "state"], name="delivery_states"),
        ]

    def __str__(self) -> str:
        return f"{self.change or 'Trial'} for {self.webhook}"
