"""Writes down who did what: to Django's admin log for a person, to the log always. No text contains a secret."""

from collections.abc import Sequence

import structlog
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models

from clients.models import User

log = structlog.get_logger(__name__)


def record_many(rows: Sequence[models.Model], sentence: str, actor: User | None, *, flag: int = CHANGE) -> None:
    """Write down that `actor` did the same to all `rows` of one table, in one statement."""
    for row in rows:
        log.info("Changed.", row=f"{row._meta.label} {row.pk}", what=sentence, actor=actor and actor.username)
    if actor is not None and rows:
        LogEntry.objects.log_actions(actor.pk, rows, flag, change_message=sentence)


def record(row: models.Model, sentence: str, actor: User | None, *, flag: int = CHANGE) -> None:
    """Write down that `actor` did to `row` what `sentence` says; None is the command line or the desk itself."""
    log.info("Changed.", row=f"{row._meta.label} {row.pk}", what=sentence, actor=actor and actor.username)
    if actor is not None:
        LogEntry.objects.log_actions(actor.pk, [row], flag, change_message=sentence, single_object=True)
