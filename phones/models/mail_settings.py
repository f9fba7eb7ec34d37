"""What people want to be sent and when, and where else their teams want it."""

import datetime
import uuid
from typing import cast

from django.conf import settings
from django.db import models

from phones.alert_choices import AlertKind, ChannelKind, ChannelScope, DigestDays, MailScope
from portal.fields import SealedTextField


def every_kind() -> list[str]:
    return list(AlertKind.values)


class MailSettings(models.Model):
    """Which mails a person wants, and when. Who has no row gets every mail; times are in the person's own time zone.

    `scope` is empty for the usual one of the person's role. `views` come with each digest.
    """

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_settings")
    digest_days = models.CharField(max_length=10, choices=DigestDays, default=DigestDays.DAILY)
    digest_at = models.TimeField(default=datetime.time(7))
    alerts = models.JSONField(default=every_kind, blank=True)
    approvals = models.BooleanField(default=True, db_default=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    scope = models.CharField(max_length=5, choices=MailScope, blank=True)
    views = models.ManyToManyField("clients.SavedView", blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "mail settings"

    def __str__(self) -> str:
        return f"Mails of {self.person}"


class Channel(models.Model):
    """A team's address that alerts are posted to, beside mail. Both the address and the secret are secrets.

    It gets the alerts of all clients or, as `scope` says, of those that `members` own or cover: without members none.
    Quiet hours are in its own `time_zone`; empty: the desk's.
    """

    name = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10, choices=ChannelKind)
    host = models.CharField(max_length=255, editable=False, help_text="The host of its address, which is no secret.")
    address_sealed = SealedTextField(editable=False)
    secret_sealed = SealedTextField(blank=True, editable=False)
    secret_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")
    scope = models.CharField(
        max_length=10, choices=ChannelScope, default=ChannelScope.PEOPLE, db_default=ChannelScope.PEOPLE.value
    )
    alerts = models.JSONField(default=every_kind, blank=True)
    time_zone = models.CharField(max_length=60, blank=True, default="", db_default="")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    is_on = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def store(self, *, address: str = "", secret: str = "") -> None:
        """Put the address and the secret on the row, encrypted (not saved); what is empty stays as it is."""
        for name, value in (("address_sealed", address), ("secret_sealed", secret)):
            if value:
                self._sealed(name).seal_for(self, value)

    def open_address(self) -> str:
        """Raises portal.crypto.SecretUnreadableError."""
        return self._sealed("address_sealed").open_for(self)

    def open_secret(self) -> str:
        """Raises portal.crypto.SecretUnreadableError."""
        return self._sealed("secret_sealed").open_for(self)

    def _sealed(self, name: str) -> SealedTextField:
        return cast("SealedTextField", self._meta.get_field(name))
