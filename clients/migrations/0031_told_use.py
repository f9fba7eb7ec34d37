"""How much of the quotas of WABAs and of the app is used, as Meta last told."""

from django.db import migrations, models

_OF_WABA = "How much of its quota of calls was used, as Meta last told."
_OF_APP = "How much of the app’s quota was used, as Meta last told."


class Migration(migrations.Migration):
    dependencies = [("clients", "0030_external_ids")]
    operations = [
        migrations.AddField(
            "waba",
            "used_percent",
            models.PositiveSmallIntegerField(blank=True, editable=False, help_text=_OF_WABA, null=True),
        ),
        migrations.AddField("waba", "used_told_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField(
            "credential",
            "app_used_percent",
            models.PositiveSmallIntegerField(blank=True, editable=False, help_text=_OF_APP, null=True),
        ),
        migrations.AddField("credential", "app_told_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddIndex(
            "waba",
            models.Index(fields=["used_told_at"], condition=models.Q(used_percent__gte=50), name="waba_tight"),
        ),
    ]
