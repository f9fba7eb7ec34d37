"""What WhatsApp shows of the business behind a number."""

from django.db import models

from clients.models.answers import Refused
from phones.choices import Source


class BusinessProfile(Refused):
    """Graph's business profile of one number, as of `read_at`; empty where Meta has nothing, which it leaves out.

    The columns of `Refused` say why the latest reading brought nothing, in which case the rest is what was read before.
    """

    number = models.OneToOneField(
        "phones.PhoneNumber", on_delete=models.CASCADE, primary_key=True, related_name="profile"
    )
    about = models.TextField(blank=True)
    address = models.TextField(blank=True)
    description = models.TextField(blank=True)
    email = models.TextField(blank=True)
    websites = models.JSONField(default=list, blank=True)
    vertical = models.CharField(max_length=512, blank=True)
    has_picture = models.BooleanField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When Graph last returned it.")
    read_by = models.CharField(max_length=10, choices=Source, default=Source.SYNC)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "business profile"

    def __str__(self) -> str:
        return f"Business profile of {self.number}"
