"""Fill the client of each line of history, then index by it. Outside a transaction, so that nobody waits for it.

What was interrupted goes on where it stopped: the migration is run again.
"""

from django.db import migrations, models

from phones.changes import kept_client
from portal.concurrent_indexes import AddIndex, RemoveIndex


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phones", "0033_clients_of_changes")]
    operations = [
        migrations.RunPython(kept_client.fill, migrations.RunPython.noop),
        AddIndex("change", models.Index(fields=["-at", "-id", "client"], name="change_at_with_client")),
        AddIndex("change", models.Index(fields=["client", "-at", "-id"], name="change_of_client")),
        RemoveIndex("change", "change_at"),
    ]
