"""Carry over what clients had each day. Outside a transaction, so that nobody waits for it.

What was interrupted goes on where it stopped: the migration is run again.
"""

from django.db import migrations

from phones.pictures import intervals


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phones", "0035_client_counts")]
    operations = [migrations.RunPython(intervals.carry_over, migrations.RunPython.noop)]
