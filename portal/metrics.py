"""`/metrics`: the figures of `phones.figures` and the times of requests, as Prometheus reads them.

Whoever asks sends the METRICS_TOKEN (`Authorization: Bearer …`); where none is set there is no such page. It is
answered under any name, as health is: Prometheus asks each machine with web processes by its address.
Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from phones import figures
from portal.environment import shared_figures
from portal.web.request_times import REQUEST_SECONDS


class _Figures(Collector):
    def collect(self) -> Iterator[GaugeMetricFamily]:
        for figure in figures.read():
            names = [name for name, _ in next(iter(figure.values), ())]
            family = GaugeMetricFamily(f"numberdesk_{figure.name}", figure.meaning, labels=names)
            for labels, value in figure.values.items():
                family.add_metric([text for _, text in labels], value)
            yield family


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """200 with every figure; 401 without the token; 404 where there is none."""
    if not settings.METRICS_TOKEN:
        return HttpResponse("There is no METRICS_TOKEN.\n", status=404, content_type="text/plain")
    sent = request.headers.get("Authorization", "")
    if not secrets.compare_digest(sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode()):
        refusal = HttpResponse(
            "Send the METRICS_TOKEN: Authorization: Bearer …\n", status=401, content_type="text/plain"
        )
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    registry = CollectorRegistry()
    registry.register(_Figures())
    if folder := shared_figures():
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call] # the library's own omission
    else:
        registry.register(REQUEST_SECONDS)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
