"""Our own record of passwords that were typed, in place of django-axes'.

Of axes' tables the logins of the last 90 days are taken over. Its failures are deleted: they hold names as they were
typed, passwords among them. The empty tables stay, so that the release before this one still works meanwhile.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def take_over_from_axes(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if "axes_accesslog" in tables:
            cursor.execute(
                "INSERT INTO clients_passwordattempt (at, person_id, name_digest, asked_for, outcome, place, "
                "is_from_anywhere, address, user_agent, times) SELECT attempt_time, person.id, '', 'sign_in', 'right', "
                "'', %s, ip_address, SUBSTR(user_agent, 1, 200), 1 FROM axes_accesslog JOIN clients_user person "
                "ON person.username = axes_accesslog.username",
                [True],
            )
        for table in ("axes_accessattemptexpiration", "axes_accessattempt", "axes_accessfailurelog", "axes_accesslog"):
            if table in tables:
                cursor.execute(f"DELETE FROM {table}")


class Migration(migrations.Migration):
    dependencies = [("clients", "0018_people_with_their_role")]

    operations = [
        migrations.CreateModel(
            name="PasswordAttempt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, verbose_name="when")),
                ("name_digest", models.CharField(max_length=32)),
                (
                    "asked_for",
                    models.CharField(
                        choices=[
                            ("sign_in", "Signing in"),
                            ("deregister", "Deregistering a number"),
                            ("new_password", "Changing the password"),
                        ],
                        max_length=20,
                        verbose_name="asked for",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("right", "Right"),
                            ("wrong", "Wrong"),
                            ("refused", "Not looked at"),
                        ],
                        max_length=20,
                    ),
                ),
                ("place", models.CharField(max_length=60)),
                (
                    "is_from_anywhere",
                    models.BooleanField(
                        help_text="Neither signed in, nor from a browser that has signed in with this name before."
                    ),
                ),
                ("address", models.GenericIPAddressField(null=True, verbose_name="address")),
                ("user_agent", models.CharField(max_length=200, verbose_name="browser")),
                (
                    "times",
                    models.PositiveIntegerField(default=1, help_text="How often it was refused during one wait."),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "password attempt",
                "ordering": ("-at", "-pk"),
                "indexes": [
                    models.Index(fields=["name_digest", "at"], name="passwords_by_name"),
                    models.Index(fields=["place", "at"], name="passwords_by_place"),
                ],
            },
        ),
        migrations.RunPython(take_over_from_axes, migrations.RunPython.noop),
    ]
