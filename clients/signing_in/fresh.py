"""Asks people who they are once more before what would do much harm from an open screen or with a stolen session.

A page says `insist(request)`. Who has typed a password or a code, or used a passkey,
within FRESH_SIGN_IN_MINUTES goes on; anybody else is led to the page that asks, and from there back to where they were.
What they had typed is not kept: it may hold secrets.
"""

import time

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

_PROOFS = {"password", "mfa", "socialaccount"}


class NotFreshError(Exception):
    """The person has to show again who they are. `back` is where they go on then."""

    def __init__(self, back: str) -> None:
        super().__init__("Who it is was not shown lately.")
        self.back = back


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person has shown who they are within FRESH_SIGN_IN_MINUTES."""
    shown_at = last_shown(request)
    return shown_at is not None and time.time() - shown_at < settings.FRESH_SIGN_IN_MINUTES * 60


def last_shown(request: HttpRequest) -> float | None:
    """When the person showed last who they are; None where nobody is signed in, or that is not known."""
    if not request.user.is_authenticated:
        return None
    records = get_authentication_records(request, request.user)
    return max((record["at"] for record in records if record.get("method") in _PROOFS), default=None)


def insist(request: HttpRequest, *, back: str = "") -> None:
    """Raise NotFreshError unless the person has shown lately who they are. `back`: where to go then, if not here."""
    if not is_fresh(request):
        raise NotFreshError(back or request.get_full_path())


def led_to(request: HttpRequest, name: str, *, back: str) -> HttpResponse:
    """The answer that leads to the page `name` and from there to `back`: the whole page goes, also for htmx."""
    address = f"{reverse(name)}?{urlencode({'next': back})}"
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(address)
    if request.headers.get("accept") == "application/json":
        return JsonResponse({"error": "Show again who you are.", "location": address}, status=403)
    return HttpResponseRedirect(address)
