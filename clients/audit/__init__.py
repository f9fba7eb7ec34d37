"""Writes down who did what: in the audit log, and for a person in Django's admin log. No text holds a secret."""

from collections.abc import Sequence

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction

from clients.audit.writing import entries, entry, plain
from clients.choices import AuditKind
from clients.models import User

__all__ = ["entries", "entry", "plain", "record", "record_many"]


@transaction.atomic(savepoint=False)
def record_many(
    rows: Sequence[models.Model],
    sentence: str,
    actor: User | None,
    *,
    flag: int = CHANGE,
    kind: AuditKind = AuditKind.CHANGE,
) -> None:
    """Write down that `actor` did the same to all `rows` of one table."""
    if not rows:
        return
    entries(kind, sentence, actor=actor, rows=rows)
    if actor is not None:
        LogEntry.objects.log_actions(actor.pk, rows, flag, change_message=sentence)


def record(
    row: models.Model,
    sentence: str,
    actor: User | None,
    *,
    flag: int = CHANGE,
    kind: AuditKind = AuditKind.CHANGE,
) -> None:
    """Write down that `actor` did to `row` what `sentence` says; None is the command line or the desk itself."""
    record_many([row], sentence, actor, flag=flag, kind=kind)
