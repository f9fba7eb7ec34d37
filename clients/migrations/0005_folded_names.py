from django.db import migrations

import portal.fields


def fold_names(apps, schema_editor):
    for name in ("Client", "Waba"):
        model = apps.get_model("clients", name)
        rows = []
        for row in model.objects.only("pk", "name").iterator(chunk_size=1_000):
            row.folded_name = portal.fields.folded(row.name)
            rows.append(row)
        model.objects.bulk_update(rows, ["folded_name"], batch_size=400)


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_fields_given_up"),
    ]

    operations = [
        migrations.AddField(
            model_name="client",
            name="folded_name",
            field=portal.fields.FoldedNameField(blank=True, db_index=True, db_default="", default="", editable=False, max_length=512),
        ),
        migrations.AddField(
            model_name="waba",
            name="folded_name",
            field=portal.fields.FoldedNameField(blank=True, db_default="", default="", editable=False, max_length=512),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
