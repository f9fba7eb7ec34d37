"""Gunicorn's configuration, for `manage.py serve` and for production (`gunicorn -c portal/gunicorn.py`)."""

import logging
import os
from typing import Any

wsgi_app = "portal.wsgi"
bind = os.environ.get("BIND", "127.0.0.1:8000")
worker_class = "gthread"
# The embedded worker and its broker live inside the one web process, so there must be exactly one.
workers = 1 if os.environ.get("EMBEDDED_WORKER") else int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
timeout = 60
graceful_timeout = 5
keepalive = 75
loglevel = "warning"
control_socket_disable = True


def on_starting(_server: Any) -> None:
    """Keep secrets out of gunicorn's own logs, the access log too where one is switched on."""
    from portal.logs import Redacted

    for name in ("gunicorn.error", "gunicorn.access"):
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(Redacted(handler.formatter or logging.Formatter()))


def post_worker_init(_worker: Any) -> None:
    """Start the embedded worker and scheduler, where they are wanted."""
    from django.conf import settings

    if settings.EMBEDDED_WORKER:
        from portal.local import embedded

        embedded.start()


def worker_exit(_server: Any, _worker: Any) -> None:
    """Stop them again."""
    from django.conf import settings

    if settings.EMBEDDED_WORKER:
        from portal.local import embedded

        embedded.stop()
