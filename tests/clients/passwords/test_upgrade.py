"""A database that django-axes wrote to: who signed in is kept, what was typed as a name is not."""

import importlib
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from clients.models import PasswordAttempt, User

migration = importlib.import_module("clients.migrations.0019_password_attempts")
COLUMNS = "id integer, username varchar(255), ip_address {}, user_agent varchar(255), attempt_time {}"


@pytest.mark.django_db
def test_logins_are_taken_over_and_names_that_were_typed_are_deleted(account_manager: User) -> None:
    types = ("inet", "timestamptz") if connection.vendor == "postgresql" else ("char(39)", "datetime")
    columns = COLUMNS.format(*types)
    tables = ("axes_accesslog", "axes_accessattempt")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"CREATE TABLE {table} ({columns})")
            for name in ("alice", "Typed-Password-1"):
                row = [name, "203.0.113.7", "A browser" * 28, timezone.now()]
                cursor.execute(f"INSERT INTO {table} VALUES (1, %s, %s, %s, %s)", row)  # noqa: S608 - names of our own

        migration.take_over_from_axes(apps, SimpleNamespace(connection=connection))

        for table in tables:
            cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - likewise
            assert cursor.fetchone() == (0,)
            cursor.execute(f"DROP TABLE {table}")
    kept = PasswordAttempt.objects.get()
    assert (kept.person, kept.address, kept.outcome) == (account_manager, "203.0.113.7", "right")
