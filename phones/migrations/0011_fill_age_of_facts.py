"""Work out how old the facts of the numbers are whose last reading left something out."""

from django.db import migrations

from phones.numbers import age


def fill(apps, _schema_editor):
    numbers = apps.get_model("phones", "PhoneNumber").objects.exclude(provenance={})
    for number in numbers.only("pk", "provenance", "stage").iterator(chunk_size=500):
        at = age.oldest_fact_at(number.provenance, number.stage)
        if at is not None:
            numbers.filter(pk=number.pk).update(oldest_fact_at=at)


class Migration(migrations.Migration):

    dependencies = [
        ('phones', '0010_age_of_facts'),
    ]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
