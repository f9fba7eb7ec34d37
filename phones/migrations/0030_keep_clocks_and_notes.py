
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('phones', '0029_mails_about_approvals'),
    ]

    operations = [
        migrations.AddField(
            model_name='heartbeat',
            name='clock_ahead_seconds',
            field=models.FloatField(db_default=0, default=0, help_text="How far the clock of the machine that ran it is ahead of the database's."),
        ),
        migrations.AddField(
            model_name='heartbeat',
            name='notes',
            field=models.JSONField(blank=True, help_text='What else it found out that people should know.', null=True),
        ),
    ]
