"""Where a password is typed: what tries are counted by beside the name.

A browser that has signed in with a name keeps a signed cookie that says so, until the password changes. It is counted
by itself, so that who tries that name elsewhere keeps nobody from signing in where they always do.
"""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from clients.models import User
from portal.web.client_address import client_address

COOKIE = "__Host-known" if settings.IS_HTTPS else "known"
LIFETIME = timedelta(days=180)
_SALT = "clients.passwords.places"
_PREFIX_OF_IPV6 = 64  # what one household or server has to itself


@dataclass(frozen=True, slots=True)
class Place:
    """`name` is what is counted by. From anywhere: not signed in, nor from a browser that is known."""

    name: str
    is_from_anywhere: bool
    address: str | None
    user_agent: str


def place_of(request: HttpRequest, person: User | None) -> Place:
    """Where somebody signs in with the name of `person`; None when nobody has that name."""
    browser = _browser_of(request, person)
    if browser:
        return _place(request, f"browser {browser}", is_from_anywhere=False)
    return _place(request, f"address {_network_of(request)}", is_from_anywhere=True)


def place_of_signed_in(request: HttpRequest, person: User) -> Place:
    """Where `person`, who is signed in, is asked for their password again."""
    return _place(request, f"person {person.pk}", is_from_anywhere=False)


def remember(request: HttpRequest, response: HttpResponse, person: User) -> None:
    """Have the browser keep that `person` has signed in with it."""
    browser = _browser_of(request, person) or secrets.token_hex(8)
    response.set_cookie(
        COOKIE,
        signing.dumps({"person": person.pk, "browser": browser, "until_changed": _mark_of(person)}, salt=_SALT),
        max_age=LIFETIME,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _place(request: HttpRequest, name: str, *, is_from_anywhere: bool) -> Place:
    address = client_address(request)
    agent = request.META.get("HTTP_USER_AGENT", "").replace("\0", "")[:200]
    return Place(name, is_from_anywhere, str(address) if address else None, agent)


def _browser_of(request: HttpRequest, person: User | None) -> str:
    """The name of this browser, which has signed in as `person` before; empty when it has not."""
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return ""
    if person is None or found["person"] != person.pk:
        return ""
    if not constant_time_compare(found["until_changed"], _mark_of(person)):
        return ""
    return str(found["browser"])


def _mark_of(person: User) -> str:
    """What changes with their password."""
    return person.get_session_auth_hash()[:16]


def _network_of(request: HttpRequest) -> str:
    address = client_address(request)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, _PREFIX_OF_IPV6), strict=False))
    return str(address) if address else "of this machine"
