"""What the API answers where it does not do what was asked: application/problem+json (RFC 9457), for any reason."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel, Field

from phones.actions.send_once import NotSentError

log = structlog.get_logger(__name__)

CONTENT_TYPE = "application/problem+json"
# How long a program should wait where the database does not answer in time.
_DATABASE_WAIT = 10


class FieldError(BaseModel):
    """What is wrong with one part of a request."""

    where: str
    message: str


class MetaError(BaseModel):
    """What Meta answered. `fbtrace_id` is what Meta's support asks for."""

    error_kind: str
    code: int | None
    subcode: int | None
    http_status: int | None
    message: str
    fbtrace_id: str
    retry_at: str | None


class Problem(BaseModel):
    """Why a request was not done. `type` is for programs and stays, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str = ""
    errors: list[FieldError] = Field(default_factory=list)
    action: int | None = Field(None, description="The action that Meta refused: see /actions/{id}.")
    meta: MetaError | None = None


class ProblemError(Exception):
    """Raised by a view that does not do what was asked; `kind` ends the problem's type."""

    def __init__(self, status: HTTPStatus, kind: str, detail: str, *, wait: int = 0, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail, self.wait, self.more = status, kind, detail, wait, more


def problem(status: HTTPStatus, kind: str, detail: str = "", *, wait: int = 0, **more: Any) -> HttpResponse:
    """The answer; `wait`: seconds until asking again makes sense."""
    told = {"type": f"urn:numberdesk:problem:{kind}", "title": status.phrase, "status": status.value, "detail": detail}
    answer = JsonResponse({**told, **more}, status=status, content_type=CONTENT_TYPE)
    if wait:
        answer["Retry-After"] = str(wait)
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


def invalid(where: str, message: str) -> ProblemError:
    """What is wrong with one part of a body; without `where`, with all of it."""
    errors = [{"where": f"body.{where}" if where else "body", "message": message}]
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request can’t be understood.", errors=errors)


def handle_errors(api: NinjaAPI) -> None:
    """Have `api` answer each error by a problem."""
    answers: dict[type[Exception], Any] = {
        ProblemError: lambda _request, error: problem(
            error.status, error.kind, error.detail, wait=error.wait, **error.more
        ),
        AuthenticationError: lambda *_: problem(
            HTTPStatus.UNAUTHORIZED, "unauthorized", "Send a token that works: Authorization: Bearer ndk_…"
        ),
        Http404: lambda *_: problem(HTTPStatus.NOT_FOUND, "not-found", "There is no such thing, or not for you."),
        PermissionDenied: lambda _request, error: problem(
            HTTPStatus.FORBIDDEN, "forbidden", str(error) or "The token, its person or their role may not do this."
        ),
        NotSentError: _not_sent,
        ValidationError: _invalid,
        HttpError: lambda _request, error: problem(HTTPStatus(error.status_code), "unusable", str(error)),
        SuspiciousOperation: _unusable,
        UnreadablePostError: _unusable,
        OperationalError: _database,
        InterfaceError: _database,
        Exception: _failed,
    }
    for error, answer in answers.items():
        api.add_exception_handler(error, answer)


def _not_sent(_request: HttpRequest, error: NotSentError) -> HttpResponse:
    return problem(HTTPStatus.CONFLICT, "no-token" if error.kind == "no_token" else "guard", str(error))


def _invalid(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What was sent is not repeated: it may be a PIN."""
    errors = [{"where": _where(one.get("loc", ())), "message": str(one.get("msg", ""))} for one in error.errors]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "The request can’t be understood.", errors=errors)


def _where(place: Sequence[object]) -> str:
    """The part of the request, as `invalid` spells it: the library names a body twice."""
    parts = [str(part) for part in place]
    return ".".join(parts[1:] if parts[:2] == ["body", "body"] else parts)


def _unusable(*_: object) -> HttpResponse:
    """What Django reads no further: more bytes or parameters than it takes, or a body that broke off."""
    return problem(HTTPStatus.BAD_REQUEST, "unusable", "The request is too large, or broke off.")


def _database(request: HttpRequest, error: Exception) -> HttpResponse:
    log.warning("The database did not answer in time.", path=request.path, error=type(error).__name__)
    detail = "The database did not answer in time: ask for less, or later."
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail, wait=_DATABASE_WAIT)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("A request to the API failed.", path=request.path, exc_info=error)
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "failed", "The desk failed; the error is in its log.")
