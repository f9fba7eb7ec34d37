"""What Graph says of a WABA beside its state."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("phones", "0048_message_links")]
    operations = [
        migrations.CreateModel(
            "WabaDetails",
            [
                (
                    "waba",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="details",
                        serialize=False,
                        to="clients.waba",
                    ),
                ),
                ("facts", models.JSONField(blank=True, default=dict)),
                ("parts", models.JSONField(blank=True, default=dict)),
                (
                    "rests",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        help_text="Parts that Meta refused, each with when it is asked for again.",
                    ),
                ),
                ("next_read_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "WABA details",
                "verbose_name_plural": "WABA details",
                "ordering": ("pk",),
            },
        ),
    ]
