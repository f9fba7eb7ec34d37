"""Inviting a person to choose a password by a link."""

from clients.audit import record
from clients.models import User
from clients.signing_in import sessions


def invite(person: User, *, actor: User) -> None:
    """Take the person's password away, so that every earlier link is dead and they choose one by a new link."""
    person.set_unusable_password()
    person.save(update_fields=["password"])
    sessions.end_all(person)
    record(person, "Invited to choose a password", actor)
