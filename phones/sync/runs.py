"""Sync runs: starting one, counting what it reads, and finishing it."""

from __future__ import annotations

from clients.choices import RunScope
from clients.models import Client, SyncRun, User, Waba


class NothingToReadError(Exception):
    """There is nothing this run could read; the text says why and what to do."""


def start(*, scope: RunScope, user: User, client: Client | None = None, waba: Waba | None = None) -> SyncRun:
    """Ask for a reading of everything, one client or one WABA as soon as a worker is free.

    Gives the run to follow: a new one, or the open one that already covers all of it. Raises NothingToReadError.
    The caller has checked that `user` may act there (`workable_by`).
    """
    raise NotImplementedError
