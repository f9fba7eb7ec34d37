"""The manager that finds the person of a session reads their role with them; no table changes."""

import django.contrib.auth.models
import django.db.models.manager
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clients", "0017_plural_of_watches")]
    operations = [
        migrations.AlterModelManagers(
            "user",
            [
                ("signed_in", django.db.models.manager.Manager()),
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
    ]
