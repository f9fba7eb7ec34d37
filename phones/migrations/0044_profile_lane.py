"""The turns of the profile lane, and what lists say of username, profile and calling of each number."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("phones", "0043_webhooks")]
    operations = [
        migrations.CreateModel(
            "ProfileQuota",
            [
                (
                    "waba",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="profile_quota",
                        serialize=False,
                        to="clients.waba",
                    ),
                ),
                ("next_read_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("not_before", models.DateTimeField(blank=True, null=True)),
                ("hour_began_at", models.DateTimeField(blank=True, null=True)),
                ("calls", models.PositiveIntegerField(default=0)),
                ("ceiling_percent", models.PositiveIntegerField(blank=True, null=True)),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("lease_token", models.UUIDField(blank=True, db_index=True, null=True)),
            ],
            options={"ordering": ("pk",)},
        ),
        migrations.CreateModel(
            "ProfileTurn",
            [
                (
                    "number",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="profile_turn",
                        serialize=False,
                        to="phones.phonenumber",
                    ),
                ),
                ("next_read_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("tried_at", models.DateTimeField(blank=True, null=True)),
                ("rests", models.JSONField(blank=True, default=dict)),
                (
                    "lapses_at",
                    models.DateTimeField(
                        blank=True,
                        db_index=True,
                        help_text="When what lists say of it is too old to be stated.",
                        null=True,
                    ),
                ),
            ],
            options={"ordering": ("pk",)},
        ),
        migrations.CreateModel(
            "TokenPart",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "credential",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="profile_parts",
                        to="clients.credential",
                    ),
                ),
                ("part", models.CharField(max_length=20)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("refused_in_a_row", models.PositiveIntegerField(default=0)),
                ("left_out_until", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ("pk",),
                "constraints": [
                    models.UniqueConstraint(fields=("credential", "part"), name="one_row_per_token_and_part")
                ],
            },
        ),
        *(
            migrations.AddField("phonenumber", name, models.CharField(blank=True, max_length=10, null=True))
            for name in ("username_state", "profile_state", "calling_state")
        ),
    ]
