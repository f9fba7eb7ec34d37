"""The substring index behind the search box, as each database builds one; migrations install it.

SQLite: a full-text table of three-letter pieces over `search_text`, kept true by triggers, so that no code path can
forget it. A later migration that rebuilds the table of numbers leaves them as they are (`portal.kept_triggers`).

PostgreSQL: a trigram index. The extension may be refused to us; the search then reads the table, which is slower and
finds the same.
"""

import contextlib
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import TrigramExtension
from django.db import DatabaseError, connections, transaction
from django.db.models import BooleanField, F, Func, Value

# Shorter text has no three-letter pieces, and no index helps.
SHORTEST = 3

_CREATE_ON_SQLITE = {
    "phones_number_search": """
        CREATE VIRTUAL TABLE phones_number_search
        USING fts5(search_text, content='phones_phonenumber', content_rowid='id', tokenize='trigram case_sensitive 1')
    """,
    "phones_number_search_insert": """
        CREATE TRIGGER phones_number_search_insert AFTER INSERT ON phones_phonenumber BEGIN
            INSERT INTO phones_number_search (rowid, search_text) VALUES (new.id, new.search_text);
        END
    """,
    "phones_number_search_delete": """
        CREATE TRIGGER phones_number_search_delete AFTER DELETE ON phones_phonenumber BEGIN
            INSERT INTO phones_number_search (phones_number_search, rowid, search_text)
            VALUES ('delete', old.id, old.search_text);
        END
    """,
    "phones_number_search_update": """
        CREATE TRIGGER phones_number_search_update AFTER UPDATE OF search_text ON phones_phonenumber
        WHEN old.search_text IS NOT new.search_text BEGIN
            INSERT INTO phones_number_search (phones_number_search, rowid, search_text)
            VALUES ('delete', old.id, old.search_text);
            INSERT INTO phones_number_search (rowid, search_text) VALUES (new.id, new.search_text);
        END
    """,
}
_TRIGRAMS = GinIndex(name="phones_number_search", fields=["search_text"], opclasses=["gin_trgm_ops"])
_ready: set[str] = set()


def install(apps: Any, schema_editor: Any) -> None:
    """Build the index over what the table holds now. For a migration; run again, it rebuilds it."""
    remove(apps, schema_editor)
    connection = schema_editor.connection
    if connection.vendor == "sqlite" and _sqlite_can(connection):
        for statement in _CREATE_ON_SQLITE.values():
            schema_editor.execute(statement)
        schema_editor.execute("INSERT INTO phones_number_search (phones_number_search) VALUES ('rebuild')")
    elif connection.vendor == "postgresql":
        # Where the extension is there or we may add it: the owner of a database may.
        with contextlib.suppress(DatabaseError), transaction.atomic(using=connection.alias):
            TrigramExtension().database_forwards("phones", schema_editor, apps, apps)
            schema_editor.add_index(apps.get_model("phones", "PhoneNumber"), _TRIGRAMS)


def remove(apps: Any, schema_editor: Any) -> None:
    """Take the index away; the search works without it."""
    _ready.discard(schema_editor.connection.alias)
    if schema_editor.connection.vendor == "sqlite":
        for name in reversed(_CREATE_ON_SQLITE):
            schema_editor.execute(f"DROP {'TRIGGER' if name.count('_') > 2 else 'TABLE'} IF EXISTS {name}")
    elif schema_editor.connection.vendor == "postgresql":
        schema_editor.remove_index(apps.get_model("phones", "PhoneNumber"), _TRIGRAMS)


def _sqlite_can(connection: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')")
        return bool(cursor.fetchone()[0]) and connection.Database.sqlite_version_info >= (3, 34)


def is_ready(alias: str) -> bool:
    """Whether SQLite's search table and its triggers are all there. Once they are, a process asks no more."""
    if alias not in _ready and connections[alias].vendor == "sqlite":
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'phones_number_search%%'")
            found = {name for (name,) in cursor.fetchall()}
        if found.issuperset(_CREATE_ON_SQLITE):
            _ready.add(alias)
    return alias in _ready


def holds(texts: Iterable[str]) -> Func:
    """The condition "SQLite's search table has one of `texts` in this number's search text".

    Each of `texts` has SHORTEST letters or more.
    """
    match = " OR ".join('"' + text.replace('"', '""') + '"' for text in texts)
    return Func(
        F("pk"),
        Value(match),
        template="%(expressions)s)",
        arg_joiner=" IN (SELECT rowid FROM phones_number_search WHERE phones_number_search MATCH ",
        output_field=BooleanField(),
    )
