"""Lets lines of the audit log know the request they are written in, and writes those about refusals."""

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import cast

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from clients import roles
from clients.audit import writing
from clients.audit.circumstances import of_request
from clients.models import User
from portal.web import unknown_rows

log = structlog.get_logger(__name__)


class RequestsAreAudited:
    """Writes a line for each refusal of a signed-in person: a 403, and what they named that is not there for them.

    They name it by an address (404), or in a form. What is someone else's answers like what is not there, and so is
    written like it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with of_request(request), unknown_rows.noted() as fields:
            response = self.get_response(request)
            if request.user.is_authenticated:
                if response.status_code == HTTPStatus.FORBIDDEN:
                    _note(writing.refused, request)
                elif response.status_code == HTTPStatus.NOT_FOUND and _names_one_thing(request):
                    _note(writing.not_found, request)
                elif fields:
                    _note(partial(writing.not_found, fields=sorted(fields)), request)
        return response


def _names_one_thing(request: HttpRequest) -> bool:
    """Whether the address, or what was sent to it, names one thing of the desk.

    Clients' links are their own secret, with own limits.
    """
    found = request.resolver_match
    if found is None or not (found.kwargs or request.method == "POST"):
        return False
    return getattr(found.func, "login_required", True) or roles.token_of(request.user) is not None


def _note(write: Callable[[User, str, str], None], request: HttpRequest) -> None:
    try:
        write(cast("User", request.user), request.method or "", request.path)
    except DatabaseError:
        # The refusal stands, whatever becomes of the line about it.
        log.exception("A refusal could not be written into the audit log.")
