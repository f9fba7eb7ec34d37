"""The client of each line of history beside the line: the column, and triggers that keep it from here on."""

import django.db.models.deletion
from django.db import migrations, models

from phones.changes import kept_client


class Migration(migrations.Migration):
    holds_nobody_up = "Its code makes triggers, and reads no row."
    dependencies = [("phones", "0032_count_numbers")]
    operations = [
        migrations.AddField(
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
    ]
