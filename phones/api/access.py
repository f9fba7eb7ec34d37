"""Who asks the API: the person of a token, with what the token leaves of what they may do. Sessions count for nothing.

A browser sends cookies wherever a page of somebody else's leads it, and no token; so the API needs no form token.
"""

from collections.abc import Callable
from datetime import tzinfo
from functools import wraps
from http import HTTPStatus
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers, get_conditional_response
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from ninja.security import HttpBearer

from clients import api_tokens, audit, roles
from clients.api_tokens import Bearer
from clients.choices import AuditKind
from clients.models import User
from phones.api.problems import ProblemError, problem
from portal.web.quotas import seconds_until_free

_MINUTE = 60
# A program reads page after page: one line in this time says that it does.
_ONE_LINE_IN = 3600


class ApiRequest(HttpRequest):
    """A request to the API, whose token was looked at."""

    user: User
    auth: Bearer


class TokenAuth(HttpBearer):
    """The token in `Authorization: Bearer …`. It counts the requests of each token."""

    def authenticate(self, request: HttpRequest, token: str) -> Bearer | None:
        """The token with its person, who is `request.user` from now on; None for none that works."""
        bearer = api_tokens.opened(token)
        if bearer is None:
            return None
        request.user = bearer.person
        structlog.contextvars.bind_contextvars(user_id=bearer.person.pk)
        _take_one(bearer)
        if roles.role_of(bearer.person) is None:
            raise PermissionDenied("Whose token this is has no role any more.")
        timezone.activate(_zone_of(bearer.person))
        return bearer


def answered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """`view` of the API, as the portal's addresses have it: without a session, with an ETag, never kept by caches."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.user = AnonymousUser()
        with timezone.override(None):
            response = view(request, *args, **kwargs)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = response.get("Allow", "")
            response = problem(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"Takes only {allowed}.")
            response["Allow"] = allowed
        if request.method == "GET" and response.status_code == HTTPStatus.OK:
            response = _conditional(request, response)
        add_never_cache_headers(response)
        return response

    return answer


def note_read(request: HttpRequest, name: str) -> None:
    """Write into the audit log, once an hour, that a token reads the list `name`."""
    token, person = cast("ApiRequest", request).auth.token, cast("ApiRequest", request).user
    if cache.add(f"api-read:{token.pk}:{name}", 1, _ONE_LINE_IN):
        audit.entry(AuditKind.EXPORT, f"Reads “{name}” through the API.", actor=person, details={"list": name})


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with an ETag of what it says; 304 without a body for who has it already."""
    # Keyed, so that nobody can try out from an ETag in a log what the answer said.
    etag = f'"{salted_hmac("api-etag", response.content, algorithm="sha256").hexdigest()[:32]}"'
    response["ETag"] = etag
    found = cast("HttpResponse", get_conditional_response(request, etag=etag, response=response))
    if found.status_code == HTTPStatus.PRECONDITION_FAILED:
        return problem(HTTPStatus.PRECONDITION_FAILED, "changed", "It is not, or not any more, what If-Match names.")
    return found


def _take_one(bearer: Bearer) -> None:
    """Count one more request of the token. Raises ProblemError where it is one too many."""
    most = bearer.token.requests_a_minute or settings.API_REQUESTS_A_MINUTE
    wait = seconds_until_free(f"api:{bearer.token.pk}", most=most, seconds=_MINUTE)
    if wait:
        detail = f"This token may ask {most:,} times a minute."
        raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "too-many", detail, wait=wait)


def _zone_of(person: User) -> tzinfo:
    try:
        return ZoneInfo(person.time_zone) if person.time_zone else timezone.get_default_timezone()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return timezone.get_default_timezone()
