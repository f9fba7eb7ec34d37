"""The search box's index of three-letter pieces, and an index of the few numbers that are missing."""

from django.db import migrations

from phones.listing import search_index


class Migration(migrations.Migration):
    dependencies = [("phones", "0001_initial")]
    operations = [migrations.RunPython(search_index.install, search_index.remove)]
