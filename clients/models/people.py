"""The people who use the desk. What each may see is decided in `clients.roles` and the querysets."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person with a login. Their role is the group they are in (`clients.choices.Role`)."""

    def __str__(self) -> str:
        return self.get_full_name() or self.username
