"""What 0001 to 0026 come to, for databases that have none of them: all tables at once, as these leave them.

A database that has some of them goes on with the others; one that has all of them has this one.
"""

from importlib import import_module

from django.db import migrations

from portal.tables import MakeTables, operations_of

MANY = (
    "0001_initial",
    "0002_roles",
    "0003_signup",
    "0004_fields_given_up",
    "0005_folded_names",
    "0006_discovery_failure",
    "0007_age_of_waba_facts",
    "0008_confirmed_after_a_day",
    "0009_seen_changes",
    "0010_time_zone",
    "0011_saved_views",
    "0012_lookup",
    "0013_languages",
    "0014_book_of_business",
    "0015_files",
    "0016_bulk_contacts",
    "0017_plural_of_watches",
    "0018_people_with_their_role",
    "0019_password_attempts",
    "0020_audit_log",
    "0021_roles_and_permissions",
    "0022_signing_in",
    "0023_invited_people",
    "0024_keep_waits",
    "0025_who_let_people_in",
    "0026_uncounted_clients",
)

audit_log = import_module("clients.migrations.0020_audit_log")
roles = import_module("clients.migrations.0021_roles_and_permissions")


class Migration(migrations.Migration):
    replaces = [("clients", name) for name in MANY]
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        MakeTables(operations_of("clients", MANY)),
        migrations.RunPython(roles.make_permissions, migrations.RunPython.noop),
        migrations.RunPython(audit_log.make_triggers, audit_log.remove_triggers),
    ]
