"""What the dialog of a signup names: every id, also those that the desk does not use yet, and its version."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0032_scope_of_callbacks")]
    operations = [
        migrations.AddField(
            "signupattempt",
            "said_version",
            models.CharField(blank=True, db_default="", default="", help_text="Of the dialog's messages.", max_length=20),
        ),
        migrations.AddField(
            "signupattempt",
            "said_ids",
            models.JSONField(
                blank=True,
                db_default=models.Value({}, models.JSONField()),
                default=dict,
                help_text="All ids, by Meta's names.",
            ),
        ),
    ]
