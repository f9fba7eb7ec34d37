"""What stands before pages of signed-in people: the end of their session, a second factor, asking who it is again."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import resolve

from clients.models import User
from clients.signing_in import second_factor, sessions
from clients.signing_in.account_adapter import AccountAdapter
from clients.signing_in.fresh import NotFreshError, last_shown, led_to

# What an open page asks for by itself says so: a session lasts while a person does something in it.
ASKED_BY_ITSELF = "X-Asked-By-Itself"
HAS_FACTOR = "has_second_factor"
GetResponse = Callable[[HttpRequest], HttpResponse]


class SessionsEnd:
    """Signs out who has been signed in for SESSION_HOURS, and notes of others once a minute that they are there.

    A session in which its person has just shown again who they are gets a new id.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if sessions.is_over(request):
                logout(request)
            elif ASKED_BY_ITSELF not in request.headers:
                sessions.note_seen(request)
        key, shown_at = request.session.session_key, last_shown(request)
        response = self.get_response(request)
        if shown_at is not None and key == request.session.session_key and last_shown(request) not in {None, shown_at}:
            sessions.renew(request)
        return response


class SecondFactorComesFirst:
    """Leads whoever needs a second factor and has none to the page where it is set up, whatever they ask for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: Any
    ) -> HttpResponseBase | None:
        person = request.user
        if not isinstance(person, User) or request.session.get(HAS_FACTOR) or not second_factor.needs_one(person):
            return None
        if second_factor.has_one(person):
            request.session[HAS_FACTOR] = True
            return None
        if _is_of_the_login(request.path_info) or not getattr(view, "login_required", True):
            return None
        return led_to(request, "mfa_index", back=request.get_full_path())


class StaleSignInsAreAskedAgain:
    """Answers NotFreshError: with the page that asks for a password or a code, which leads back."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, NotFreshError):
            return None
        methods = AccountAdapter(request).get_reauthentication_methods(cast("User", request.user))
        if not methods:
            raise PermissionDenied("There is no password and no second factor to ask for.") from error
        return led_to(request, resolve(methods[0]["url"]).view_name, back=error.back)


def _is_of_the_login(path: str) -> bool:
    """Whether it is a page about the person's own login, all of which stand under one address."""
    return path.startswith("/account/") or path == "/logout/"
