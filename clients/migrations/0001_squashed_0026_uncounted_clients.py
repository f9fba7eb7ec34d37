"""What 0001 to 0026 come to, for databases that have none of them: all tables at once.

A database that has some of them goes on with the others; one that has all of them has this one.
"""

import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
import portal.fields
import uuid
from clients.audit import guard
from django.conf import settings
from django.db import migrations, models
from portal.tables import MakeTables


ACTS = [
    ("see_clients", "See the clients that they own or cover"),
    ("see_every_client", "See every client, events, channels and tokens"),
    ("work_on_clients", "Act for the clients that they see"),
    ("assign_clients", "Give clients to people, hand books over"),
    ("claim_signups", "Claim lost signups for clients"),
    ("run_the_desk", "Read everything anew, keep channels, labels, events, shared views"),
    ("manage_the_pool", "Add, share and delete numbers of the pool"),
    ("override_guards", "Override the desk’s own guards, with a reason"),
    ("reveal_pins", "Look at PINs, with a reason"),
    ("manage_people", "Manage account managers and viewers"),
    ("read_audit_log", "Read the audit log"),
    ("administer", "Use the admin, manage everybody"),
]
ALL = [name for name, _ in ACTS]
ROLES = {
    "Administrators": ALL,
    "Team leads": [name for name in ALL if name not in {"read_audit_log", "administer"}],
    "Account managers": ["see_clients", "work_on_clients"],
    "Viewers": ["see_clients"],
    "Auditors": ["see_clients", "see_every_client", "read_audit_log"],
}


def make_roles(apps, schema_editor):
    """The roles as groups, and what each may do as permissions."""
    groups, permissions = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    users, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="clients", model="user")
    # Django makes permissions after the last migration, and leaves those that are there.
    made = {
        name: permissions.objects.get_or_create(content_type=users, codename=name, defaults={"name": words})[0]
        for name, words in ACTS
    }
    for role, names in ROLES.items():
        group, _ = groups.objects.get_or_create(name=role)
        group.permissions.add(*(made[name] for name in names))


def guard_audit_log(apps, schema_editor):
    for statement in guard.made(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def unguard_audit_log(apps, schema_editor):
    for statement in guard.removed(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):

    replaces = [
        ('clients', '0001_initial'),
        ('clients', '0002_roles'),
        ('clients', '0003_signup'),
        ('clients', '0004_fields_given_up'),
        ('clients', '0005_folded_names'),
        ('clients', '0006_discovery_failure'),
        ('clients', '0007_age_of_waba_facts'),
        ('clients', '0008_confirmed_after_a_day'),
        ('clients', '0009_seen_changes'),
        ('clients', '0010_time_zone'),
        ('clients', '0011_saved_views'),
        ('clients', '0012_lookup'),
        ('clients', '0013_languages'),
        ('clients', '0014_book_of_business'),
        ('clients', '0015_files'),
        ('clients', '0016_bulk_contacts'),
        ('clients', '0017_plural_of_watches'),
        ('clients', '0018_people_with_their_role'),
        ('clients', '0019_password_attempts'),
        ('clients', '0020_audit_log'),
        ('clients', '0021_roles_and_permissions'),
        ('clients', '0022_signing_in'),
        ('clients', '0023_invited_people'),
        ('clients', '0024_keep_waits'),
        ('clients', '0025_who_let_people_in'),
        ('clients', '0026_uncounted_clients'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        MakeTables([
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
                name='Credential',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('next_sync_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ('not_before', models.DateTimeField(blank=True, help_text='Meta asked us to wait until then.', null=True)),
                    ('lease_until', models.DateTimeField(blank=True, db_index=True, null=True)),
                    ('lease_token', models.UUIDField(blank=True, db_index=True, null=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0, help_text='Times taken since the last outcome.')),
                    ('failures_in_a_row', models.PositiveSmallIntegerField(default=0)),
                    ('last_attempt_at', models.DateTimeField(blank=True, null=True)),
                    ('label', models.CharField(max_length=100)),
                    ('kind', models.CharField(choices=[('system_user', 'System user token'), ('business', 'Business token of one client')], max_length=20)),
                    ('business_id', models.CharField(blank=True, help_text="The partner's business portfolio, for a system user token.", max_length=32)),
                    ('from_environment', models.BooleanField(default=False, editable=False)),
                    ('token_sealed', portal.fields.SealedTextField(blank=True, editable=False)),
                    ('token_last_four', models.CharField(blank=True, editable=False, max_length=4)),
                    ('secret_uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('state', models.CharField(choices=[('untried', 'Not used yet'), ('working', 'Working'), ('dead', 'Refused by Meta')], default='untried', editable=False, max_length=10)),
                    ('state_since', models.DateTimeField(blank=True, editable=False, null=True)),
                    ('expires_at', models.DateTimeField(blank=True, editable=False, null=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                ],
                options={
                    'ordering': ('label', 'pk'),
                    'constraints': [models.UniqueConstraint(condition=models.Q(('from_environment', True)), fields=('from_environment',), name='one_credential_from_environment')],
                },
            ),
            migrations.CreateModel(
                name='FactorSecret',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('secret_uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('secret', portal.fields.SealedTextField()),
                    ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ],
                options={
                    'verbose_name': 'secret of a second factor',
                    'verbose_name_plural': 'secrets of second factors',
                },
            ),
            migrations.CreateModel(
                name='Label',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('name', models.CharField(max_length=30)),
                    ('folded_name', portal.fields.FoldedNameField(blank=True, db_default='', default='', editable=False, max_length=512, unique=True)),
                    ('colour', models.CharField(choices=[('grey', 'Grey'), ('red', 'Red'), ('amber', 'Amber'), ('green', 'Green'), ('teal', 'Teal'), ('blue', 'Blue'), ('violet', 'Violet'), ('pink', 'Pink')], default='grey', max_length=10)),
                ],
                options={
                    'ordering': ('name', 'pk'),
                },
            ),
            migrations.CreateModel(
                name='User',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('password', models.CharField(max_length=128, verbose_name='password')),
                    ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                    ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                    ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                    ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                    ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                    ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                    ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                    ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                    ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                    ('changes_seen_up_to', models.BigIntegerField(db_default=0, default=0, editable=False, help_text='The key of the newest line of history that they have said to have seen.')),
                    ('changes_seen_at', models.DateTimeField(blank=True, editable=False, help_text='When they last said so; empty when they never did.', null=True)),
                    ('time_zone', models.CharField(blank=True, db_default='', default='', help_text='In which pages and mails give times, for example Europe/Berlin; empty: the desk’s own.', max_length=60)),
                    ('invited_at', models.DateTimeField(blank=True, editable=False, help_text='When they last got a link to choose their first password.', null=True)),
                    ('unseen_mentions', models.PositiveIntegerField(db_default=0, default=0, editable=False, help_text='Notes that mention this person and that they have not seen.')),
                    ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                    ('let_in_by', models.ForeignKey(blank=True, db_constraint=False, db_index=False, editable=False, help_text='The team lead who last invited them, and so had their link; empty where it was an administrator.', null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ],
                options={
                    'verbose_name': 'user',
                    'verbose_name_plural': 'users',
                    'permissions': ACTS,
                    'abstract': False,
                },
                managers=[
                    ('signed_in', django.db.models.manager.Manager()),
                    ('objects', django.contrib.auth.models.UserManager()),
                ],
            ),
            migrations.CreateModel(
                name='Client',
                fields=[
                    ('id', portal.fields.UncountedKeyField(primary_key=True, serialize=False)),
                    ('name', models.CharField(db_index=True, max_length=512)),
                    ('folded_name', portal.fields.FoldedNameField(blank=True, db_default='', db_index=True, default='', editable=False, max_length=512)),
                    ('cover_from', models.DateField(blank=True, help_text='The first day of the cover; empty: at once.', null=True, verbose_name='Cover from')),
                    ('cover_until', models.DateField(blank=True, help_text='The last day of the cover; empty: until somebody ends it.', null=True, verbose_name='Cover until')),
                    ('language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Spanish'), ('pt-br', 'Portuguese (Brazil)'), ('fr', 'French'), ('de', 'German'), ('id', 'Indonesian'), ('hi', 'Hindi'), ('ar', 'Arabic')], db_default='', default='', help_text='In which its links are made unless one says otherwise; empty: as the browser asks.', max_length=10)),
                    ('contact_email', models.EmailField(blank=True, db_default='', default='', help_text='Where links for this client are mailed to.', max_length=254, verbose_name='Mail contact')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('cover', models.ForeignKey(blank=True, help_text='Who stands in for the owner, and sees the client too.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='covered_clients', to=settings.AUTH_USER_MODEL)),
                    ('owner', models.ForeignKey(blank=True, help_text='The account manager of this client.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='owned_clients', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('name', 'pk'),
                },
            ),
            migrations.CreateModel(
                name='Portfolio',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('business_id', models.CharField(max_length=32, unique=True)),
                    ('name', models.CharField(blank=True, max_length=512)),
                    ('folded_name', portal.fields.FoldedNameField(blank=True, db_default='', default='', editable=False, max_length=512)),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='portfolios', to='clients.client')),
                ],
                options={
                    'ordering': ('name', 'pk'),
                },
            ),
            migrations.CreateModel(
                name='RefusedField',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('version', models.CharField(max_length=10)),
                    ('node_type', models.CharField(max_length=40)),
                    ('field', models.CharField(max_length=100)),
                    ('nodes', models.JSONField(default=list)),
                    ('first_refused_at', models.DateTimeField()),
                    ('refused_at', models.DateTimeField()),
                    ('answered_at', models.DateTimeField(blank=True, help_text='When a node last took the field.', null=True)),
                    ('given_up_at', models.DateTimeField(blank=True, help_text='Since when no node is asked for it; asked again a day later.', null=True)),
                ],
                options={
                    'ordering': ('node_type', 'field'),
                    'constraints': [models.UniqueConstraint(fields=('version', 'node_type', 'field'), name='one_row_per_refused_field')],
                },
            ),
            migrations.CreateModel(
                name='SavedView',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('list_name', models.CharField(max_length=30)),
                    ('name', models.CharField(max_length=60)),
                    ('folded_name', portal.fields.FoldedNameField(blank=True, db_default='', default='', editable=False, max_length=512)),
                    ('slug', models.CharField(max_length=80, unique=True)),
                    ('parameters', models.JSONField(default=list)),
                    ('is_shared', models.BooleanField(default=False, help_text='Everybody with a role may open it.')),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('name', 'pk'),
                    'constraints': [models.UniqueConstraint(fields=('owner', 'list_name', 'name'), name='one_view_per_name_and_person')],
                },
            ),
            migrations.CreateModel(
                name='ListPreference',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('list_name', models.CharField(max_length=30)),
                    ('columns', models.JSONField(blank=True, default=list)),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='list_preferences', to=settings.AUTH_USER_MODEL)),
                    ('default_view', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clients.savedview')),
                ],
                options={
                    'constraints': [models.UniqueConstraint(fields=('person', 'list_name'), name='one_preference_per_list')],
                },
            ),
            migrations.CreateModel(
                name='SignupLink',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token_digest', models.CharField(editable=False, max_length=64, unique=True)),
                    ('token_sealed', portal.fields.SealedTextField(editable=False)),
                    ('secret_uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('created_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField()),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('opened_at', models.DateTimeField(blank=True, help_text='When a browser last showed its page.', null=True)),
                    ('language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Spanish'), ('pt-br', 'Portuguese (Brazil)'), ('fr', 'French'), ('de', 'German'), ('id', 'Indonesian'), ('hi', 'Hindi'), ('ar', 'Arabic')], db_default='', default='', help_text='In which its page is shown and sent; empty: as the browser asks.', max_length=10)),
                    ('display_name', models.CharField(blank=True, help_text='The display name the client wants, filled in for them.', max_length=100)),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signup_links', to='clients.client')),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-pk',),
                },
            ),
            migrations.CreateModel(
                name='SignupAttempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('error_kind', models.CharField(blank=True, max_length=40)),
                    ('code', models.IntegerField(blank=True, null=True)),
                    ('subcode', models.IntegerField(blank=True, null=True)),
                    ('http_status', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('message', models.TextField(blank=True)),
                    ('fbtrace_id', models.CharField(blank=True, max_length=100)),
                    ('retry_at', models.DateTimeField(blank=True, null=True)),
                    ('state', models.CharField(choices=[('sent', 'Link sent'), ('opened', 'Page opened'), ('started', 'In Meta’s dialog'), ('cancelled', 'Left Meta’s dialog'), ('error', 'Error in Meta’s dialog'), ('lost', 'Done at Meta, never reached us'), ('failed', 'Could not be completed'), ('refused', 'Not accepted'), ('without_number', 'Finished without a number'), ('finished', 'Finished')], db_index=True, default='sent', max_length=20)),
                    ('browser_digest', models.CharField(blank=True, editable=False, max_length=64)),
                    ('state_used_at', models.DateTimeField(blank=True, null=True)),
                    ('created_at', models.DateTimeField()),
                    ('opened_at', models.DateTimeField(blank=True, null=True)),
                    ('started_at', models.DateTimeField(blank=True, help_text="When Meta's dialog was opened.", null=True)),
                    ('ended_at', models.DateTimeField(blank=True, null=True)),
                    ('said_event', models.CharField(blank=True, max_length=60)),
                    ('said_step', models.CharField(blank=True, max_length=60)),
                    ('said_waba_id', models.CharField(blank=True, max_length=32)),
                    ('said_phone_number_id', models.CharField(blank=True, max_length=32)),
                    ('said_business_id', models.CharField(blank=True, max_length=32)),
                    ('said_error', models.TextField(blank=True)),
                    ('said_error_code', models.CharField(blank=True, max_length=60)),
                    ('said_session_id', models.CharField(blank=True, help_text="Meta's id of the session, for support.", max_length=200)),
                    ('refusal', models.CharField(blank=True, help_text='Why the desk did not accept what came back.', max_length=30)),
                    ('handled_at', models.DateTimeField(blank=True, help_text='When staff closed what was left to them.', null=True)),
                    ('credential', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='signup_attempts', to='clients.credential')),
                    ('handled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='clients.signuplink')),
                ],
                options={
                    'ordering': ('-pk',),
                },
            ),
            migrations.CreateModel(
                name='StatusLink',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('token_digest', models.CharField(editable=False, max_length=64, unique=True)),
                    ('token_sealed', portal.fields.SealedTextField(editable=False)),
                    ('secret_uid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                    ('created_at', models.DateTimeField()),
                    ('expires_at', models.DateTimeField()),
                    ('revoked_at', models.DateTimeField(blank=True, null=True)),
                    ('opened_at', models.DateTimeField(blank=True, help_text='When a browser last showed its page.', null=True)),
                    ('language', models.CharField(blank=True, choices=[('en', 'English'), ('es', 'Spanish'), ('pt-br', 'Portuguese (Brazil)'), ('fr', 'French'), ('de', 'German'), ('id', 'Indonesian'), ('hi', 'Hindi'), ('ar', 'Arabic')], db_default='', default='', help_text='In which its page is shown and sent; empty: as the browser asks.', max_length=10)),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='status_links', to='clients.client')),
                    ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-pk',),
                },
            ),
            migrations.CreateModel(
                name='SyncFailure',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(max_length=40)),
                    ('code', models.IntegerField(blank=True, null=True)),
                    ('subcode', models.IntegerField(blank=True, null=True)),
                    ('http_status', models.PositiveSmallIntegerField(blank=True, null=True)),
                    ('message', models.TextField(blank=True, help_text="Meta's own text, or ours where no answer came.")),
                    ('fbtrace_id', models.CharField(blank=True, max_length=100)),
                    ('retry_at', models.DateTimeField(blank=True, null=True)),
                    ('at', models.DateTimeField(db_index=True)),
                    ('credential', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sync_failures', to='clients.credential')),
                ],
                options={
                    'ordering': ('-pk',),
                },
            ),
            migrations.AddField(
                model_name='credential',
                name='discovery_failure',
                field=models.ForeignKey(blank=True, editable=False, help_text='Set while the WABAs of its business could not be listed last time.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clients.syncfailure'),
            ),
            migrations.AddField(
                model_name='credential',
                name='last_failure',
                field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clients.syncfailure'),
            ),
            migrations.CreateModel(
                name='SyncRun',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('scope', models.CharField(choices=[('everything', 'Everything'), ('due', 'What was due'), ('client', 'One client'), ('waba', 'One WABA'), ('selection', 'A selection')], max_length=12)),
                    ('trigger', models.CharField(choices=[('schedule', 'Schedule'), ('person', 'Person'), ('command', 'Command line')], max_length=10)),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('finished', 'Finished')], db_index=True, default='waiting', max_length=10)),
                    ('created_at', models.DateTimeField(auto_now_add=True, db_index=True)),
                    ('started_at', models.DateTimeField(blank=True, null=True)),
                    ('finished_at', models.DateTimeField(blank=True, null=True)),
                    ('wabas', models.PositiveIntegerField(default=0, help_text='WABAs this run was to read, as far as known.')),
                    ('read', models.PositiveIntegerField(default=0, help_text='WABAs read whole.')),
                    ('failed', models.PositiveIntegerField(default=0, help_text='WABAs that could not be read whole.')),
                    ('numbers', models.PositiveIntegerField(default=0)),
                    ('added', models.PositiveIntegerField(default=0)),
                    ('changed', models.PositiveIntegerField(default=0)),
                    ('unchanged', models.PositiveIntegerField(default=0)),
                    ('missing', models.PositiveIntegerField(default=0)),
                    ('left_out', models.PositiveIntegerField(db_default=0, default=0, help_text='Numbers that came without a fact that their state rests on.')),
                    ('graph_calls', models.PositiveIntegerField(default=0)),
                    ('client', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='clients.client')),
                    ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'ordering': ('-pk',),
                },
            ),
            migrations.AddField(
                model_name='syncfailure',
                name='run',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='failures', to='clients.syncrun'),
            ),
            migrations.AddField(
                model_name='credential',
                name='sync_run',
                field=models.ForeignKey(blank=True, help_text='The open run that the next reading counts in.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='waiting_%(class)ss', to='clients.syncrun'),
            ),
            migrations.CreateModel(
                name='Waba',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('next_sync_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ('not_before', models.DateTimeField(blank=True, help_text='Meta asked us to wait until then.', null=True)),
                    ('lease_until', models.DateTimeField(blank=True, db_index=True, null=True)),
                    ('lease_token', models.UUIDField(blank=True, db_index=True, null=True)),
                    ('attempts', models.PositiveSmallIntegerField(default=0, help_text='Times taken since the last outcome.')),
                    ('failures_in_a_row', models.PositiveSmallIntegerField(default=0)),
                    ('last_attempt_at', models.DateTimeField(blank=True, null=True)),
                    ('waba_id', models.CharField(max_length=32, unique=True, verbose_name='WABA id')),
                    ('origin', models.CharField(choices=[('client', 'Shared by a client'), ('owned', 'Owned by us'), ('manual', 'Connected by hand'), ('signup', 'Signed up on the desk')], max_length=10)),
                    ('name', models.CharField(blank=True, db_index=True, max_length=512)),
                    ('folded_name', portal.fields.FoldedNameField(blank=True, db_default='', default='', editable=False, max_length=512)),
                    ('currency', models.CharField(blank=True, max_length=512, null=True)),
                    ('timezone_id', models.CharField(blank=True, max_length=512, null=True)),
                    ('country', models.CharField(blank=True, max_length=512, null=True)),
                    ('status', models.CharField(blank=True, max_length=512, null=True)),
                    ('account_review_status', models.CharField(blank=True, max_length=512, null=True)),
                    ('business_verification_status', models.CharField(blank=True, max_length=512, null=True)),
                    ('ownership_type', models.CharField(blank=True, max_length=512, null=True)),
                    ('messaging_limit', models.CharField(blank=True, max_length=512, null=True)),
                    ('owner_business_id', models.CharField(blank=True, max_length=32, null=True)),
                    ('owner_business_name', models.CharField(blank=True, max_length=512, null=True)),
                    ('creation_time', models.DateTimeField(blank=True, null=True)),
                    ('facts_read_at', models.DateTimeField(blank=True, help_text='When Graph last returned these facts.', null=True)),
                    ('provenance', models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict, help_text='Facts that later readings left out: field → {at, source}.')),
                    ('last_synced_at', models.DateTimeField(blank=True, help_text='When all pages of its numbers last arrived.', null=True)),
                    ('page_limit', models.PositiveSmallIntegerField(blank=True, help_text='How many numbers Meta gives at once, where that is less than usual.', null=True)),
                    ('page_limit_until', models.DateTimeField(blank=True, help_text='When its numbers are asked for in full pages again.', null=True)),
                    ('unlisted_since', models.DateTimeField(blank=True, help_text='Since when whole lists of the business’s WABAs have lacked it.', null=True)),
                    ('unshared_since', models.DateTimeField(blank=True, help_text='Since when the business no longer lists it among its WABAs.', null=True)),
                    ('hinted_at', models.DateTimeField(blank=True, help_text='When an event last said that something changed here.', null=True)),
                    ('last_event_at', models.DateTimeField(blank=True, help_text='When Meta last sent an event about it.', null=True)),
                    ('created_at', models.DateTimeField(auto_now_add=True)),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='wabas', to='clients.client')),
                    ('credential', models.ForeignKey(blank=True, help_text='The token this WABA is read with.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='wabas', to='clients.credential')),
                    ('last_failure', models.ForeignKey(blank=True, help_text='Set while the latest reading failed.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clients.syncfailure')),
                    ('sync_run', models.ForeignKey(blank=True, help_text='The open run that the next reading counts in.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='waiting_%(class)ss', to='clients.syncrun')),
                ],
                options={
                    'verbose_name': 'WABA',
                    'verbose_name_plural': 'WABAs',
                    'ordering': ('name', 'pk'),
                    'indexes': [models.Index(fields=['owner_business_id'], name='waba_of_portfolio'), models.Index(fields=['folded_name'], name='waba_folded_name'), models.Index(condition=models.Q(('not_before__isnull', False)), fields=['not_before'], name='waba_waits')],
                },
            ),
            migrations.AddField(
                model_name='syncrun',
                name='waba',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='clients.waba'),
            ),
            migrations.AddField(
                model_name='syncfailure',
                name='waba',
                field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='sync_failures', to='clients.waba'),
            ),
            migrations.CreateModel(
                name='AccountMail',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('kind', models.CharField(choices=[('reset', 'A link to choose a new password'), ('invitation', 'A link to choose the first password'), ('password_changed', 'The password was changed'), ('factor_added', 'A second factor was added'), ('factor_removed', 'A second factor was removed'), ('recovery_codes', 'New recovery codes were made')], max_length=20)),
                    ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sending', 'Being sent'), ('sent', 'Sent'), ('failed', 'Not sent')], default='waiting', max_length=20)),
                    ('created_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                    ('outcome', models.CharField(blank=True, default='', max_length=200)),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'mail about a login',
                    'verbose_name_plural': 'mails about logins',
                    'ordering': ('-pk',),
                    'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['created_at'], name='account_mails_waiting')],
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
            migrations.CreateModel(
                name='ClientWatch',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='clients.client')),
                    ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watched_clients', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name_plural': 'client watches',
                    'constraints': [models.UniqueConstraint(fields=('client', 'person'), name='one_watch_per_client_and_person')],
                },
            ),
            migrations.CreateModel(
                name='ClientLabel',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('client', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='client_labels', to='clients.client')),
                    ('label', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='on_clients', to='clients.label')),
                ],
                options={
                    'ordering': ('label__name', 'pk'),
                    'constraints': [models.UniqueConstraint(fields=('client', 'label'), name='one_label_once_on_a_client')],
                },
            ),
            migrations.CreateModel(
                name='PasswordAttempt',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('at', models.DateTimeField(db_index=True, verbose_name='when')),
                    ('name_digest', models.CharField(max_length=32)),
                    ('asked_for', models.CharField(choices=[('sign_in', 'Signing in'), ('sign_in_code', 'Signing in: the code'), ('again', 'Confirming who it is'), ('again_code', 'Confirming who it is: the code'), ('new_password', 'Changing the password'), ('new_authenticator', 'Adding an authenticator app'), ('reset', 'Asking for a new password'), ('deregister', 'Deregistering a number')], max_length=20, verbose_name='asked for')),
                    ('outcome', models.CharField(choices=[('right', 'Right'), ('wrong', 'Wrong'), ('refused', 'Not looked at')], max_length=20)),
                    ('place', models.CharField(max_length=60)),
                    ('is_from_anywhere', models.BooleanField(help_text='Neither signed in, nor from a browser that has signed in with this name before.')),
                    ('address', models.GenericIPAddressField(null=True, verbose_name='address')),
                    ('user_agent', models.CharField(max_length=200, verbose_name='browser')),
                    ('times', models.PositiveIntegerField(default=1, help_text='How often it was refused during one wait.')),
                    ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ],
                options={
                    'verbose_name': 'password attempt',
                    'ordering': ('-at', '-pk'),
                    'indexes': [models.Index(fields=['name_digest', 'at'], name='passwords_by_name'), models.Index(fields=['place', 'at'], name='passwords_by_place')],
                },
            ),
        ]),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunPython(guard_audit_log, unguard_audit_log),
    ]
