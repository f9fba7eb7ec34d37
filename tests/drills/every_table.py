"""Puts a row into each table that has none. Run it by the Python, and in the folder, of the code whose tables they are.

    python …/tests/drills/every_table.py

It knows no table by name: it asks the models of that code, so that a table of a later release is filled too. A field
gets its default or its first choice, or else something of its type; fields that may be empty are filled where the
table's own rules allow it. Prints the tables that stayed empty.
"""

from __future__ import annotations

import datetime
import itertools
import os
import sys
import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

_count = itertools.count(1)
# So long ago that nothing is under way any more, and not so long that it would be deleted.
PAST = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=20)
# What pages read of a field that has no choices and is not for any text.
MEANT = {"list_name": "numbers"}


def fill() -> list[str]:
    """The tables that are empty all the same."""
    from django.apps import apps

    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    for model in models:
        _row(model)
    return sorted(model._meta.db_table for model in models if not model._base_manager.exists())


def _row(model: Any) -> Any:
    """The first row of a table, made where there is none; None where it can't be."""
    return model._base_manager.first() or _made(model, every_field=True) or _made(model, every_field=False)


def _made(model: Any, *, every_field: bool) -> Any:
    from django.db import DatabaseError, transaction

    values = {}
    for field in model._meta.local_concrete_fields:
        if field.primary_key and not field.is_relation and field.get_internal_type().endswith("AutoField"):
            continue
        if field.null and not every_field:
            continue
        if field.has_default() and not field.null:
            continue
        values[field.name] = _related(field) if field.is_relation else _value(field)
    row = model(**values)
    for field in model._meta.local_concrete_fields:
        if hasattr(field, "seal_for"):
            field.seal_for(row, "drill")
    try:
        with transaction.atomic():
            return model._base_manager.bulk_create([row])[0]  # no signals: nobody is to be told
    except (DatabaseError, ValueError):
        return None


def _related(field: Any) -> Any:
    """A row of the table that the field leads to. Tables may lead in a circle: where none is needed none is made."""
    return field.related_model._base_manager.first() if field.null else _row(field.related_model)


def _value(field: Any) -> Any:
    if field.choices:
        return field.flatchoices[0][0]
    if field.name in MEANT:
        return MEANT[field.name]
    number, kind = next(_count), field.get_internal_type()
    made = {
        "BooleanField": False,
        "DateField": PAST.date(),
        "DateTimeField": PAST,
        "TimeField": PAST.time(),
        "DurationField": datetime.timedelta(hours=1),
        "DecimalField": Decimal(1),
        "FloatField": 1.0,
        "JSONField": {},
        "UUIDField": uuid.uuid4(),
        "BinaryField": b"drill",
        "GenericIPAddressField": "127.0.0.1",
        "EmailField": f"drill{number}@example.com",
        "URLField": f"https://drill{number}.example.com/",
    }
    if kind in made:
        return made[kind]
    return number if "Integer" in kind else f"drill{number}"[: field.max_length]


def main() -> int:
    sys.path.insert(0, str(Path.cwd()))
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    django.setup()
    print("\n".join(fill()))  # noqa: T201 - a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
