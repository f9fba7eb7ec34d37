"""Stores PINs: made or typed, encrypted before they are sent, shown only to who may see them and says why."""

import secrets

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from clients import audit, roles
from clients.choices import Act, AuditKind
from clients.models import User
from phones.actions.six_digits import six_digits_in
from phones.choices import PinState
from phones.models import PhoneNumber, Pin, PinReveal
from portal import database_clock

SHORTEST_REASON = 5


class PinNotUsableError(Exception):
    """What was typed can't be a PIN. The text does not repeat it."""


class RevealRefusedError(Exception):
    """The person may not see the PIN, or gave no reason; the text says which."""


def made_up() -> str:
    return f"{secrets.randbelow(1_000_000):06d}"


@sensitive_variables("pin")
def checked(pin: str) -> str:
    """The six digits of `pin`. Raises PinNotUsableError unless they are six."""
    found = six_digits_in(pin)
    if found is None:
        raise PinNotUsableError("A PIN is six digits, 0 to 9.")
    return found


@sensitive_variables("pin")
def keep(*, number: PhoneNumber, pin: str, user: User | None, generated: bool) -> Pin:
    """Store `pin` for `number`, encrypted and not confirmed yet; before it is sent anywhere."""
    row = Pin(number=number, generated=generated, created_at=database_clock.now(), created_by=user)
    Pin._meta.get_field("pin_sealed").seal_for(row, pin)
    row.save()
    return row


def known(number: PhoneNumber) -> Pin | None:
    """The PIN the desk believes the number has: the latest that Meta confirmed. None when it knows of none."""
    return number.pins.filter(state=PinState.CONFIRMED).first()


def opened(row: Pin) -> str:
    """The PIN itself, for a call to Graph and nothing else. Raises portal.crypto.SecretUnreadableError."""
    return Pin._meta.get_field("pin_sealed").open_for(row)


def confirm(row: Pin) -> None:
    """Meta has taken this PIN: it is the number's now, and those before it are not."""
    row.number.pins.filter(state=PinState.CONFIRMED).exclude(pk=row.pk).update(state=PinState.REPLACED)
    Pin.objects.filter(pk=row.pk).update(state=PinState.CONFIRMED)


def refuse(row: Pin) -> None:
    """Meta has refused this PIN: it is not the number's."""
    Pin.objects.filter(pk=row.pk).update(state=PinState.REFUSED)


def may_reveal(user: User) -> bool:
    """An account manager uses PINs without seeing them."""
    return roles.may(user, Act.REVEAL_PINS)


@transaction.atomic
def reveal(*, row: Pin, user: User, reason: str) -> str:
    """The PIN, for the eyes of `user`, who is written down with the `reason`. Raises RevealRefusedError."""
    reason = " ".join(reason.split())
    if not may_reveal(user):
        raise RevealRefusedError("Only team leads and administrators may look at a PIN. The desk uses it without.")
    if len(reason) < SHORTEST_REASON:
        raise RevealRefusedError("Say why you need to see it: the reason is kept with your name.")
    PinReveal.objects.create(pin=row, user=user, reason=reason[:300], at=database_clock.now())
    facts = {"reason": reason[:300]}
    audit.entry(AuditKind.REVEAL, "Looked at its PIN.", actor=user, about=row.number, details=facts)
    return opened(row)
