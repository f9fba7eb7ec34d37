"""Wrong settings are named by the system checks, each under its own id and without showing a secret."""

import contextlib
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage
from django.core.checks.registry import registry
from pytest_django import Settings

from clients.models import Credential
from tests.factories import make_credential
from tests.migrated import DATABASE

ROOT = Path(__file__).resolve().parents[2]
KEY = Fernet.generate_key().decode()
SMTP = "django.core.mail.backends.smtp.EmailBackend"
SECRET = "S3cretS3cretS3cret"


def found(databases: list[str] | None = None) -> list[CheckMessage]:
    """What the portal's own checks say; Django's, which look at every model, are left out."""
    checks = registry.get_checks()
    ours = [check for check in checks if check.__module__.partition(".")[0] in {"portal", "clients", "phones"}]
    return [message for check in ours for message in check(app_configs=None, databases=databases)]


def test_the_defaults_are_fine() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("wrong", "ids"),
    [
        ({"GRAPH_API_URL": "http://graph.example"}, ["E001"]),
        ({"GRAPH_API_URL": "ftp://127.0.0.1"}, ["E001"]),
        ({"GRAPH_API_URL": "https://user:pass@graph.example"}, ["E001"]),
        ({"GRAPH_API_URL": "http://169.254.169.254"}, ["E001"]),
        ({"GRAPH_API_URL": "https://graph.facebook.com"}, []),
        ({"GRAPH_API_URL": "http://[::1]:9009"}, []),
        ({"GRAPH_API_VERSION": "25"}, ["E002"]),
        ({"GRAPH_API_VERSION": "v25.0/../v1.0"}, ["E002"]),
        ({"META_BUSINESS_ID": "12 34", "META_SYSTEM_USER_TOKEN": SECRET}, ["E003"]),
        ({"META_BUSINESS_ID": "1234", "META_SYSTEM_USER_TOKEN": SECRET}, []),
        ({"META_SYSTEM_USER_TOKEN": SECRET}, ["W001"]),
        ({"META_BUSINESS_ID": "1234"}, ["W002"]),
        ({"WEBHOOK_VERIFY_TOKEN": SECRET}, ["W006"]),
        ({"WEBHOOK_VERIFY_TOKEN": SECRET, "META_APP_SECRET": SECRET}, []),
        ({"META_SDK_URL": "http://connect.example/sdk.js"}, ["E009"]),
        ({"META_SDK_URL": "connect.example/sdk.js"}, ["E009"]),
        ({"META_SDK_URL": "javascript:alert(1)"}, ["E009"]),
        ({"META_SDK_URL": "https://connect.example/sdk.js; script-src *"}, ["E009"]),
        ({"META_SDK_URL": "https://me:S3cret@connect.example/sdk.js"}, ["E009"]),
        ({"META_SDK_URL": ""}, ["E009"]),
        ({"META_SDK_URL": "https://connect.facebook.net/es_ES/sdk.js"}, []),
        ({"META_SDK_URL": "http://127.0.0.1:9009/en_US/sdk.js"}, []),
        ({"META_MESSAGE_ORIGIN": "http://facebook.example"}, ["E010"]),
        ({"META_MESSAGE_ORIGIN": "https://facebook.example/dialog"}, ["E010"]),
        ({"META_MESSAGE_ORIGIN": "https://*.facebook.example"}, ["E010"]),
        ({"META_MESSAGE_ORIGIN": "*"}, ["E010"]),
        ({"META_MESSAGE_ORIGIN": ""}, ["E010"]),
        ({"META_MESSAGE_ORIGIN": "http://127.0.0.1:9009"}, []),
        ({"META_LOGIN_CONFIG_ID": "1234"}, ["W008"]),
        ({"META_LOGIN_CONFIG_ID": "1234", "META_APP_ID": "1234"}, ["W008"]),
        ({"META_LOGIN_CONFIG_ID": "1234", "META_APP_SECRET": SECRET}, ["W008"]),
        ({"META_LOGIN_CONFIG_ID": "1234", "META_APP_ID": "1234", "META_APP_SECRET": SECRET}, []),
        ({"TOKEN_ENCRYPTION_KEYS": []}, ["E004"]),
        ({"TOKEN_ENCRYPTION_KEYS": [KEY, "S3cretS3cretS3cret"]}, ["E004"]),
        ({"TOKEN_ENCRYPTION_KEYS": ["S3cret-ünïcode"]}, ["E004"]),
        ({"TOKEN_ENCRYPTION_KEYS": [KEY, KEY]}, ["W003"]),
        ({"PUBLIC_URL": "portal.example"}, ["E005"]),
        ({"PUBLIC_URL": "ftp://portal.example"}, ["E005"]),
        ({"PUBLIC_URL": "https://portal.example/desk"}, ["E005"]),
        ({"PUBLIC_URL": "https://portal.example:port"}, ["E005"]),
        ({"PUBLIC_URL": "https://me:pass@portal.example"}, ["E005"]),
        ({"PUBLIC_URL": "https://portal.example:8443"}, []),
        ({"PUBLIC_URL": "http://[::1]:8000"}, []),
        ({"TRUSTED_PROXIES": ["10.0.0.0/8", "::1", "unix"]}, []),
        ({"TRUSTED_PROXIES": ["proxy.example"]}, ["E018"]),
        ({"TRUSTED_PROXIES": ["10.0.0.1/8"]}, ["E018"]),
        ({"TRUSTED_PROXIES": ["0.0.0.0/0"]}, ["E018"]),
        ({"IS_HTTPS": True, "IS_LOCAL": False}, ["E032"]),
        ({"IS_HTTPS": True, "IS_LOCAL": False, "TRUSTED_PROXIES": ["10.0.0.5"]}, []),
        ({"PAGES_A_MINUTE": -1, "FILES_AN_HOUR": 0}, ["E031"]),
        ({"SYNC_INTERVAL_MINUTES": 4}, ["E006"]),
        ({"SYNC_INTERVAL_MINUTES": 1441}, ["E006"]),
        ({"SYNC_INTERVAL_MINUTES": 5}, []),
        ({"SYNC_INTERVAL_MINUTES": 1440}, []),
        ({"PROFILE_INTERVAL_HOURS": -1}, ["E036"]),
        ({"SYNC_WABAS_A_CALL": 101}, ["E033"]),
        ({"SYNC_WABAS_A_CALL": 0}, []),
        ({"BIND": "127.0.0.1:http"}, ["E011"]),
        ({"BIND": "127.0.0.1:70000"}, ["E011"]),
        ({"BIND": "http://127.0.0.1:8000"}, ["E011"]),
        ({"BIND": "127.0.0.1:8000,"}, ["E011"]),
        ({"BIND": "unix:"}, ["E011"]),
        ({"BIND": "0.0.0.0:8000"}, []),
        ({"BIND": ":8000"}, []),
        ({"BIND": "localhost"}, []),
        ({"BIND": "[::1]:8000, unix:/run/desk.sock"}, []),
        ({"WEB_CONCURRENCY": 0}, ["E012"]),
        ({"CELERY_WORKER_CONCURRENCY": -1}, ["E012"]),
        ({"SYNC_THREADS": 0, "SYNC_LEASE_SECONDS": 0}, ["E012", "E012"]),
        ({"SYNC_TICK_SECONDS": 0.0}, ["E012"]),
        ({"SYNC_TICK_SECONDS": 0.5}, []),
        ({"DEBUG": True}, []),
        ({"DEBUG": True, "IS_LOCAL": False}, ["E007"]),
        ({"DEMO": True}, []),
        ({"DEMO": True, "IS_LOCAL": False}, ["W007"]),
        ({"EMAIL_BACKEND": SMTP, "DEFAULT_FROM_EMAIL": "Desk <desk@portal.example>"}, []),
        ({"EMAIL_BACKEND": SMTP, "DEFAULT_FROM_EMAIL": "the desk"}, ["E015"]),
        ({"EMAIL_BACKEND": SMTP, "DEFAULT_FROM_EMAIL": "a@b.example", "EMAIL_HOST": None}, ["E014"]),
        ({"SENDS_MAIL": False}, ["W009"]),
        (
            {
                "EMAIL_BACKEND": SMTP,
                "DEFAULT_FROM_EMAIL": "a@b.example",
                "EMAIL_HOST": "mail.example",
                "EMAIL_HOST_PASSWORD": SECRET,
            },
            ["W010"],
        ),
        ({"GRAPH_API_VERSION": "v20.0"}, ["W011"]),
        ({"GRAPH_API_VERSION": "v9.0"}, ["W011"]),
        ({"SENTRY_DSN": "https://S3cretS3cretS3cret@sentry.example/1"}, ["W005"]),
    ],
)
def test_a_wrong_setting_is_named(wrong: dict[str, Any], ids: list[str], settings: Settings) -> None:
    for name, value in wrong.items():
        setattr(settings, name, value)

    messages = found()

    assert [message.id for message in messages] == [f"numberdesk.{one}" for one in ids]
    for message in messages:
        assert message.hint
        assert "S3cret" not in str(message)
        assert KEY not in str(message)


def test_sqlite_behind_several_machines_is_warned_of(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert [message.id for message in found()] == ["numberdesk.W004"]


@pytest.mark.django_db
def test_stored_secrets_that_open_are_fine() -> None:
    make_credential()
    Credential.objects.create(label="Without a token", kind="business")

    assert found(databases=["default"]) == []


@pytest.mark.django_db
def test_stored_secrets_under_a_lost_key_are_named_by_table_and_key(settings: Settings) -> None:
    credential = make_credential()
    settings.TOKEN_ENCRYPTION_KEYS = [KEY]

    (message,) = found(databases=["default"])

    assert message.id == "numberdesk.E008"
    assert "clients.Credential" in str(message)
    assert f"(primary keys {credential.pk})" in str(message)
    assert credential.token_sealed not in str(message)


@pytest.mark.django_db
def test_a_key_that_is_no_key_is_reported_once_and_crashes_nothing(settings: Settings) -> None:
    make_credential()
    settings.TOKEN_ENCRYPTION_KEYS = ["no key"]

    assert sorted(str(message.id) for message in found(databases=["default"])) == ["numberdesk.E004", "numberdesk.E008"]


def test_stored_secrets_are_not_looked_at_unless_a_database_is_named() -> None:
    # This test has no access to a database: looking would fail it.
    assert found() == []


def run_manage(*arguments: str, state: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` in a process of its own with nothing in its environment but what is given."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "STATE_DIR": str(state), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_public_portal_passes_djangos_deployment_checks(tmp_path: Path) -> None:
    done = run_manage(
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        state=tmp_path,
        PUBLIC_URL="https://portal.example",
        SECRET_KEY="a-secret-key-of-sixty-and-more-letters-for-this-one-test-only-0123",
        TOKEN_ENCRYPTION_KEYS=KEY,
        EMAIL_URL="smtp+tls://desk:S3cret@mail.portal.example:587",
        TRUSTED_PROXIES="10.0.0.0/8",
        MFA_REQUIRED_ROLES="Administrators",
    )

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_portal_does_not_migrate_with_the_wrong_keys(migrated_state: Path) -> None:
    with contextlib.closing(sqlite3.connect(migrated_state / DATABASE)) as database, database:
        needed = "SELECT name, type FROM pragma_table_info('clients_credential') WHERE \"notnull\" AND NOT pk"
        values = {"datetime": "2026-11-20 12:00:00", "char(32)": "0" * 32}
        row = {name: values.get(type_, 0) for name, type_ in database.execute(needed)}
        row["token_sealed"] = "0a1b2c3d:sealed under another key"
        names, places = ", ".join(row), ", ".join("?" * len(row))
        insert = f"INSERT INTO clients_credential ({names}) VALUES ({places})"  # noqa: S608 - the columns' own names
        database.execute(insert, [*row.values()])

    refused = run_manage("migrate", state=migrated_state, TOKEN_ENCRYPTION_KEYS=KEY)

    assert refused.returncode == 1
    assert "numberdesk.E008" in refused.stderr
    assert "Traceback" not in refused.stderr
