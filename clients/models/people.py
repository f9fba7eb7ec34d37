"""The people who use the desk. What each may see is decided in `clients.roles` and the querysets."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with a login. Their role is the group they are in (`clients.choices.Role`)."""

    changes_seen_up_to = models.BigIntegerField(
        default=0,
        db_default=0,
        editable=False,
        help_text="The key of the newest line of history that they have said to have seen.",
    )
    changes_seen_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When they last said so; empty when they never did."
    )
    time_zone = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="In which pages and mails give times, for example Europe/Berlin; empty: the desk’s own.",
    )
    unseen_mentions = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Notes that mention this person and that they have not seen."
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username
