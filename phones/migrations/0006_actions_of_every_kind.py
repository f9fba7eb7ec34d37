"""Makes room in the one table of actions for those on the pool and on the app."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0003_signup'),
        ('phones', '0005_subscribe_action'),
    ]

    operations = [
        migrations.AddField(
            model_name='action',
            name='preverified_number',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='actions', to='phones.preverifiednumber'),
        ),
        migrations.AlterField(
            model_name='action',
            name='kind',
            field=models.CharField(choices=[('refresh', 'Read from Meta'), ('request-code', 'Request code'), ('verify-code', 'Confirm code'), ('register', 'Register'), ('deregister', 'Deregister'), ('pin', 'Set PIN'), ('display-name', 'Request display name'), ('add-number', 'Add number'), ('subscribe', 'Switch events on'), ('credit-line', 'Share the credit line'), ('callback', 'Point events here'), ('add-to-pool', 'Add to the pool'), ('share', 'Share with a partner'), ('unshare', 'Stop sharing'), ('delete', 'Delete from the pool')], max_length=20),
        ),
        migrations.AlterField(
            model_name='action',
            name='waba',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='number_actions', to='clients.waba'),
        ),
    ]
