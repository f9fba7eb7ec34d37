"""The audit log, its chain, and the triggers that keep both append-only.

A later migration that changes a column of theirs on SQLite makes the table anew and has to make its triggers again.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from clients.audit import guard


def make_triggers(apps, schema_editor):
    for statement in guard.made(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def remove_triggers(apps, schema_editor):
    for statement in guard.removed(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0019_password_attempts'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('position', models.BigIntegerField(primary_key=True, serialize=False)),
                ('entry_id', models.BigIntegerField(unique=True)),
                ('hash', models.CharField(max_length=64)),
                ('signature', models.CharField(blank=True, max_length=64)),
                ('sealed_at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'audit seal',
                'ordering': ('position',),
            },
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='when')),
                ('kind', models.CharField(choices=[('sign_in', 'Sign-in'), ('refusal', 'Refused'), ('export', 'Export'), ('reveal', 'Secret shown'), ('action', 'Action at Meta'), ('access', 'Access'), ('link', 'Client’s link'), ('change', 'Change'), ('log', 'This log')], max_length=20)),
                ('outcome', models.CharField(choices=[('done', 'Done'), ('begun', 'Begun'), ('failed', 'Failed'), ('refused', 'Refused')], max_length=20)),
                ('actor_name', models.CharField(blank=True, max_length=150)),
                ('client_name', models.CharField(blank=True, max_length=200)),
                ('object_type', models.CharField(blank=True, max_length=60)),
                ('object_id', models.CharField(blank=True, max_length=80)),
                ('object_name', models.CharField(blank=True, max_length=200)),
                ('what', models.TextField()),
                ('details', models.JSONField(default=dict)),
                ('address', models.GenericIPAddressField(null=True, verbose_name='from where')),
                ('request_id', models.CharField(blank=True, max_length=40)),
                ('deleted_through', models.BigIntegerField(null=True)),
                ('actor', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='who')),
                ('client', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='clients.client', verbose_name='for whom')),
            ],
            options={
                'verbose_name': 'audit entry',
                'verbose_name_plural': 'audit entries',
                'ordering': ('-at', '-pk'),
                'indexes': [models.Index(fields=['at', 'id'], name='audit_at'), models.Index(fields=['kind', 'at', 'id'], name='audit_by_kind'), models.Index(fields=['outcome', 'at', 'id'], name='audit_by_outcome'), models.Index(fields=['actor', 'at', 'id'], name='audit_by_actor'), models.Index(fields=['client', 'at', 'id'], name='audit_by_client'), models.Index(fields=['object_type', 'object_id', 'at', 'id'], name='audit_by_object'), models.Index(fields=['object_id'], name='audit_by_object_id'), models.Index(fields=['object_name'], name='audit_by_object_name'), models.Index(fields=['address', 'at', 'id'], name='audit_by_address'), models.Index(condition=models.Q(('deleted_through__isnull', False)), fields=['deleted_through'], name='audit_deletions')],
            },
        ),
        migrations.RunPython(make_triggers, remove_triggers),
    ]
