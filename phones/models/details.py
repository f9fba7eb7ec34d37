"""What Meta says of a number beside its state: seldom changed, read about once a day, or when somebody asks."""

from django.db import models


class NumberDetails(models.Model):
    """The parts that are read by calls of their own: `node`, `settings`, `username`, `suggestions` of usernames.

    `parts` has of each what Graph said last (`values`) and when (`at`); `failure` is there while the latest reading of
    that part brought nothing, and says why.
    """

    number = models.OneToOneField(
        "phones.PhoneNumber", on_delete=models.CASCADE, primary_key=True, related_name="details"
    )
    parts = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "number details"

    def __str__(self) -> str:
        return f"Details of {self.number}"
