"""What the portal does to every response."""

from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from portal.logs import holds_link_secret

log = structlog.get_logger(__name__)

# PostgreSQL's code for a statement that was stopped: https://www.postgresql.org/docs/current/errcodes-appendix.html
_STOPPED = "57014"


class SecretAddressesLeaveInNoReferrer:
    """From an address that holds a secret, browsers send no `Referer`, nor to our own static files.

    Whoever serves those, a proxy or a CDN, would write it into a log. A page that has chosen its own policy keeps it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not holds_link_secret(request.path):
            return self.get_response(request)
        _take_forms_without_origin(request)
        response = self.get_response(request)
        if response.get("Referrer-Policy", settings.SECURE_REFERRER_POLICY) == settings.SECURE_REFERRER_POLICY:
            response["Referrer-Policy"] = "no-referrer"
        return response


def _take_forms_without_origin(request: HttpRequest) -> None:
    """Let the token of the form alone decide where the browser names no origin.

    A page without referrer posts its forms with `Origin: null` (https://fetch.spec.whatwg.org/#origin-header), which
    Django takes for another site.
    """
    if request.META.get("HTTP_ORIGIN") == "null":
        with suppress(DisallowedHost):  # refused later on, with an answer
            request.META["HTTP_ORIGIN"] = f"{request.scheme}://{request.get_host()}"


class SignedInPagesAreNotStored:
    """Pages of a signed-in person are kept by no proxy and no browser, so "back" after a logout shows nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class TimesInThePersonsZone:
    """Pages give times in the time zone that the signed-in person has chosen; in the desk's own for everybody else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = getattr(request.user, "time_zone", "")
        try:
            zone = ZoneInfo(name) if name else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            zone = None  # the system has forgotten it
        with timezone.override(zone):
            return self.get_response(request)


class FormAddressesLeadToTheirPage:
    """A GET of an address of the desk that takes nothing but a form leads to the nearest page above it.

    People get there by returning to it, and from the login when their session had ended before they sent the form.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_looked_at = request.method in {"GET", "HEAD"} and response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        if is_looked_at and _is_of_the_desk(request.path_info):
            return HttpResponseRedirect(_page_above(request.path_info))
        return response


class StatementsThatTakeTooLongAreSaid:
    """A page whose statement PostgreSQL stopped (`statement_timeout`) says so; clients get their own error page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        was_stopped = (
            isinstance(exception, OperationalError) and getattr(exception.__cause__, "sqlstate", "") == _STOPPED
        )
        if not was_stopped or request.method not in {"GET", "HEAD"} or not _is_of_the_desk(request.path_info):
            return None
        log.warning("statement took too long", path=request.path)
        # Without the request, whose context processors would ask the database.
        page = render_to_string("took_too_long.html", {"address": request.get_full_path()})
        return HttpResponse(page, status=HTTPStatus.SERVICE_UNAVAILABLE)


def _page_above(path: str) -> str:
    """The nearest address of the desk above `path`; the desk itself at last."""
    while path != "/":
        path = path.rstrip("/").rpartition("/")[0] + "/"
        if _is_of_the_desk(path):
            break
    return path


def _is_of_the_desk(path: str) -> bool:
    """Whether there is something at `path` that needs a login."""
    try:
        return getattr(resolve(path).func, "login_required", True)
    except Resolver404:
        return False
