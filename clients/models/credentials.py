"""The access tokens that the desk acts with."""

import uuid
from typing import cast

from django.db import models

from clients.choices import CredentialKind, CredentialState
from clients.models.schedule import Schedule
from portal.fields import SealedTextField


class Credential(Schedule):
    """One token of Meta's, encrypted. The secret leaves the database only where Graph is called.

    A system user token also leads discovery: its schedule says when the business's WABAs are listed next.
    """

    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=CredentialKind)
    business_id = models.CharField(
        max_length=32, blank=True, help_text="The partner's business portfolio, for a system user token."
    )
    from_environment = models.BooleanField(default=False, editable=False)
    token_sealed = SealedTextField(blank=True, editable=False)
    token_last_four = models.CharField(max_length=4, blank=True, editable=False)
    secret_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=10, choices=CredentialState, default=CredentialState.UNTRIED, editable=False)
    state_since = models.DateTimeField(null=True, blank=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_failure = models.ForeignKey(
        "clients.SyncFailure", on_delete=models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    discovery_failure = models.ForeignKey(
        "clients.SyncFailure",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        help_text="Set while the WABAs of its business could not be listed last time.",
    )
    brings_numbers = models.BooleanField(
        default=False,
        db_default=False,
        editable=False,
        help_text="While it is held: WABAs are listed with their numbers, so nobody else reads these.",
    )
    wabas_a_call = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        editable=False,
        help_text="How many WABAs Meta gives at once with their numbers, where that is less than usual.",
    )
    apart_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Until when WABAs are read one by one: many were refused."
    )
    app_used_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, editable=False, help_text="How much of the app’s quota was used, as Meta last told."
    )
    app_told_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("label", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["from_environment"],
                condition=models.Q(from_environment=True),
                name="one_credential_from_environment",
            )
        ]

    def __str__(self) -> str:
        return f"{self.label} (…{self.token_last_four})" if self.token_last_four else self.label

    def store_token(self, token: str) -> None:
        """Put `token` on the row, encrypted (not saved)."""
        cast("SealedTextField", self._meta.get_field("token_sealed")).seal_for(self, token)
        self.token_last_four = token[-4:] if len(token) >= 16 else ""

    def open_token(self) -> str:
        """The token itself, for a call to Graph and nothing else. Raises portal.crypto.SecretUnreadableError."""
        return cast("SealedTextField", self._meta.get_field("token_sealed")).open_for(self)

    @property
    def hint(self) -> str:
        return f"…{self.token_last_four}" if self.token_last_four else "none stored"
