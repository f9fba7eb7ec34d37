"""A span for each attempt at a call to Meta: the edge, the id of the node, and how it ended."""

from collections.abc import Callable
from typing import Any

from portal import tracing
from portal.graph import GraphError
from portal.graph.calls import Call
from portal.graph.http.transport import Transport


def follow() -> None:
    """Be told of each attempt from now on."""
    Transport.watcher[:] = [_watched]


def _watched(call: Call, attempt: Callable[[], Any]) -> Any:
    _version, *parts = call.path.strip("/").split("/")
    edge = "/".join(part for part in parts if not part.isdigit()) or "node"
    with tracing.span(f"{call.method} {edge}", "CLIENT", **{"http.request.method": call.method}) as span:
        outcome = attempt()
        if span is not None:
            if node := next((part for part in parts if part.isdigit()), ""):
                span.set_attribute("node_id", node)
            if isinstance(outcome, GraphError):
                _tell(span, outcome)
        return outcome


def _tell(span: Any, error: GraphError) -> None:
    tracing.failed(span, error.kind)
    if error.http_status:
        span.set_attribute("http.response.status_code", error.http_status)
    if error.fbtrace_id:
        span.set_attribute("fbtrace_id", error.fbtrace_id)
