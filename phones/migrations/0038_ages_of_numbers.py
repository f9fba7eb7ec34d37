"""Ages of numbers in a table of their own, which the database makes with each number and keeps for the code of before."""

import django.db.models.deletion
import django.db.models.functions
from django.db import migrations, models

from phones.numbers import kept_ages


class Migration(migrations.Migration):
    dependencies = [("phones", "0037_lines_that_wait")]
    operations = [
        migrations.CreateModel(
            "NumberAge",
            [
                (
                    "number",
                    models.OneToOneField(
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="age",
                        serialize=False,
                        to="phones.phonenumber",
                    ),
                ),
                ("synced_at", models.DateTimeField(help_text="When Graph last returned this number.")),
                (
                    "synced_by",
                    models.CharField(
                        choices=[
                            ("sync", "sync"),
                            ("webhook", "event from Meta"),
                            ("action", "action"),
                            ("staff", "staff"),
                        ],
                        db_default="sync",
                        default="sync",
                        max_length=10,
                    ),
                ),
                (
                    "oldest_fact_at",
                    models.DateTimeField(
                        blank=True,
                        help_text=(
                            "When the oldest fact behind the stage was last answered;"
                            " empty when all came with the last reading."
                        ),
                        null=True,
                    ),
                ),
                (
                    "facts_as_of",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.Least(
                            "synced_at", django.db.models.functions.Coalesce("oldest_fact_at", "synced_at")
                        ),
                        help_text="Derived: how old what is said of the number is.",
                        output_field=models.DateTimeField(),
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [models.Index(fields=["facts_as_of", "number"], name="number_age")],
            },
        ),
        migrations.RunPython(kept_ages.install, kept_ages.remove),
        migrations.RunPython(kept_ages.install_carrying, kept_ages.remove_carrying),
    ]
