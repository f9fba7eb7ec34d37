"""Count the numbers that were there before they were counted as they are written. Nobody waits for it."""

from django.db import migrations

from phones.listing import kept_counts


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phones", "0031_kept_counts")]
    operations = [migrations.RunPython(kept_counts.rebuild, migrations.RunPython.noop)]
