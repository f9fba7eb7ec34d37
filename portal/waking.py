"""Wakes a worker by the name of a task. Only a hint: without a broker, or when it can't be reached, the clock does."""

import structlog
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

from portal.celery import app

log = structlog.get_logger(__name__)


def hint(task: str) -> None:
    """Ask a worker to run the task of this name, once this transaction is committed."""
    if settings.REDIS_URL or settings.EMBEDDED_WORKER:
        transaction.on_commit(lambda: _send(task))


def _send(task: str) -> None:
    try:
        app.send_task(task)
    except (BrokerError, OSError) as error:
        log.warning("The broker could not be reached; the next tick will do.", error=type(error).__name__)
