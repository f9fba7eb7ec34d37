"""The code of now no longer knows the ages that stand with the numbers themselves: what it inserts has none there.

The columns stay for the code of before, which may still run, and go one release later, with their index and the
trigger that carries over what that code writes (phones.numbers.kept_ages).
"""

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    holds_nobody_up = "A default for new rows is a line of PostgreSQL's catalogue. No row is read."
    dependencies = [("phones", "0039_fill_ages")]
    operations = [
        migrations.AlterField("phonenumber", "synced_at", models.DateTimeField(db_default=Now())),
        migrations.AlterField("phonenumber", "synced_by", models.CharField(db_default="sync", max_length=10)),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveIndex("phonenumber", "number_as_of"),
                migrations.RemoveField("phonenumber", "facts_as_of"),
                migrations.RemoveField("phonenumber", "oldest_fact_at"),
                migrations.RemoveField("phonenumber", "synced_by"),
                migrations.RemoveField("phonenumber", "synced_at"),
            ]
        ),
    ]
