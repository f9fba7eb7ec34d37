"""Proof that scheduled work runs."""

import time
from typing import ClassVar

from django.db import models

from portal import database_clock

# Work that goes on all the time writes down that it does no more often than this (seconds).
BETWEEN_BEATS = 10


class Heartbeat(models.Model):
    """When a named piece of scheduled work last ran to its end.

    Judging by processes or connections is not enough: a worker can be alive and deaf.
    """

    name = models.CharField(max_length=30, unique=True)
    at = models.DateTimeField()
    clock_ahead_seconds = models.FloatField(
        default=0, db_default=0, help_text="How far the clock of the machine that ran it is ahead of the database's."
    )
    notes = models.JSONField(null=True, blank=True, help_text="What else it found out that people should know.")

    _noted: ClassVar[dict[str, float]] = {}

    def __str__(self) -> str:
        return self.name

    @classmethod
    def note(cls, name: str, **notes: object) -> None:
        """Note that this work has just been done."""
        ahead = database_clock.ahead().total_seconds()
        columns = {"at": database_clock.now(), "clock_ahead_seconds": ahead, "notes": notes or None}
        cls.objects.update_or_create(name=name, defaults=columns)

    @classmethod
    def note_now_and_then(cls, name: str) -> None:
        """The same for work that is done many times a minute."""
        if time.monotonic() - cls._noted.get(name, -BETWEEN_BEATS) >= BETWEEN_BEATS:
            cls.note(name)
            cls._noted[name] = time.monotonic()
