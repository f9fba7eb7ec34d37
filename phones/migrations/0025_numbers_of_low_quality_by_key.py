"""The index of numbers of low quality with their key: those of one person's clients are counted within it, too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("phones", "0024_views_in_digests")]
    operations = [
        migrations.AddIndex(
            "phonenumber",
            models.Index(
                fields=["move", "id"],
                condition=models.Q(quality_rating__in=("YELLOW", "RED")),
                name="number_low_quality",
            ),
        ),
        migrations.RemoveIndex("phonenumber", "number_quality_low"),
    ]
