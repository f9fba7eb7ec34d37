"""How long requests take, by page, for `/metrics`. Measured where METRICS_TOKEN is set, and nowhere else."""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram

# Not in the registry of the library: each answer of /metrics has one of its own.
REQUEST_SECONDS = Histogram(
    "numberdesk_request_seconds",
    "From a request to its answer, by the name of its address.",
    ("page", "method", "status"),
    registry=None,
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 6, 15),
)
_METHODS = frozenset({"GET", "HEAD", "POST"})


class RequestsAreTimed:
    """Notes the time of each request. An address that there is not counts as `unknown`, so that nobody makes names."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        page = match.view_name if match is not None and match.view_name else "unknown"
        method = request.method if request.method in _METHODS else "other"
        REQUEST_SECONDS.labels(page, method, f"{response.status_code // 100}xx").observe(time.perf_counter() - began)
        return response
