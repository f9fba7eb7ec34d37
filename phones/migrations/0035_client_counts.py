"""The counts of each client as intervals, beside those of each day, which the code of before goes on to write."""

import datetime

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("phones", "0034_lines_of_clients")]
    operations = [
        migrations.CreateModel(
            "ClientCount",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=30)),
                ("value", models.CharField(blank=True, max_length=60)),
                ("numbers", models.PositiveIntegerField()),
                ("since", models.DateField()),
                ("until", models.DateField(default=datetime.date.max)),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counts",
                        to="clients.client",
                    ),
                ),
            ],
            options={
                "ordering": ("-since", "pk"),
                "indexes": [
                    models.Index(
                        fields=["client", "until", "field", "value", "since", "numbers"], name="counts_of_client"
                    ),
                    models.Index(fields=["since"], name="counts_since"),
                    models.Index(fields=["until"], name="counts_until"),
                ],
            },
        ),
    ]
