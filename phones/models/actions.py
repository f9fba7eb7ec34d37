"""What was done at Meta, and the PINs the desk keeps. A row is written before anything is sent."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from clients.models.answers import Refused
from phones.choices import ActionKind, ActionState, PinState
from phones.querysets import ActionQuerySet
from portal.fields import SealedTextField


class Action(Refused):
    """One thing done at Meta, by one person or for one signup, once.

    It is about a number of a client, a WABA, a number of the pool, or the app itself, which is in no table. `key` comes
    from the confirmation page and is used up by the row, so a double click is one action. An action is open until
    `closed_at`, and an object has at most one. A reply that was lost leaves it UNKNOWN and open until a reading settles
    it. `details` holds what may be shown (method, language, region, name), no secret.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    number = models.ForeignKey(
        "phones.PhoneNumber", on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    waba = models.ForeignKey(
        "clients.Waba", on_delete=models.PROTECT, null=True, blank=True, related_name="number_actions"
    )
    preverified_number = models.ForeignKey(
        "phones.PreverifiedNumber", on_delete=models.PROTECT, null=True, blank=True, related_name="actions"
    )
    kind = models.CharField(max_length=20, choices=ActionKind)
    state = models.CharField(max_length=10, choices=ActionState, default=ActionState.PENDING)
    details = models.JSONField(default=dict, blank=True)
    pin = models.ForeignKey("phones.Pin", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    override_reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    settled_by_reading = models.BooleanField(default=False)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                # Reading is no action in this sense: it is how an open one is settled.
                condition=Q(closed_at=None, number__isnull=False) & ~Q(kind=ActionKind.REFRESH),
                name="one_open_action_per_number",
            ),
            models.UniqueConstraint(
                fields=["preverified_number"],
                condition=Q(closed_at=None, preverified_number__isnull=False),
                name="one_open_action_per_preverified_number",
            ),
            models.UniqueConstraint(
                fields=["waba", "kind"],
                # Several numbers may be added at once: which ones is judged under the lock on the WABA.
                condition=Q(closed_at=None, number=None, waba__isnull=False) & ~Q(kind=ActionKind.ADD_NUMBER),
                name="one_open_action_per_waba_and_kind",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(closed_at=None, kind=ActionKind.SET_CALLBACK),
                name="one_open_change_of_the_callback",
            ),
        ]
        indexes = [models.Index(fields=["number", "kind", "sent_at"], name="action_attempts")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.get_state_display()})"

    @property
    def is_of_pool(self) -> bool:
        """Whether it is about the partner's pool; an addition may have no number yet."""
        return self.preverified_number_id is not None or self.kind == ActionKind.ADD_TO_POOL


class Pin(models.Model):
    """A two-step verification PIN of a number, encrypted before it is sent anywhere.

    UNCONFIRMED until the number reads back registered, or Meta accepted it as its new PIN.
    """

    number = models.ForeignKey("phones.PhoneNumber", on_delete=models.CASCADE, related_name="pins")
    pin_sealed = SealedTextField(editable=False)
    secret_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=12, choices=PinState, default=PinState.UNCONFIRMED)
    generated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)

    class Meta:
        verbose_name = "PIN"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"PIN of {self.number} ({self.get_state_display()})"


class PinReveal(models.Model):
    """Who looked at a PIN, when and why. Append-only."""

    pin = models.ForeignKey(Pin, on_delete=models.CASCADE, related_name="reveals")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "PIN reveal"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.user} at {self.at:%Y-%m-%d %H:%M}"
