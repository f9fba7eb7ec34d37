"""What a migration may do while the desk goes on with the code of before, over tables of a million rows.

The old code runs until the new one has been started everywhere, so a migration only adds; and what scans a large table
must not keep others from it. `manage.py migrate` has the rest: it waits in short turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import Migration
from django.db.migrations import operations as made
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import Field

# Tables with a row or more for each number, reading or event.
LARGE = frozenset(
    {
        *("phonenumber", "numberage", "listing", "change", "event", "eventfact", "health", "action", "auditentry"),
        *("businessprofile", "numberdetails", "messagelinks", "profileturn", "webhookdelivery"),
    }
)
# A migration that breaks a rule for a reason says so: `holds_nobody_up = "…"` in its class.
REASON = "holds_nobody_up"

_TAKES_AWAY = (made.RemoveField, made.DeleteModel, made.RenameField, made.RenameModel, made.AlterModelTable)
_SCANS = (made.AddIndex, made.AddConstraint, made.AlterField, made.AlterUniqueTogether)


def broken_by(migration: Migration, before: ProjectState | None = None) -> list[str]:
    """The rules that a migration breaks, in words; none where it gives a reason. `before`: the models until then."""
    if getattr(migration, REASON, ""):
        return []
    operations = list(_in_database(migration.operations))
    changes = [one for one in operations if not isinstance(one, made.RunPython)]
    found = [said for one in changes for said in _broken_by(one, is_atomic=migration.atomic)]
    found += [said for one in changes for said in _refuses_what_was_left_out(one, migration.app_label, before)]
    of_rows = [one for one in changes if not isinstance(one, made.CreateModel)]  # a new table has none yet
    if migration.atomic and len(changes) < len(operations) and any(_table(one) in LARGE for one in of_rows):
        found.append("runs code in the migration that changes a large table, which nobody can read meanwhile")
    return found


def _broken_by(one: Operation, *, is_atomic: bool) -> Iterator[str]:
    what = one.describe()
    builds_concurrently = isinstance(one, AddIndexConcurrently | RemoveIndexConcurrently)
    if isinstance(one, _TAKES_AWAY):
        yield f"{what}: the code of before still asks for it. Take it away one release later, and say so."
    if isinstance(one, made.AddField) and not (_may_be_left_out(one.field) or one.field.many_to_many):
        yield f"{what}: rows that the code of before makes have none. Let it be NULL, or give it a db_default."
    if not is_atomic and not builds_concurrently:
        yield f"{what}: a migration that is not atomic waits without a limit, so it only makes indexes concurrently."
    if _table(one) in LARGE and not builds_concurrently and (isinstance(one, _SCANS) or _makes_an_index(one)):
        yield f"{what}: nobody can write to a large table while it is read whole. Index it with AddIndexConcurrently."
    if isinstance(one, made.RunSQL):
        yield f"{what}: nobody can see what SQL locks."


def _refuses_what_was_left_out(one: Operation, app: str, before: ProjectState | None) -> Iterator[str]:
    if before is None or not isinstance(one, made.AlterField):
        return
    model = before.models.get((app, _table(one)))
    was = model.fields.get(one.name) if model is not None else None
    if was is not None and _may_be_left_out(was) and not _may_be_left_out(one.field):
        yield f"{one.describe()}: the code of before leaves it out, and its INSERT would fail. Give it a db_default."


def _may_be_left_out(field: Field[Any, Any]) -> bool:
    return field.null or field.has_db_default()


def _in_database(operations: Sequence[Operation]) -> Iterator[Operation]:
    for one in operations:
        if isinstance(one, made.SeparateDatabaseAndState):
            yield from _in_database(one.database_operations)
        else:
            yield one


def _table(one: Operation) -> str:
    return str(getattr(one, "model_name", getattr(one, "name", ""))).lower()


def _makes_an_index(one: Operation) -> bool:
    return isinstance(one, made.AddField) and bool(getattr(one.field, "db_index", False) or one.field.unique)
