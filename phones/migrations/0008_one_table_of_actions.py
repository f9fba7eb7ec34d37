"""Drops the pool's own table of actions, which is empty by now, and keeps to one open action per object."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('phones', '0007_carry_pool_actions'),
    ]

    operations = [
        migrations.DeleteModel(
            name='PoolAction',
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None), ('preverified_number__isnull', False)), fields=('preverified_number',), name='one_open_action_per_preverified_number'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None), ('number', None), ('waba__isnull', False), models.Q(('kind', 'add-number'), _negated=True)), fields=('waba', 'kind'), name='one_open_action_per_waba_and_kind'),
        ),
        migrations.AddConstraint(
            model_name='action',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None), ('kind', 'callback')), fields=('kind',), name='one_open_change_of_the_callback'),
        ),
    ]
