"""Doing a transaction again that the database could not do for a passing reason."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, close_old_connections, connection

from portal.database_errors import is_locked

TRIES = 3
FIRST_PAUSE = 0.2  # seconds; five times as long the next time

Result = TypeVar("Result")


def insist(write: Callable[[], Result], *, even_if_locked: bool = True) -> Result:
    """What `write` gives; done again, after a pause, after a deadlock or a restart of the database.

    Without `even_if_locked` a row that somebody else holds is reported at once.
    """
    for tried in range(TRIES - 1):
        try:
            return write()
        except OperationalError as error:
            if connection.in_atomic_block or (is_locked(error) and not even_if_locked):
                raise
            close_old_connections()
            time.sleep(FIRST_PAUSE * 5**tried * random.uniform(0.5, 1.5))  # noqa: S311 - spreads tries, keeps no secret
    return write()
