"""Links and QR codes that open a chat with a number."""

from django.db import models

from clients.models.answers import Refused
from phones.choices import Source


class MessageLinks(Refused):
    """The message links of one number, as of `read_at`: a list of objects with `code`, `message` and `address`.

    The columns of `Refused` say why the latest reading brought nothing, in which case the rest is what was read before.
    """

    number = models.OneToOneField(
        "phones.PhoneNumber", on_delete=models.CASCADE, primary_key=True, related_name="message_links"
    )
    links = models.JSONField(default=list, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When Graph last returned them.")
    read_by = models.CharField(max_length=10, choices=Source, default=Source.SYNC)
    tried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "message links"

    def __str__(self) -> str:
        return f"Message links of {self.number}"
