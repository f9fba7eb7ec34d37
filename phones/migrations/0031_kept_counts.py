"""How many numbers there are of each kind: kept by the database from here on. What was there before, 0032 counts."""

import django.db.models.deletion
from django.db import migrations, models

from phones.listing import count_triggers


class Migration(migrations.Migration):
    dependencies = [("clients", "0022_signing_in"), ("phones", "0030_keep_clocks_and_notes")]
    operations = [
        migrations.CreateModel(
            name="NumberCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40)),
                ("numbers", models.IntegerField()),
                ("is_folded", models.BooleanField(db_default=False, default=False)),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="clients.client",
                    ),
                ),
            ],
            options={
                "ordering": ("pk",),
                "indexes": [
                    models.Index(fields=["client", "kind", "numbers"], name="number_counts_of_client"),
                    models.Index(
                        fields=["kind", "numbers"],
                        condition=models.Q(is_folded=False),
                        name="number_counts_unfolded",
                    ),
                ],
            },
        ),
        migrations.RunPython(count_triggers.installs("14d328d0f1a1"), count_triggers.remove),
    ]
