"""Tokens of the HTTP API, the clients that some are narrowed to, and logins that are services."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0028_wabas_by_finding'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='is_service',
            field=models.BooleanField(db_default=False, default=False, editable=False, help_text='No person but another program, which comes through the HTTP API with a token and never signs in.'),
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='What uses it.', max_length=100)),
                ('prefix', models.CharField(editable=False, max_length=16)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('scope', models.CharField(choices=[('read', 'Read'), ('work', 'Read and act'), ('work_all', 'Read and act, also deregister and set PINs')], default='read', max_length=10)),
                ('is_narrowed', models.BooleanField(default=False)),
                ('requests_a_minute', models.PositiveIntegerField(default=0, help_text='0: as many as API_REQUESTS_A_MINUTE says.')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'API token',
                'ordering': ('-pk',),
            },
        ),
        migrations.CreateModel(
            name='ApiTokenClient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to='clients.client')),
                ('token', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='narrowed_to', to='clients.apitoken')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('token', 'client'), name='one_client_per_token')],
            },
        ),
    ]
