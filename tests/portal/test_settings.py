"""The settings module under different environments, each in a process of its own, and what the settings promise."""

import ast
import atexit
import functools
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client as Browser

ROOT = Path(__file__).resolve().parents[2]
PUBLIC = {
    "PUBLIC_URL": "https://portal.example",
    "SECRET_KEY": "a-secret-key-of-sixty-and-more-letters-for-this-one-test-only-0123",
    "TOKEN_ENCRYPTION_KEYS": "first-key, second-key,",
}


# Gunicorn's own reading of its configuration, as on its command line.
GUNICORN = """
import json, sys
from gunicorn.app.wsgiapp import WSGIApplication
sys.argv = ["gunicorn", "-c", "portal/gunicorn.py"]
config = WSGIApplication("%(prog)s").cfg
print(json.dumps([config.bind, config.workers]))
"""


# Half a second of imports once, not for each of twenty scripts. Nothing of ours is loaded before a script runs.
FORKING = """
import json, os, sys, tempfile, traceback
import cryptography.fernet, django.core.management, django.http, structlog
for line in sys.stdin:
    asked = json.loads(line)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os.environ.clear()
            os.environ.update(asked["environment"])
            os.chdir(asked["folder"])
            sys.path.insert(0, "")
            code = 1
            try:
                exec(compile(asked["script"], "script", "exec"), {"__name__": "__main__"})
                code = 0
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        for stream in (out, err):
            stream.seek(0)
        found = {"returncode": status, "stdout": out.read().decode(), "stderr": err.read().decode()}
    print(json.dumps(found), flush=True)
"""


def load(state: Path, *names: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Import the settings with nothing in the environment but what is given, and print the named ones as JSON."""
    script = f"import json, portal.settings as s; print(json.dumps([getattr(s, name) for name in {list(names)}]))"
    return run(script, ROOT, state, **environment)


def run(script: str, folder: Path, state: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    whole = {"PATH": os.environ["PATH"], "STATE_DIR": str(state), **environment}
    asked = {"script": script, "folder": str(folder), "environment": whole}
    process = _forking()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(asked) + "\n")
    process.stdin.flush()
    return subprocess.CompletedProcess(script, **json.loads(process.stdout.readline()))


@functools.cache
def _forking() -> subprocess.Popen[str]:
    """A process that has loaded what the settings import of others, and runs each script in a copy of itself."""
    environment = {"PATH": os.environ["PATH"]}
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "-c", FORKING], stdin=pipe, stdout=pipe, env=environment, text=True)
    atexit.register(process.communicate)  # the end of its input ends it
    return process


def values(state: Path, *names: str, **environment: str) -> Any:
    done = load(state, *names, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


OPEN_A_DATABASE = """
import os, stat, sys
os.umask(0)
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
import django
django.setup()
from pathlib import Path
from django.db import connection
connection.cursor().execute("CREATE TABLE kept (value TEXT)")
folder = Path(connection.settings_dict["NAME"]).parent
print([(path.name, oct(stat.S_IMODE(path.stat().st_mode))) for path in sorted(folder.iterdir()) if path.is_file()])
"""


def test_what_is_kept_on_disk_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    elsewhere.mkdir()
    state.mkdir(mode=0o755)
    (state / "secret_key").write_text("a" * 60)  # as an older version or a copy may have left it
    (state / "secret_key").chmod(0o644)

    inside = run(OPEN_A_DATABASE, ROOT, state)
    outside = run(OPEN_A_DATABASE, ROOT, state, DATABASE_URL=f"sqlite:///{elsewhere / 'db.sqlite3'}")

    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    for done, kept in ((inside, {"db.sqlite3", "db.sqlite3-wal", "secret_key"}), (outside, {"db.sqlite3-shm"})):
        assert done.returncode == 0, done.stderr
        modes = dict(ast.literal_eval(done.stdout))
        assert kept <= modes.keys()
        assert set(modes.values()) == {"0o600"}, modes


def test_an_empty_environment_is_a_local_portal_that_keeps_its_own_secrets(tmp_path: Path) -> None:
    names = ("SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "DEBUG", "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "REDIS_URL")

    first, second = values(tmp_path, *names), values(tmp_path, *names)

    assert first == second
    secret_key, encryption_keys, debug, allowed, secure, redis_url = first
    assert len(secret_key) > 50
    assert len(encryption_keys) == 1
    assert (debug, secure, redis_url) == (False, False, "")
    assert set(allowed) == {"127.0.0.1", "localhost", "[::1]", "::1"}
    for kept in ("secret_key", "token_encryption_keys"):
        assert stat.S_IMODE((tmp_path / kept).stat().st_mode) == 0o600


def test_a_name_that_is_set_to_nothing_counts_as_not_set(tmp_path: Path) -> None:
    names = ("PUBLIC_URL", "GRAPH_API_URL", "GRAPH_API_VERSION", "SYNC_INTERVAL_MINUTES", "LOG_LEVEL", "ALLOWED_HOSTS")
    empty = dict.fromkeys([*names, "DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOKEN_ENCRYPTION_KEYS", "DEBUG"], "")

    assert values(tmp_path, *names, **empty) == values(tmp_path, *names)


@pytest.mark.parametrize("missing", ["SECRET_KEY", "TOKEN_ENCRYPTION_KEYS"])
def test_a_public_portal_without_its_secrets_refuses_to_start_and_says_why(tmp_path: Path, missing: str) -> None:
    refused = load(tmp_path, **{name: value for name, value in PUBLIC.items() if name != missing})

    assert refused.returncode != 0
    last_line = refused.stderr.strip().splitlines()[-1]
    assert f"{missing} is not set" in last_line
    assert "https://portal.example" in last_line
    assert not (tmp_path / missing.lower()).exists()


def test_a_mail_server_needs_no_password(tmp_path: Path) -> None:
    assert values(tmp_path, "EMAIL_HOST", **PUBLIC, EMAIL_URL="smtp+tls://mail.portal.example:587") == [
        "mail.portal.example"
    ]


def test_any_secret_may_come_from_a_file(tmp_path: Path) -> None:
    secrets: dict[str, object] = {
        "SECRET_KEY": "a-secret-key-of-sixty-and-more-letters-for-this-one-test-only-0123",
        "TOKEN_ENCRYPTION_KEYS": "newest, older",
        "META_SYSTEM_USER_TOKEN": "token",
        "META_APP_SECRET": "app-secret",
        "WEBHOOK_VERIFY_TOKEN": "verify",
        "REDIS_URL": "redis://:pass@cache.example/0",
        "SENTRY_DSN": "https://key@sentry.example/1",
        "METRICS_TOKEN": "metrics",
        "OIDC_CLIENT_SECRET": "oidc",
        "HTTPS_PROXY": "http://me:pass@proxy.example:3128",
        "SECRET_KEY_FALLBACKS": "former, older",
        "DATABASE_URL": "postgres://me:pass@db.example:5432/desk",
    }
    for name, secret in secrets.items():
        (tmp_path / name).write_text(f"{secret}\n")
    files = {f"{name}_FILE": str(tmp_path / name) for name in secrets}

    *found, databases = values(tmp_path, *(name for name in secrets if name != "DATABASE_URL"), "DATABASES", **files)

    secrets["TOKEN_ENCRYPTION_KEYS"] = ["newest", "older"]
    secrets["SECRET_KEY_FALLBACKS"] = ["former", "older"]
    assert dict(zip(secrets, found, strict=False)) == {k: v for k, v in secrets.items() if k != "DATABASE_URL"}
    assert databases["default"]["PASSWORD"] == "pass"


# --- What .env says ---------------------------------------------------------------------------------------------------


@pytest.fixture
def copied_portal(tmp_path: Path) -> Path:
    """A folder with the wiring of the portal, to put an `.env` into."""
    left_out = shutil.ignore_patterns("__pycache__", "sandbox", "graph")
    shutil.copytree(ROOT / "portal", tmp_path / "portal", ignore=left_out)
    return tmp_path


@pytest.mark.parametrize(
    ("lines", "environment", "bind", "workers"),
    [
        ("", {}, "127.0.0.1:8000", 1),
        ("REDIS_URL=redis://127.0.0.1:6379\n", {}, "127.0.0.1:8000", 2),
        ("BIND=127.0.0.1:8123\nWEB_CONCURRENCY=5\n", {"BIND": "127.0.0.1:8124"}, "127.0.0.1:8124", 5),
        ("WEB_CONCURRENCY=5\nEMBEDDED_WORKER=true\n", {}, "127.0.0.1:8000", 1),
        ("WEB_CONCURRENCY=5\nEMBEDDED_WORKER=true\n", {"EMBEDDED_WORKER": ""}, "127.0.0.1:8000", 5),
    ],
)
def test_gunicorn_does_what_the_environment_and_below_it_env_say(
    copied_portal: Path, lines: str, environment: dict[str, str], bind: str, workers: int
) -> None:
    (copied_portal / ".env").write_text(lines)

    done = run(GUNICORN, copied_portal, copied_portal, **environment)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[bind], workers]


def test_every_line_of_the_example_file_can_be_uncommented(copied_portal: Path) -> None:
    example = (ROOT / ".env.example").read_text()
    (copied_portal / ".env").write_text(re.sub(r"^# ([A-Z_]+=)", r"\1", example, flags=re.MULTILINE))

    done = run(GUNICORN, copied_portal, copied_portal)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["127.0.0.1:8000"], 2]
    defaults = ("GRAPH_API_URL", "META_SDK_URL", "SYNC_THREADS", "SYNC_INTERVAL_MINUTES", "REDIS_PREFIX", "DEBUG")
    script = f"import json, portal.settings as s; print(json.dumps([getattr(s, name) for name in {defaults}]))"
    assert json.loads(run(script, copied_portal, copied_portal).stdout) == values(copied_portal, *defaults)


def test_the_public_address_decides_about_hosts_origins_and_cookies(tmp_path: Path) -> None:
    found = values(
        tmp_path,
        "ALLOWED_HOSTS",
        "CSRF_TRUSTED_ORIGINS",
        "SESSION_COOKIE_NAME",
        "CSRF_COOKIE_NAME",
        "LANGUAGE_COOKIE_NAME",
        "SESSION_COOKIE_SECURE",
        "CSRF_COOKIE_SECURE",
        "SECURE_SSL_REDIRECT",
        "SECURE_HSTS_SECONDS",
        "TOKEN_ENCRYPTION_KEYS",
        **PUBLIC,
    )

    assert found == [
        ["portal.example"],
        ["https://portal.example"],
        "__Host-session",
        "__Host-csrf",
        "__Host-language",
        True,
        True,
        True,
        31_536_000,
        ["first-key", "second-key"],
    ]


def test_a_local_portal_sends_nobody_to_https(tmp_path: Path) -> None:
    found = values(tmp_path, "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS")

    assert found == [False, 0]


def test_postgresql_is_bounded_in_time(tmp_path: Path) -> None:
    (databases,) = values(tmp_path, "DATABASES", DATABASE_URL="postgres://me:pass@db.example:5432/desk?sslmode=require")

    options = databases["default"]["OPTIONS"]
    assert options["connect_timeout"] == 5
    assert options["sslmode"] == "require"
    assert "statement_timeout" in options["options"]
    assert databases["default"]["CONN_HEALTH_CHECKS"] is True


def test_sqlite_takes_its_locks_at_the_start_of_a_transaction(tmp_path: Path) -> None:
    (databases,) = values(tmp_path, "DATABASES")

    options = databases["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in options["init_command"]


def test_static_files_are_served_without_debug_and_without_a_build_step(client: Browser, settings: Any) -> None:
    settings.WHITENOISE_AUTOREFRESH = False  # as in production, where they are gathered when the portal starts
    answer = client.get("/static/admin/css/base.css")

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/css")


def test_every_name_that_settings_read_is_in_the_example_file() -> None:
    code = (ROOT / "portal" / "settings.py").read_text()
    names = re.findall(r'(?:env\.\w+|_secret)\(\s*"([A-Z_]+)"', code)
    example = (ROOT / ".env.example").read_text()

    assert len(names) > 20
    assert [name for name in names if f"# {name}=" not in example] == []


def test_nothing_but_the_settings_reads_the_environment() -> None:
    # Entry points say where the settings are, and `serve` hands its environment on to the processes it starts.
    allowed = {"portal/environment.py", "portal/local/serve.py"}
    entry_point = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")'
    reading = [
        str(path.relative_to(ROOT))
        for package in ("portal", "clients", "phones")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"\benviron\b|\bgetenv\b", path.read_text().replace(entry_point, ""))
    ]

    assert set(reading) == allowed
