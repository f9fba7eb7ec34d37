"""What signing in keeps beside django-allauth's tables: secrets of second factors, and mails about people's logins."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from clients.choices import AccountMailKind, AccountMailState
from portal.fields import SealedTextField


class FactorSecret(models.Model):
    """The secret of an authenticator app, or what recovery codes are made from. Authenticators name it by its id."""

    secret_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    secret = SealedTextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "secret of a second factor"
        verbose_name_plural = "secrets of second factors"

    def __str__(self) -> str:
        return f"Secret {self.secret_uid}"

    def keep(self, secret: str) -> None:
        """Put `secret` on the row, encrypted (not saved)."""
        _sealed().seal_for(self, secret)

    def opened(self) -> str:
        """The secret. Raises crypto.SecretUnreadableError."""
        return _sealed().open_for(self)


def _sealed() -> SealedTextField:
    field = FactorSecret._meta.get_field("secret")
    assert isinstance(field, SealedTextField)  # noqa: S101 - for the type checker
    return field


class AccountMail(models.Model):
    """A mail about a person's own login. Whoever asked for an address that nobody has made one without a person."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=AccountMailKind.choices)
    state = models.CharField(max_length=20, choices=AccountMailState.choices, default=AccountMailState.WAITING)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    outcome = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ("-pk",)
        indexes = [
            models.Index(fields=["created_at"], name="account_mails_waiting", condition=models.Q(state="waiting"))
        ]
        verbose_name = "mail about a login"
        verbose_name_plural = "mails about logins"

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display().lower()}"
