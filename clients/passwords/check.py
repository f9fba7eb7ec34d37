"""Checks a password: counted, recorded, and a few at once. Every place that asks for one comes through here.

So do codes of second factors, and asking for a link to a new password, which are only counted and recorded.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from clients.choices import AskedFor
from clients.models import User
from clients.passwords import attempts, hashing
from clients.passwords.attempts import TriedTooOftenError, Typed
from clients.passwords.places import place_of, place_of_signed_in

log = structlog.get_logger(__name__)

_BUSY_FOR = timedelta(seconds=2)


@sensitive_variables("password")
def is_own_password(request: HttpRequest, person: User, password: str, *, asked_for: AskedFor) -> bool:
    """Whether `password` is that of `person`, who is signed in. Raises TriedTooOftenError."""
    typed = Typed(person.username, person, asked_for, place_of_signed_in(request, person))
    return counted(typed, lambda: person if person.check_password(password) else None) is not None


def is_own_code(request: HttpRequest, person: User, is_right: Callable[[], bool], *, asked_for: AskedFor) -> bool:
    """Whether a code that was typed for `person` is right, as `is_right` says. Raises TriedTooOftenError."""
    is_signed_in = request.user.is_authenticated
    place = place_of_signed_in(request, person) if is_signed_in else place_of(request, person)
    typed = Typed(person.username, person, asked_for, place)
    attempt = attempts.admit(typed)
    if not is_right():
        attempts.was_wrong(typed)
        return False
    attempts.was_right(attempt, typed)
    return True


def admit_reset(request: HttpRequest, address: str) -> None:
    """Count that somebody asks for a new password for a mail address. Raises TriedTooOftenError."""
    attempts.admit(Typed(address, None, AskedFor.RESET, place_of(request, None)))


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
