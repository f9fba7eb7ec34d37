from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0031_told_use'),
    ]

    operations = [
        # What can be chosen stands in the code alone: nothing changes in the table.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='apitoken',
                    name='scope',
                    field=models.CharField(choices=[('read', 'Read'), ('work', 'Read and act'), ('work_all', 'Read and act, also deregister, set PINs and callbacks')], default='read', max_length=10),
                ),
            ],
        ),
    ]
