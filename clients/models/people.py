"""The people who use the desk. What each may see is decided in `clients.roles` and the querysets."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person with a login. Their role is the group they are in (`clients.choices.Role`)."""

    unseen_mentions = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="Notes that mention this person and that they have not seen."
    )

    def __str__(self) -> str:
        return self.get_full_name() or self.username
