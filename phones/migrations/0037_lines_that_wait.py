"""A line of history that waits until its number or WABA is another client's is that client's from then on."""

from django.db import migrations

from phones.changes import kept_client


class Migration(migrations.Migration):
    dependencies = [("phones", "0036_carry_client_counts")]

    operations = [migrations.RunPython(kept_client.mend, migrations.RunPython.noop)]
