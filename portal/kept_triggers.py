"""On SQLite, migrations that rebuild a table leave every trigger as it was.

Django gives a table of SQLite most of its new columns by making it anew: copy, drop, rename. SQLite drops a table's
triggers with it, and refuses the rename while a trigger of another table names the one that is gone.
"""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor

_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid"


class SchemaEditor(DatabaseSchemaEditor):
    def _remake_table(self, *what: Any, **how: Any) -> None:
        """Django's own, which makes a table anew, with all triggers put aside meanwhile."""
        with self.connection.cursor() as cursor:
            kept = cursor.execute(_TRIGGERS).fetchall()
        for name, _ in kept:
            self.execute(f"DROP TRIGGER {self.quote_name(name)}")
        super()._remake_table(*what, **how)  # type: ignore[misc] # a method that django-stubs leave out
        for _, made in kept:
            self.execute(made, params=None)  # without any, a % in its text is a %


def keep(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Have a new connection to SQLite change its tables so."""
    if connection.vendor == "sqlite":
        connection.SchemaEditorClass = SchemaEditor
