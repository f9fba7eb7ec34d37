"""Wakes a worker by the name of a task; knows no task, so that what must wake one imports nothing of what tasks do.

Only a hint: without a broker, or when it can't be reached, the next tick finds the same rows.
"""

import structlog
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

from portal.celery import app

log = structlog.get_logger(__name__)


def wake() -> None:
    """Ask a worker to read what is due, once this transaction is committed."""
    _hint("phones.tasks.work")


def wake_health() -> None:
    """Ask a worker to read the health of numbers and WABAs that is due, once this transaction is committed."""
    _hint("phones.tasks.health")


def wake_onboarding() -> None:
    """Ask a worker to go on with onboardings that are due, once this transaction is committed."""
    _hint("phones.tasks.onboard")


def wake_pool() -> None:
    """Ask a worker to read the pool of pre-verified numbers, once this transaction is committed."""
    _hint("phones.tasks.pool")


def wake_alerts() -> None:
    """Ask a worker to send the mails and posts that wait, once this transaction is committed."""
    _hint("phones.tasks.alerts")


def wake_bulk() -> None:
    """Ask a worker to go on with bulk runs, once this transaction is committed."""
    _hint("phones.tasks.bulk")


def _hint(task: str) -> None:
    if settings.REDIS_URL or settings.EMBEDDED_WORKER:
        transaction.on_commit(lambda: _send(task))


def _send(task: str) -> None:
    try:
        app.send_task(task)
    except (BrokerError, OSError) as error:
        log.warning("The broker could not be reached; the next tick will do.", error=type(error).__name__)
