"""A span around each task of a worker, and the start and end of tracing in its processes."""

from contextlib import ExitStack
from typing import Any

from celery import signals

from portal import traced_calls, tracing

_under_way: dict[str, ExitStack] = {}


def follow() -> None:
    """Have Celery tell of its tasks and processes."""
    signals.worker_process_init.connect(_start)
    signals.worker_process_shutdown.connect(_stop)
    signals.task_prerun.connect(_begin)
    signals.task_postrun.connect(_end)


def _start(**_: Any) -> None:
    tracing.start()
    traced_calls.follow()


def _stop(**_: Any) -> None:
    tracing.stop()


def _begin(task_id: str, task: Any, **_: Any) -> None:
    _under_way[task_id] = stack = ExitStack()
    stack.enter_context(tracing.span(task.name, "CONSUMER", task_id=task_id))


def _end(task_id: str, state: str | None = None, retval: object = None, **_: Any) -> None:
    stack = _under_way.pop(task_id, None)
    if stack is None:
        return
    error = retval if state == "FAILURE" and isinstance(retval, BaseException) else None
    # As if it had passed through the span: that says its class.
    stack.__exit__(type(error) if error else None, error, None)
