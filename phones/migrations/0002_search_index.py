"""The search box's index of three-letter pieces, and an index of the few numbers that are missing."""

from django.db import migrations, models

from phones.listing import search_index


class Migration(migrations.Migration):
    dependencies = [("phones", "0001_initial")]
    operations = [
        migrations.AddIndex(
            "phonenumber",
            models.Index(
                fields=["missing_since", "id"],
                condition=models.Q(missing_since__isnull=False),
                name="number_missing",
            ),
        ),
        migrations.RunPython(search_index.install, search_index.remove),
    ]
