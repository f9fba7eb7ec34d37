"""The client of a number beside the number, and which listings are further ones: kept by the database from here on."""

import django.db.models.deletion
from django.db import migrations, models

from phones.numbers import kept_columns


class Migration(migrations.Migration):
    dependencies = [("clients", "0019_password_attempts"), ("phones", "0025_numbers_of_low_quality_by_key")]
    operations = [
        migrations.AddField(
            "listing",
            "is_further",
            models.BooleanField(
                db_default=False,
                default=False,
                editable=False,
                help_text=(
                    "Derived: it is current, and not that of the WABA the number is under. The database keeps it."
                ),
            ),
        ),
        migrations.AddField(
            "phonenumber",
            "client",
            models.ForeignKey(
                db_constraint=False,
                db_index=False,
                editable=False,
                help_text="Derived: whose its WABA is. The database keeps it (phones.numbers.kept_columns).",
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="clients.client",
            ),
        ),
        migrations.RunPython(kept_columns.install, kept_columns.remove),
    ]
