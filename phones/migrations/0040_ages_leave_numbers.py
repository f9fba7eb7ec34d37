"""The code of now no longer knows the ages that stand with the numbers themselves: what it inserts has none there.

The columns stay for the code of before, which may still run, and go one release later, with their index and the
trigger that carries over what that code writes (phones.numbers.kept_ages).
"""

from django.db import migrations, models
from django.db.models.functions import Now

from phones.changes import kept_client
from phones.listing import count_triggers, search_index
from phones.numbers import kept_ages, kept_columns

_INSTALLS = (
    search_index.install,
    kept_columns.install,
    kept_client.install,
    count_triggers.installs("14d328d0f1a1"),
    kept_ages.install,
    kept_ages.install_carrying,
)
_REMOVES = (
    search_index.remove,
    kept_columns.remove,
    kept_client.remove,
    count_triggers.remove,
    kept_ages.remove,
    kept_ages.remove_carrying,
)


def _install(apps, schema_editor):
    """SQLite makes a table anew for a default, and its triggers with it."""
    if schema_editor.connection.vendor == "sqlite":
        for install in _INSTALLS:
            install(apps, schema_editor)


def _remove(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        for remove in _REMOVES:
            remove(apps, schema_editor)


class Migration(migrations.Migration):
    holds_nobody_up = "A default for new rows is a line of PostgreSQL's catalogue. No row is read."
    dependencies = [("phones", "0039_fill_ages")]
    operations = [
        migrations.RunPython(_remove, _install),
        migrations.AlterField("phonenumber", "synced_at", models.DateTimeField(db_default=Now())),
        migrations.AlterField("phonenumber", "synced_by", models.CharField(db_default="sync", max_length=10)),
        migrations.RunPython(_install, _remove),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("phonenumber", "number_as_of"),
                migrations.RemoveField("phonenumber", "facts_as_of"),
                migrations.RemoveField("phonenumber", "oldest_fact_at"),
                migrations.RemoveField("phonenumber", "synced_by"),
                migrations.RemoveField("phonenumber", "synced_at"),
            ]
        ),
    ]
