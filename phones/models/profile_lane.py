"""The turns of the profile lane, which reads business profiles and details of numbers about once a day."""

from django.db import models
from django.utils import timezone


class ProfileTurn(models.Model):
    """When the profile and the details of one number are read next.

    `rests` has the parts that Meta refused for this number, each with the time until which it is not asked for again.
    """

    number = models.OneToOneField(
        "phones.PhoneNumber", on_delete=models.CASCADE, primary_key=True, related_name="profile_turn"
    )
    next_read_at = models.DateTimeField(default=timezone.now)
    tried_at = models.DateTimeField(null=True, blank=True)
    rests = models.JSONField(default=dict, blank=True)
    lapses_at = models.DateTimeField(
        null=True, blank=True, db_index=True, help_text="When what lists say of it is too old to be stated."
    )

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"Profile turn of {self.number}"


class ProfileQuota(models.Model):
    """The turn of a WABA in the profile lane, and how much of its quota the lane took within the hour.

    A row is held by the worker that reads the WABA's numbers. `ceiling_percent` is the use of the quota that Meta may
    report before the lane stops for this hour; it is set by the first answer of the hour that tells the use.
    """

    waba = models.OneToOneField(
        "clients.Waba", on_delete=models.CASCADE, primary_key=True, related_name="profile_quota"
    )
    next_read_at = models.DateTimeField(default=timezone.now, db_index=True)
    not_before = models.DateTimeField(null=True, blank=True)
    hour_began_at = models.DateTimeField(null=True, blank=True)
    calls = models.PositiveIntegerField(default=0)
    ceiling_percent = models.PositiveIntegerField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True, db_index=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"Profile quota of {self.waba}"


class TokenPart(models.Model):
    """What a token was told about one part of what the profile lane asks for, such as the settings.

    After many numbers in a row that were refused, and none that was answered, the part is left out for this token.
    """

    credential = models.ForeignKey("clients.Credential", on_delete=models.CASCADE, related_name="profile_parts")
    part = models.CharField(max_length=20)
    answered_at = models.DateTimeField(null=True, blank=True)
    refused_in_a_row = models.PositiveIntegerField(default=0)
    left_out_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["credential", "part"], name="one_row_per_token_and_part")]

    def __str__(self) -> str:
        return f"{self.part} with {self.credential}"
