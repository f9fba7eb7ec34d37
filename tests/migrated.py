"""A folder of local state with every table and no rows, made once for all processes that test the same migrations.

Migrating takes five seconds of a processor, and every process of a test run needs a database of its own: each copies
this one. It is kept beside pytest's own cache, under a name made of everything that decides its tables.
tests/servers.py keeps the same for PostgreSQL.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import connections
from django.db.utils import ConnectionHandler

ROOT = Path(__file__).resolve().parents[1]
DATABASE = "db.sqlite3"
KEPT = ROOT / ".pytest_cache" / "migrated"


def migrated() -> Path:
    """The folder: an SQLite database and the secrets that a local portal makes for itself. Copy it, never use it."""
    folder = KEPT / decided_by()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            for old in KEPT.glob("*/"):
                shutil.rmtree(old)
            with tempfile.TemporaryDirectory(dir=KEPT, prefix="unfinished-") as made:
                _migrate(Path(made) / "state")
                (Path(made) / "state").rename(folder)
    return folder


def decided_by() -> str:
    """Everything that decides what the tables look like: our migrations and the versions of everybody else's."""
    digest = hashlib.sha256()
    for path in [*sorted(ROOT.glob("*/migrations/*.py")), ROOT / "requirements.txt", ROOT / "portal/settings.py"]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def connected_to(path: Path) -> Iterator[None]:
    """Every statement goes to the SQLite database in this file, not to the one of all tests."""
    kept = connections["default"]
    settings = {**kept.settings_dict, "ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}, "NAME": str(path)}
    connections["default"] = ConnectionHandler({"default": settings})["default"]
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = kept


def _migrate(state: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "STATE_DIR": str(state)}
    command = [sys.executable, "manage.py", "migrate", "-v0"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
