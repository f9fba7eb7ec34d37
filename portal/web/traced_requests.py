"""A span for each request: its method, the pattern of its address, its status. The address itself may hold a secret."""

from collections.abc import Callable
from http import HTTPMethod
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

from portal import tracing


class RequestsAreTraced:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.TRACING:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Whoever asks may make up a method; spans name only those of HTTP.
        given = request.method or ""
        method = given if given in HTTPMethod.__members__ else "_OTHER"
        with tracing.span(method, "SERVER", **{"http.request.method": method}) as span:
            response = self.get_response(request)
            if span is not None:
                route = request.resolver_match.route if request.resolver_match else ""
                span.update_name(f"{method} /{route}")
                span.set_attributes({"http.route": f"/{route}", "http.response.status_code": response.status_code})
                if response.status_code >= 500:
                    tracing.failed(span, str(response.status_code))
            return response

    def process_view(self, _request: HttpRequest, *_view: Any) -> None:
        """The id that the log has, known once the request has come through the middleware below."""
        if request_id := structlog.contextvars.get_contextvars().get("request_id"):
            tracing.note(request_id=request_id)
