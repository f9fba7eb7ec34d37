"""The record of passwords that were typed: right ones, wrong ones, and those that were not looked at."""

from django.conf import settings
from django.db import models

from clients.choices import AskedFor, PasswordOutcome


class PasswordAttempt(models.Model):
    """One password that somebody typed. The password itself is nowhere, nor is a name that nobody has.

    People type their password into the wrong field, so of an unknown name only a keyed digest is kept: enough to count
    by. `place` is what tries are counted by beside the name; of those that were refused there is one row a wait.
    """

    at = models.DateTimeField(db_index=True, verbose_name="when")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    name_digest = models.CharField(max_length=32)
    asked_for = models.CharField(max_length=20, choices=AskedFor.choices, verbose_name="asked for")
    outcome = models.CharField(max_length=20, choices=PasswordOutcome.choices)
    place = models.CharField(max_length=60)
    is_from_anywhere = models.BooleanField(
        help_text="Neither signed in, nor from a browser that has signed in with this name before."
    )
    address = models.GenericIPAddressField(null=True, verbose_name="address")
    user_agent = models.CharField(max_length=200, verbose_name="browser")
    times = models.PositiveIntegerField(default=1, help_text="How often it was refused during one wait.")

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [
            models.Index(fields=["name_digest", "at"], name="passwords_by_name"),
            models.Index(fields=["place", "at"], name="passwords_by_place"),
        ]
        verbose_name = "password attempt"

    def __str__(self) -> str:
        return f"{self.get_asked_for_display()}: {self.get_outcome_display().lower()}"
