"""Links with which a person chooses a password: after they have forgotten theirs, and when they are invited.

A link is signed and kept nowhere. It names a person and the state of their login: it is dead once the password, the
mail address or the last sign-in is another one, so it works once, and a newer invitation ends the one before.
"""

from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from clients.choices import AccountMailKind
from clients.models import User

# How long each kind works.
LIFETIMES = {AccountMailKind.RESET: timedelta(hours=1), AccountMailKind.INVITATION: timedelta(days=7)}
_ROUTES = {AccountMailKind.RESET: "account_forgotten_link", AccountMailKind.INVITATION: "account_invitation"}


def address_for(person: User, kind: AccountMailKind) -> str:
    """The whole address of a new link."""
    return f"{settings.PUBLIC_URL}{reverse(_ROUTES[kind], args=[_token_for(person, kind)])}"


def person_of(token: str, kind: AccountMailKind) -> User | None:
    """Whose link it is; None when it is no link of this kind, too old, or was used."""
    try:
        found = signing.loads(token, salt=_salt(kind), max_age=LIFETIMES[kind])
    except signing.BadSignature:
        return None
    person = User.objects.filter(pk=found["person"], is_active=True).first()
    if person is None or not constant_time_compare(found["state"], _state_of(person, kind)):
        return None
    return person


def _token_for(person: User, kind: AccountMailKind) -> str:
    return signing.dumps({"person": person.pk, "state": _state_of(person, kind)}, salt=_salt(kind))


def _state_of(person: User, kind: AccountMailKind) -> str:
    state = f"{person.password}|{person.last_login}|{person.email}"
    return salted_hmac(_salt(kind), state, algorithm="sha256").hexdigest()[:32]


def _salt(kind: AccountMailKind) -> str:
    return f"clients.signing_in.links.{kind.value}"
