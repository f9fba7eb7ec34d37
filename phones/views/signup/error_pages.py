"""Error pages: on the addresses that clients open in their language and without a way to the desk, else Django's."""

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import csrf, defaults
from django.views.decorators.csrf import requires_csrf_token

from phones.views.signup import languages
from portal.database_errors import is_away


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _for_client(request, 400) or defaults.bad_request(request, exception)


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _for_client(request, 404) or defaults.page_not_found(request, exception)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _for_client(request, 403) or csrf.csrf_failure(request, reason)


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Called where the error is handled: one of the database's passes, and says when to come back."""
    if not is_away(sys.exc_info()[1]):
        return _for_client(request, 500) or defaults.server_error(request)
    response = _for_client(request, 500) or HttpResponse(render_to_string("503.html"))
    response.status_code = 503
    response["Retry-After"] = "30"
    return response


def _for_client(request: HttpRequest, status: int) -> HttpResponse | None:
    """The page for a client; None where the request came from the desk. Asks the database nothing: it may be down."""
    if not _is_of_a_client(request):
        return None
    with translation.override(languages.language_of(request)):
        title, sentence = _words(status)
        # Without the request, whose context processors would look up who is signed in.
        context = {"title": title, "sentence": sentence, "partner": settings.PARTNER_NAME, "demo": settings.DEMO}
        response = HttpResponse(render_to_string("signup/error.html", context), status=status)
        response["Content-Language"] = translation.get_language()
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _is_of_a_client(request: HttpRequest) -> bool:
    if request.resolver_match is not None:
        return getattr(request.resolver_match.func, "is_client_page", False)
    # An address that leads nowhere: of a link that was copied with too much, unless the session says who is there.
    is_below = request.path.startswith(reverse("signup:ledger"))
    return is_below and settings.SESSION_COOKIE_NAME not in request.COOKIES


def _words(status: int) -> tuple[str, str]:
    if status == 403:
        return (
            _("This page was too old"),
            _("Nothing was sent. Please open your link again, allow cookies for this page, and do it once more."),
        )
    if status == 404:
        return (
            _("There is no such page"),
            _("Perhaps something was added to the address when it was copied. Please open your link again."),
        )
    if status == 500:
        return (
            _("Something broke on our side"),
            _("We have noted it. Please open your link again in a few minutes and look whether it was done."),
        )
    return _("That did not work"), _("Nothing was changed. Please open your link again.")
