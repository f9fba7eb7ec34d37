from django.db import migrations

import portal.fields


def fold_names(apps, schema_editor):
    model = apps.get_model("clients", "SavedView")
    for view in model.objects.only("pk", "name").iterator(chunk_size=1_000):
        model.objects.filter(pk=view.pk).update(folded_name=portal.fields.folded(view.name))


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0014_book_of_business"),
    ]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="folded_name",
            field=portal.fields.FoldedNameField(
                blank=True, db_default="", default="", editable=False, max_length=512
            ),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
