"""By which another system of the partner knows a client."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0029_api_tokens'),
    ]

    operations = [
        migrations.AddField(
            model_name='client',
            name='external_id',
            field=models.CharField(blank=True, db_default='', default='', help_text='By which another system of yours knows the client; each stands for one client.', max_length=100, verbose_name='Your id'),
        ),
        migrations.AddConstraint(
            model_name='client',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id', ''), _negated=True), fields=('external_id',), name='one_client_per_external_id'),
        ),
    ]
