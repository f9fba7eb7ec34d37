"""Inviting a person to choose a password by a link, and taking that back.

On the desk only who has never signed in is invited: whoever makes a link for somebody else could get in with it.
"""

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from clients import roles
from clients.audit import record
from clients.choices import AccountMailKind, Act
from clients.models import User
from clients.signing_in import links, mails, sessions


def invite(person: User, *, actor: User) -> None:
    """Take the person's password away, so that every earlier link is dead and they choose one by a new link."""
    person.invited_at = timezone.now()
    person.let_in_by = None if roles.may(actor, Act.ADMINISTER) else actor
    _make_links_dead(person)
    record(person, "Invited to choose a password", actor)


def vouch_for(person: User, *, actor: User) -> None:
    """Have the person count as one of their own where two people have to agree, whoever invited them."""
    person.let_in_by = None
    person.save(update_fields=["let_in_by"])
    record(person, "Vouched that they are a person of their own", actor)


def withdraw(person: User, *, actor: User) -> None:
    """Make the link of an invitation dead, and let the person sign in no more."""
    person.invited_at, person.is_active = None, False
    person.save(update_fields=["is_active"])
    _make_links_dead(person)
    record(person, "Withdrew the invitation to choose a password", actor)


def mail_or_link(person: User) -> str:
    """Have the link mailed, and give nothing; where the desk sends no mail, or they have no address, the link."""
    if settings.SENDS_MAIL and person.email:
        mails.want(AccountMailKind.INVITATION, person)
        return ""
    return links.address_for(person, AccountMailKind.INVITATION)


def has_never_signed_in(person: User) -> bool:
    """Whether they have no password yet, and came in no other way either."""
    return person.last_login is None and not person.has_usable_password()


def lapses_at(person: User) -> datetime | None:
    """When the link of their invitation stops working, or did; None where nobody has invited them."""
    return person.invited_at + links.LIFETIMES[AccountMailKind.INVITATION] if person.invited_at else None


def _make_links_dead(person: User) -> None:
    person.set_unusable_password()
    person.save(update_fields=["password", "invited_at", "let_in_by"])
    sessions.end_all(person)
