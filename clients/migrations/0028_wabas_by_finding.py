"""Index WABAs by when discovery found them: each signup that broke off is compared with those of the days after it."""

from django.db import migrations, models

from portal.concurrent_indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("clients", "0027_wabas_with_numbers")]
    operations = [
        AddIndex(
            "waba",
            models.Index(
                fields=["created_at"],
                condition=models.Q(origin="client", unshared_since=None),
                name="waba_found_at",
            ),
        ),
    ]
