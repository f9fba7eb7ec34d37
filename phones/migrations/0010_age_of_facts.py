"""How old what is said of a number is, as a column: from the oldest of the facts that its stage rests on."""

from django.db import migrations, models
from django.db.models.functions import Coalesce, Least

from phones.listing import search_index


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0003_signup'),
        ('phones', '0009_may_send'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='phonenumber',
            name='number_synced',
        ),
        migrations.AddField(
            model_name='phonenumber',
            name='oldest_fact_at',
            field=models.DateTimeField(blank=True, help_text='When the oldest fact behind the stage was last answered; empty when all came with the last reading.', null=True),
        ),
        migrations.AddField(
            model_name='phonenumber',
            name='facts_as_of',
            field=models.GeneratedField(db_persist=True, expression=Least('synced_at', Coalesce('oldest_fact_at', 'synced_at')), help_text='Derived: how old what is said of this number is.', output_field=models.DateTimeField()),
        ),
        migrations.AddIndex(
            model_name='phonenumber',
            index=models.Index(fields=['facts_as_of', 'id'], name='number_as_of'),
        ),
        # SQLite makes the table anew for a computed column, and drops the triggers of the search with the old one.
        migrations.RunPython(search_index.install, search_index.remove),
    ]
