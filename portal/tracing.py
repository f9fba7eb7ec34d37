"""Spans for OpenTelemetry of requests, tasks and calls to Meta, where OTEL_… name a receiver. Else nothing is loaded.

They are made here, and not by what libraries bring for it: that writes whole addresses, and ours hold the secrets of
links, codes and phone numbers. A span has a name, ids, a status and times, and of an exception its class. Nothing of a
trace goes to Meta, and none is taken from a request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

Result = TypeVar("Result")

# How long a process that ends waits until its last spans are taken.
LAST_SPANS_MILLISECONDS = 2_000
_provider: list[TracerProvider] = []  # at most one


def start(exporter: SpanExporter | None = None) -> None:
    """Make spans from now on, where they are wanted. For a process that forks no more: a thread sends them.

    The library reads its own settings: OTEL_EXPORTER_OTLP_…, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and more.
    """
    if not settings.TRACING or _provider:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: "numberdesk"}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    processor = SimpleSpanProcessor(exporter) if exporter else BatchSpanProcessor(OTLPSpanExporter())
    provider.add_span_processor(processor)
    _provider.append(provider)


def stop() -> None:
    """Make no more spans, and have those that wait sent, for a moment at most."""
    while _provider:
        provider = _provider.pop()
        provider.force_flush(LAST_SPANS_MILLISECONDS)
        provider.shutdown()


@contextmanager
def span(name: str, kind: str = "INTERNAL", **attributes: str | int) -> Iterator[Any]:
    """A span around what is done inside; gives it, or None where there are none."""
    if not _provider:
        yield None
        return
    from opentelemetry.trace import SpanKind

    tracer = _provider[0].get_tracer("numberdesk")
    with tracer.start_as_current_span(
        name, kind=SpanKind[kind], attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except BaseException as error:
            failed(made, type(error).__name__)
            raise


def carried(work: Callable[..., Result]) -> Callable[..., Result]:
    """`work` for the threads of a pool: what it does there is part of the span that is under way here."""
    if not _provider:
        return work
    here = copy_context()
    return lambda *values: here.copy().run(work, *values)


def note(**attributes: str | int | list[int]) -> None:
    """Write ids on the span that is under way here."""
    if _provider:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes(attributes)


def failed(made: Any, kind: str) -> None:
    """Say on a span that it failed, and of which kind that was."""
    from opentelemetry.trace import StatusCode

    made.set_attribute("error.type", kind)
    made.set_status(StatusCode.ERROR)
