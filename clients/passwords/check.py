"""Checks a password: counted, recorded, and a few at once. Every place that asks for one comes through here."""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from clients.choices import AskedFor
from clients.models import User
from clients.passwords import attempts, hashing
from clients.passwords.attempts import TriedTooOftenError, Typed
from clients.passwords.places import place_of_signed_in

log = structlog.get_logger(__name__)

_BUSY_FOR = timedelta(seconds=2)


@sensitive_variables("password")
def is_own_password(request: HttpRequest, person: User, password: str, *, asked_for: AskedFor) -> bool:
    """Whether `password` is that of `person`, who is signed in. Raises TriedTooOftenError."""
    typed = Typed(person.username, person, asked_for, place_of_signed_in(request, person))
    return counted(typed, lambda: person if person.check_password(password) else None) is not None


def counted(typed: Typed, find: Callable[[], User | None]) -> User | None:
    """What `find` gives, which checks one password. Raises TriedTooOftenError without calling it."""
    try:
        with hashing.turn():
            attempt = attempts.admit(typed)
            person = find()
    except hashing.TooBusyError:
        log.warning("A password was not looked at.", limit="busy", place=typed.place.name)
        raise TriedTooOftenError("busy", _BUSY_FOR) from None
    if person is None:
        attempts.was_wrong(typed)
    else:
        attempts.was_right(attempt, typed)
    return person
