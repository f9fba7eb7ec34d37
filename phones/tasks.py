"""Celery tasks: ids in, one service call. Safe to run twice, in any order, or not at all: the database is the queue."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

from phones import standings
from phones.actions import settle as settling
from phones.sync import schedule
from phones.sync.engine import Engine
from portal.celery import app

log = structlog.get_logger(__name__)

# One task takes new work for this long, then makes room: a stopping worker is never kept waiting for long.
WORK_SECONDS = 20


@app.task(name="phones.tasks.tick")
def tick() -> None:
    """Find out what is due and wake a worker for it."""
    standings.recompute_due()
    if schedule.tick():
        wake()


@app.task(name="phones.tasks.settle")
def settle() -> None:
    """Read the numbers of actions whose answer was lost."""
    settling.settle_all()


@app.task(name="phones.tasks.work", acks_late=True, reject_on_worker_lost=True)
def work() -> None:
    """Read what is due. Ends after a while and goes on in a new task when there is more."""
    Engine().work(seconds=WORK_SECONDS)
    if schedule.work_is_due():
        wake()


@app.task(name="phones.tasks.prune")
def prune() -> None:
    """Delete old run records, and keep the database's planner informed."""
    schedule.prune()
    schedule.keep_statistics()


def wake() -> None:
    """Ask a worker to look for due work once this transaction is committed.

    Only a hint: without a broker, or when it can't be reached, the next tick finds the same rows.
    """
    if settings.REDIS_URL or settings.EMBEDDED_WORKER:
        transaction.on_commit(_send_wake)


def _send_wake() -> None:
    try:
        work.delay()
    except (BrokerError, OSError) as error:
        log.warning("The broker could not be reached; the next tick will do.", error=type(error).__name__)
