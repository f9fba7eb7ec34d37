"""Fill the client of each number, then index by it. Outside a transaction, so that nobody waits for a large table.

What was interrupted goes on where it stopped: the migration is run again.
"""

from django.db import migrations, models

from phones.numbers import kept_columns
from portal.concurrent_indexes import AddIndex, RemoveIndex

_NEVER_REGISTERED = ("DELETED", "DISCONNECTED", "MIGRATED", "OFFLINE", "PENDING", "UNLINKED", "UNVERIFIED")
_NOT_ON_CLOUD_API = ("NOT_APPLICABLE", "ON_PREMISE")
_ASKED_FOR_MOST = ("move", "stage", "status", "platform_type", "may_send", "quality_rating", "digits")


def wait_for_it(_apps, schema_editor):
    """An index of a large table takes longer than a statement may in the desk."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET statement_timeout = 0")
        schema_editor.execute("SET lock_timeout = 0")


def wait_no_more(_apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("RESET statement_timeout")
        schema_editor.execute("RESET lock_timeout")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phones", "0026_clients_of_numbers")]
    operations = [
        migrations.RunPython(wait_for_it, wait_no_more),
        migrations.RunPython(kept_columns.fill, migrations.RunPython.noop),
        AddIndex(
            "phonenumber",
            models.Index(fields=["client", "registration_deadline", "id"], name="number_of_client"),
        ),
        AddIndex(
            "phonenumber",
            models.Index(
                fields=["client", *_ASKED_FOR_MOST, "id"],
                name="number_facts_of_client",
            ),
        ),
        AddIndex(
            "phonenumber",
            models.Index(
                fields=["move", "stage_since", "status", "platform_type", "may_send", "stage", "client", "id"],
                condition=models.Q(move__in=("us", "client"))
                & (models.Q(may_send="no") | models.Q(status="BANNED") | models.Q(stage="disconnected")),
                name="number_down",
            ),
        ),
        AddIndex(
            "phonenumber",
            models.Index(
                fields=["registration_deadline", "id"],
                condition=models.Q(status__in=_NEVER_REGISTERED) | models.Q(platform_type__in=_NOT_ON_CLOUD_API),
                name="number_not_registered",
            ),
        ),
        AddIndex(
            "phonenumber",
            models.Index(
                fields=["status", "id"],
                condition=models.Q(platform_type=None)
                | ~models.Q(platform_type__in=("CLOUD_API", *_NOT_ON_CLOUD_API)),
                name="number_unknown",
            ),
        ),
        AddIndex(
            "listing",
            models.Index(fields=["waba", "number"], condition=models.Q(is_further=True), name="listing_further"),
        ),
        AddIndex("event", models.Index(fields=["received_at", "field", "event", "state"], name="event_counted")),
        AddIndex(
            "dailycount",
            models.Index(fields=["client", "day", "field", "value", "numbers"], name="daily_counts_of_client"),
        ),
        AddIndex(
            "onboarding",
            models.Index(
                fields=["client"],
                condition=models.Q(finished_at=None, dismissed_at=None),
                name="onboarding_under_way",
            ),
        ),
        AddIndex(
            "onboardingstep",
            models.Index(
                fields=["state", "retry_at", "onboarding"],
                condition=models.Q(state__in=("client", "failed", "unknown")),
                name="step_held_up",
            ),
        ),
        RemoveIndex("dailycount", "daily_count_of_client"),
        migrations.RunPython(wait_no_more, wait_for_it),
    ]
