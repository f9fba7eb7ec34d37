"""Celery tasks: ids in, one service call. Safe to run twice, in any order, or not at all: the database is the queue."""

from __future__ import annotations

import structlog
from celery import Task
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from clients import signups
from phones import standings
from phones.actions import settle as settling
from phones.events import callback, inbox, subscriptions
from phones.events.draining import drain
from phones.onboarding import run
from phones.preverified import pool as preverified_pool
from phones.preverified import reserving
from phones.preverified import settling as preverified_settling
from phones.sync import claims, schedule
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
    signups.mark_lost(timezone.now())
    run.resume_waiting()
    if run.due().exists():
        wake_onboarding()
    reserving.release_closed()
    preverified_pool.recognise_claims()
    if preverified_pool.is_due():
        wake_pool()


@app.task(name="phones.tasks.settle")
def settle() -> None:
    """Read the numbers of actions whose answer was lost."""
    settling.settle_all()
    preverified_settling.settle_all()


@app.task(name="phones.tasks.pool")
def pool() -> None:
    """Read the partner's pool of pre-verified numbers, and recognise which of them clients have claimed."""
    told = preverified_pool.read_pool()
    preverified_settling.settle_additions(told)


@app.task(name="phones.tasks.work", acks_late=True, reject_on_worker_lost=True)
def work() -> None:
    """Read what is due. Ends after a while and goes on in a new task when there is more."""
    Engine().work(seconds=WORK_SECONDS)
    if schedule.work_is_due():
        wake()


@app.task(name="phones.tasks.events")
def events() -> None:
    """Apply Meta's events that came in, and wake a worker to read what they hint at, or what had to wait its turn."""
    if drain(seconds=WORK_SECONDS) or claims.hinted_are_due():
        wake()


@app.task(name="phones.tasks.onboard", acks_late=True, reject_on_worker_lost=True)
def onboard() -> None:
    """Carry out onboardings that are due. Ends after a while and goes on in a new task when there is more."""
    run.work(seconds=WORK_SECONDS)
    if run.due().exists():
        wake_onboarding()


@app.task(name="phones.tasks.subscriptions")
def check_subscriptions() -> None:
    """Ask Meta, about each WABA once a day, whether its events come to us, and where the app's events go."""
    callback.check_due()
    subscriptions.check_due(seconds=WORK_SECONDS)


@app.task(name="phones.tasks.prune")
def prune() -> None:
    """Delete old run records, events and sessions, and keep the database's planner informed."""
    schedule.prune()
    inbox.prune()
    SessionStore.clear_expired()
    schedule.keep_statistics()


def wake() -> None:
    """Ask a worker to look for due work once this transaction is committed.

    Only a hint: without a broker, or when it can't be reached, the next tick finds the same rows.
    """
    if settings.REDIS_URL or settings.EMBEDDED_WORKER:
        transaction.on_commit(lambda: _send_hint(work))


def wake_onboarding() -> None:
    """Ask a worker to look for due onboardings once this transaction is committed; only a hint, as `wake` is."""
    if settings.REDIS_URL or settings.EMBEDDED_WORKER:
        transaction.on_commit(lambda: _send_hint(onboard))


def wake_pool() -> None:
    """Ask a worker to read the pool once this transaction is committed; only a hint, as `wake` is."""
    if settings.REDIS_URL or settings.EMBEDDED_WORKER:
        transaction.on_commit(lambda: _send_hint(pool))


def _send_hint(task: Task[[], None]) -> None:
    try:
        task.delay()
    except (BrokerError, OSError) as error:
        log.warning("The broker could not be reached; the next tick will do.", error=type(error).__name__)
