"""Wakes a worker by the name of a task. Only a hint: without a broker, or when it can't be reached, the clock does."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

import structlog
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

from portal.celery import app
from portal.logs import SaidLately

log = structlog.get_logger(__name__)

_faults = SaidLately()
_waiting: set[str] = set()


def hint(task: str) -> None:
    """Ask a worker to run the task of this name, once this transaction is committed. Waits for no broker."""
    if settings.REDIS_URL:
        transaction.on_commit(lambda: _send_soon(task))
    elif settings.EMBEDDED_WORKER:
        transaction.on_commit(lambda: _send(task))


def _send_soon(task: str) -> None:
    """Have a thread send it: a Redis that takes connections and answers nothing holds up nobody else."""
    if task not in _waiting:
        _waiting.add(task)
        _thread().submit(_send_waiting, task)


def _send_waiting(task: str) -> None:
    _waiting.discard(task)  # before it is sent: what is asked for from now on may come too late for this message
    _send(task)


def _send(task: str) -> None:
    try:
        app.send_task(task)
    except (BrokerError, OSError) as error:
        if _faults.is_news(error):
            log.warning("The broker could not be reached; the next tick will do.", error=type(error).__name__)


@lru_cache(maxsize=1)
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="waking")


def _begin_anew() -> None:
    """A forked process has none of the threads of the one that it came from."""
    _thread.cache_clear()
    _waiting.clear()


os.register_at_fork(after_in_child=_begin_anew)
