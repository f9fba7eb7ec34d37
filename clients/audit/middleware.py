"""Lets lines of the audit log know the request they are written in, and writes those about refusals."""

from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from clients.audit import writing
from clients.audit.circumstances import of_request

log = structlog.get_logger(__name__)


class RequestsAreAudited:
    """Writes a line for each refusal (403) of a signed-in person, whatever page it comes from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with of_request(request):
            response = self.get_response(request)
            if response.status_code == HTTPStatus.FORBIDDEN and request.user.is_authenticated:
                _note_refusal(request)
        return response


def _note_refusal(request: HttpRequest) -> None:
    try:
        writing.refused(request.user, request.method or "", request.path)  # type: ignore[arg-type] # signed in
    except DatabaseError:
        # The refusal stands, whatever becomes of the line about it.
        log.exception("A refusal could not be written into the audit log.")
