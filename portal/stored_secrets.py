"""The check that every stored secret opens. It decrypts all of them, so it asks only where a database is named."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.models import Model

from portal.crypto import SecretUnreadableError
from portal.fields import SealedTextField, sealed_fields
from portal.stored_keys import PUT_KEY_BACK


@register(Tags.database)
def check_stored_secrets(databases: Sequence[str] | None = None, **_: Any) -> Iterator[CheckMessage]:
    """Whether every stored secret opens under the configured keys: `migrate` and `check --database default` ask.

    A portal with the wrong keys would look well and reach Meta for nobody.
    """
    for alias in databases or ():
        for label, unreadable in _unreadable_rows(alias):
            yield Error(
                f"{len(unreadable)} stored secrets of {label} can't be read under TOKEN_ENCRYPTION_KEYS "
                f"(primary keys {_some(unreadable)}).",
                hint=PUT_KEY_BACK,
                id="numberdesk.E008",
            )


def _unreadable_rows(alias: str) -> Iterator[tuple[str, list[object]]]:
    for model, field in sealed_fields():
        if not {field.column, "secret_uid"} <= _columns(alias, model._meta.db_table):
            continue  # a migration that is still to run makes it
        rows = model._base_manager.using(alias).exclude(**{field.attname: ""}).only("pk", "secret_uid", field.attname)
        unreadable = [row.pk for row in rows.iterator(chunk_size=500) if not _opens(field, row)]
        if unreadable:
            yield model._meta.label, unreadable


def _columns(alias: str, table: str) -> set[str]:
    connection = connections[alias]
    with connection.cursor() as cursor:
        if table not in connection.introspection.table_names(cursor):
            return set()
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def _opens(field: SealedTextField, row: Model) -> bool:
    try:
        field.open_for(row)
    except SecretUnreadableError:
        return False
    return True


def _some(primary_keys: Iterable[object], most: int = 10) -> str:
    shown = [str(primary_key) for primary_key in primary_keys]
    return ", ".join(shown[:most]) + (", …" if len(shown) > most else "")
