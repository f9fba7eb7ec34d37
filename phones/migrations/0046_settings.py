from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('phones', '0045_indexes_of_traits'),
    ]

    operations = [
        # What can be chosen stands in the code alone: nothing changes in the table.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='action',
                    name='kind',
                    field=models.CharField(choices=[('refresh', 'Read from Meta'), ('request-code', 'Request code'), ('verify-code', 'Confirm code'), ('register', 'Register'), ('deregister', 'Deregister'), ('pin', 'Set PIN'), ('display-name', 'Request display name'), ('profile', 'Edit business profile'), ('username', 'Ask for username'), ('drop-username', 'Give up username'), ('calls', 'Change call settings'), ('storage', 'Change storage'), ('identity-check', 'Switch identity check'), ('automation', 'Change automation'), ('official-account', 'Ask for official account'), ('number-callback', 'Set callback of the number'), ('add-number', 'Add number'), ('subscribe', 'Switch events on'), ('waba-callback', 'Set callback of the WABA'), ('credit-line', 'Share the credit line'), ('callback', 'Point events here'), ('add-to-pool', 'Add to the pool'), ('share', 'Share with a partner'), ('unshare', 'Stop sharing'), ('delete', 'Delete from the pool')], max_length=20),
                ),
            ],
        ),
    ]
