"""The client of each line of history beside the line, kept by the database from here on, and indexed.

Outside a transaction, so that nobody waits for a large table. What was interrupted goes on where it stopped: the
migration is run again.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

from phones.changes import kept_client


class AddColumn(migrations.AddField):
    """Add a column, unless a run that was interrupted has."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        model = to_state.apps.get_model(app_label, self.model_name)
        with schema_editor.connection.cursor() as cursor:
            there = schema_editor.connection.introspection.get_table_description(cursor, model._meta.db_table)
        if model._meta.get_field(self.name).column not in {column.name for column in there}:
            super().database_forwards(app_label, schema_editor, from_state, to_state)


class AddIndex(AddIndexConcurrently):
    """Add an index while others write, where the database can. One that was left half made is made anew."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            migrations.AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.index.name}"')
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.AddIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


class RemoveIndex(RemoveIndexConcurrently):
    """Remove an index while others write, where the database can."""

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor != "postgresql":
            migrations.RemoveIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        schema_editor.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{self.name}"')

    def database_backwards(self, app_label, schema_editor, from_state, to_state):
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)
        else:
            migrations.RemoveIndex.database_backwards(self, app_label, schema_editor, from_state, to_state)


def wait_for_it(_apps, schema_editor):
    """An index of a large table takes longer than a statement may in the desk."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET statement_timeout = 0")
        schema_editor.execute("SET lock_timeout = 0")


def wait_no_more(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("RESET statement_timeout")
        schema_editor.execute("RESET lock_timeout")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phones", "0032_count_numbers")]
    operations = [
        AddColumn(
            "change",
            "client",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                help_text=(
                    "Derived: that of its number, else of its WABA. The database keeps it (phones.changes.kept_client)."
                ),
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="clients.client",
            ),
        ),
        migrations.RunPython(kept_client.install, kept_client.remove),
        migrations.RunPython(wait_for_it, wait_no_more),
        migrations.RunPython(kept_client.fill, migrations.RunPython.noop),
        AddIndex("change", models.Index(fields=["-at", "-id", "client"], name="change_at_with_client")),
        AddIndex("change", models.Index(fields=["client", "-at", "-id"], name="change_of_client")),
        RemoveIndex("change", "change_at"),
        migrations.RunPython(wait_no_more, wait_for_it),
    ]
