"""The role of auditors, and what each role may do as Django's permissions of its group."""

from django.db import migrations

ACTS = [
    ("see_clients", "See the clients that they own or cover"),
    ("see_every_client", "See every client, events, channels and tokens"),
    ("work_on_clients", "Act for the clients that they see"),
    ("assign_clients", "Give clients to people, hand books over"),
    ("claim_signups", "Claim lost signups for clients"),
    ("run_the_desk", "Read everything anew, keep channels, labels, events, shared views"),
    ("manage_the_pool", "Add, share and delete numbers of the pool"),
    ("override_guards", "Override the desk’s own guards, with a reason"),
    ("reveal_pins", "Look at PINs, with a reason"),
    ("manage_people", "Manage account managers and viewers"),
    ("read_audit_log", "Read the audit log"),
    ("administer", "Use the admin, manage everybody"),
]
ALL = [name for name, _ in ACTS]
ROLES = {
    "Administrators": ALL,
    "Team leads": [name for name in ALL if name not in {"read_audit_log", "administer"}],
    "Account managers": ["see_clients", "work_on_clients"],
    "Auditors": ["see_clients", "see_every_client", "read_audit_log"],
    "Viewers": ["see_clients"],
}


def make_permissions(apps, schema_editor):
    groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    users, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="clients", model="user")
    # Django makes permissions after the last migration, and leaves those that are there.
    made = {
        name: permissions.objects.get_or_create(content_type=users, codename=name, defaults={"name": words})[0]
        for name, words in ACTS
    }
    for role, names in ROLES.items():
        group, _ = groups.objects.get_or_create(name=role)
        group.permissions.add(*(made[name] for name in names))


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0020_audit_log"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.AlterModelOptions(
            name="user",
            options={"permissions": ACTS, "verbose_name": "user", "verbose_name_plural": "users"},
        ),
        migrations.RunPython(make_permissions, migrations.RunPython.noop),
    ]
