"""The key of a client is made by the desk from now on. The column stays as it is."""

from django.db import migrations

import portal.fields


class Migration(migrations.Migration):
    dependencies = [("clients", "0025_who_let_people_in")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("client", "id", portal.fields.UncountedKeyField(primary_key=True, serialize=False))
            ]
        )
    ]
