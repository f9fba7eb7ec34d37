"""Indexes in which a large book is counted without reading its rows: numbers of low quality, and stopped ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("phones", "0022_seen_changes_and_digest_queries")]
    operations = [
        migrations.AddIndex(
            "phonenumber",
            models.Index(
                fields=["move"],
                condition=models.Q(quality_rating__in=("YELLOW", "RED")),
                name="number_quality_low",
            ),
        ),
        migrations.AddIndex(
            "phonenumber",
            models.Index(fields=["may_send", "status", "platform_type", "id"], name="number_stopped"),
        ),
    ]
