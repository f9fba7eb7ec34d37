"""What 0001 to 0032 come to, for databases that have none of them: all tables at once, as these leave them.

A database that has some of them goes on with the others; one that has all of them has this one.
"""

from django.conf import settings
from django.db import migrations

from phones.listing import count_triggers, search_index
from phones.numbers import kept_columns
from portal.tables import MakeTables, operations_of

MANY = (
    "0001_initial",
    "0002_search_index",
    "0003_lifecycle",
    "0004_onboarding",
    "0005_subscribe_action",
    "0006_actions_of_every_kind",
    "0007_carry_pool_actions",
    "0008_one_table_of_actions",
    "0009_may_send",
    "0010_age_of_facts",
    "0011_fill_age_of_facts",
    "0012_health",
    "0013_words_of_help",
    "0014_changes_of_a_book",
    "0015_alerts_and_mail",
    "0016_languages",
    "0017_book_of_business",
    "0018_pictures",
    "0019_bulk_runs",
    "0020_bulk_links",
    "0021_channel_choices",
    "0022_seen_changes_and_digest_queries",
    "0023_indexes_of_large_books",
    "0024_views_in_digests",
    "0025_numbers_of_low_quality_by_key",
    "0026_clients_of_numbers",
    "0027_indexes_with_clients",
    "0028_approvals",
    "0029_mails_about_approvals",
    "0030_keep_clocks_and_notes",
    "0031_kept_counts",
    "0032_count_numbers",
)


class Migration(migrations.Migration):
    replaces = [("phones", name) for name in MANY]
    initial = True

    dependencies = [
        # The last that one of these needs: a database may have all of these and not yet the later ones of clients.
        ("clients", "0022_signing_in"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        MakeTables(operations_of("phones", MANY)),
        migrations.RunPython(search_index.install, search_index.remove),
        migrations.RunPython(kept_columns.install, kept_columns.remove),
        migrations.RunPython(count_triggers.installs("14d328d0f1a1"), count_triggers.remove),
    ]
