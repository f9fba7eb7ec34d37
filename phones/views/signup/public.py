"""What pages behind a client's link share: no login, their language, stored nowhere, found by no search engine."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse, RawPostDataException, UnreadablePostError
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from clients import links
from clients.choices import LinkState
from clients.models import SignupLink, StatusLink
from phones.models import CodeLink
from phones.onboarding.client_words import why_closed
from phones.views.signup import languages

LONGEST_BODY = 20_000

Row = TypeVar("Row", SignupLink, StatusLink, CodeLink)
Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]


class NoSuchLinkError(Exception):
    """The address belongs to no link, or to nothing behind its link."""


def client_page(view: View[Rest]) -> View[Rest]:
    """A page that a client opens without a login, in their language.

    An unknown link becomes a 404, a closed one a 410, both friendly.
    """

    @wraps(view)
    def shown(request: HttpRequest, /, *args: Rest.args, **kwargs: Rest.kwargs) -> HttpResponse:
        with translation.override(languages.language_of(request)):
            try:
                response = view(request, *args, **kwargs)
            except NoSuchLinkError:
                response = _closed(request, None)
            except links.LinkClosedError as error:
                response = _closed(request, error.state)
            languages.remember(request, response)
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    shown.is_client_page = True  # type: ignore[attr-defined] # read by `error_pages`
    return login_not_required(never_cache(shown))


def open_link(request: HttpRequest, model: type[Row], token: str) -> Row:
    """The link with this token; from here on the page is in its language.

    Raises NoSuchLinkError when there is none, links.LinkClosedError when it is closed.
    """
    row = links.find(model, token)
    if row is None:
        raise NoSuchLinkError
    translation.activate(languages.language_of(request, of_link=row.language))
    links.insist_open(row)
    return row


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that the page sent. Raises BadRequest for anything else."""
    try:
        sent = request.body
    except (RawPostDataException, UnreadablePostError):
        raise BadRequest("a form with files, or broken off on the way") from None
    if len(sent) > LONGEST_BODY:
        raise BadRequest("more than a page of ours would send")
    try:
        body = json.loads(sent)
    except (ValueError, RecursionError):
        raise BadRequest("not JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("not an object")
    return body


def text_in(body: dict[str, Any], name: str, longest: int = 4_000) -> str:
    """The text called `name`; empty when it is missing, no text, or longer than a page of ours would send."""
    value = body.get(name)
    return value if isinstance(value, str) and len(value) <= longest else ""


def _closed(request: HttpRequest, state: LinkState | None) -> HttpResponse:
    status = 404 if state is None else 410
    if request.content_type == "application/json":
        sentence = _("This link does not work any more. Please ask your account manager for a new one.")
        return JsonResponse({"error": sentence}, status=status)
    response = render(request, "signup/closed.html", {"reason": why_closed(state)}, status=status)
    if request.headers.get("HX-Request"):
        response["HX-Refresh"] = "true"  # a page that asks for its news loads itself again, and says so
    return response
