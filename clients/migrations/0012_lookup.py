from django.db import migrations, models

import portal.fields


def fold_names(apps, schema_editor):
    model = apps.get_model("clients", "Portfolio")
    rows = []
    for row in model.objects.only("pk", "name").iterator(chunk_size=1_000):
        row.folded_name = portal.fields.folded(row.name)
        rows.append(row)
    model.objects.bulk_update(rows, ["folded_name"], batch_size=400)


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0011_saved_views"),
    ]

    operations = [
        migrations.AddField(
            model_name="portfolio",
            name="folded_name",
            field=portal.fields.FoldedNameField(blank=True, db_default="", default="", editable=False, max_length=512),
        ),
        migrations.AddIndex(
            model_name="waba",
            index=models.Index(fields=["owner_business_id"], name="waba_of_portfolio"),
        ),
        migrations.AddIndex(
            model_name="waba",
            index=models.Index(fields=["folded_name"], name="waba_folded_name"),
        ),
        migrations.RunPython(fold_names, migrations.RunPython.noop),
    ]
