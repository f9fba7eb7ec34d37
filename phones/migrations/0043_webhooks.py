"""Webhooks of ours, and what each is posted."""

import django.db.models.deletion
import portal.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('phones', '0042_details'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100, unique=True)),
                ('host', models.CharField(editable=False, help_text='The host of its address, which is no secret.', max_length=255)),
                ('address_sealed', portal.fields.SealedTextField(editable=False)),
                ('secret_sealed', portal.fields.SealedTextField(editable=False)),
                ('secret_uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kinds', models.JSONField(default=list)),
                ('query', models.JSONField(blank=True, null=True)),
                ('is_on', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
                ('reached', models.BigIntegerField(default=0)),
                ('sure', models.BigIntegerField(default=0)),
                ('moved_at', models.DateTimeField()),
                ('failures', models.PositiveIntegerField(default=0, help_text='Posts in a row that were not taken.')),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('busy_until', models.DateTimeField(blank=True, null=True)),
                ('last_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=300)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Taken'), ('dead', 'Given up'), ('dropped', 'Not theirs any more')], default='waiting', max_length=10)),
                ('waits_since', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('change', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='phones.change')),
                ('webhook', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='phones.webhook')),
            ],
            options={
                'verbose_name_plural': 'webhook deliveries',
                'ordering': ('-pk',),
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['webhook', 'id'], name='waiting_deliveries'), models.Index(fields=['webhook', 'state'], name='delivery_states')],
                'constraints': [models.UniqueConstraint(fields=('webhook', 'change'), name='one_delivery_per_webhook_and_change')],
            },
        ),
    ]
