"""Gunicorn's configuration, for `manage.py serve` and for production (`gunicorn -c portal/gunicorn.py`)."""

import logging
import shutil
import tempfile
from typing import Any

from django.conf import settings
from django.urls import get_resolver
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped] # gunicorn has no types

from portal import collecting, starting, tracing
from portal.environment import share_figures_in, shared_figures
from portal.logs import Redacted
from portal.web_worker import LANES

starting.read_settings()
if settings.METRICS_TOKEN and not shared_figures():
    share_figures_in(tempfile.mkdtemp(prefix="numberdesk-metrics-"))

wsgi_app = "portal.wsgi"
bind = settings.BIND
worker_class = "portal.web_worker.WebWorker"
workers = settings.WEB_CONCURRENCY
threads = sum(LANES.values())
worker_connections = 500
timeout = 60
graceful_timeout = 30  # longer than what is sent to Meta may take
keepalive = 75
loglevel = "warning"
control_socket_disable = True
# portal/web/client_address.py decides whom X-Forwarded-Proto is believed of; gunicorn would believe whoever is local.
secure_scheme_headers: dict[str, str] = {}


def on_starting(_server: Any) -> None:
    """Refuse to start with settings that can't work; keep secrets out of gunicorn's own logs, the access log too."""
    starting.refuse_errors()
    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Redacted(handler.formatter or logging.Formatter()))


def post_worker_init(_worker: Any) -> None:
    # With this status gunicorn ends; with another it would start the worker again and again.
    starting.refuse_lost_keys(status=Arbiter.WORKER_BOOT_ERROR)
    # Else the first page loads the views, and the collector walks through all of them for ever after.
    _ = get_resolver().url_patterns
    collecting.spare_old_objects()
    if settings.TRACING:
        from portal import traced_calls

        tracing.start()
        traced_calls.follow()
    if settings.EMBEDDED_WORKER:
        # Imported once Django is set up: they need its models.
        from portal.celery import app
        from portal.local import embedded

        embedded.start(app)


def worker_exit(_server: Any, _worker: Any) -> None:
    if settings.EMBEDDED_WORKER:
        from portal.local import embedded

        embedded.stop()
    tracing.stop()


def child_exit(_server: Any, worker: Any) -> None:
    if settings.METRICS_TOKEN:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call] # the library's own omission


def on_exit(_server: Any) -> None:
    if settings.METRICS_TOKEN:
        shutil.rmtree(shared_figures(), ignore_errors=True)
