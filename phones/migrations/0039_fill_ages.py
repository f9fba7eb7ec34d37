"""Fill the ages of the numbers that were there before. Outside a transaction, so that nobody waits for it."""

from django.db import migrations

from phones.numbers import kept_ages


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phones", "0038_ages_of_numbers")]
    operations = [migrations.RunPython(kept_ages.fill, migrations.RunPython.noop)]
