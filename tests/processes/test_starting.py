"""Web, worker and scheduler refuse to start with settings that make them unsafe or useless, and say which and why."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as project

from portal.local.secrets import new_encryption_key
from tests.processes.installation import MARKS, documented

pytestmark = MARKS

PARTS = ["gunicorn", "celery -A portal worker", "celery -A portal beat"]
PUBLIC = {
    "PUBLIC_URL": "https://portal.example",
    "SECRET_KEY": "k" * 60,
    "TOKEN_ENCRYPTION_KEYS": new_encryption_key(),
    "TRUSTED_PROXIES": "127.0.0.1",
}
STORE_A_TOKEN = """
from clients.models import Credential
credential = Credential(kind="system_user", label="A")
credential.store_token("EAAtoken")
credential.save()
"""


@pytest.mark.parametrize("part", PARTS)
def test_wrong_settings_stop_every_process_with_the_words_of_the_checks(tmp_path: Path, part: str) -> None:
    refused = _run(
        part, tmp_path, **{**PUBLIC, "TOKEN_ENCRYPTION_KEYS": "nonsense", "DEBUG": "true", "TRUSTED_PROXIES": ""}
    )
    unset = _run(part, tmp_path, **{**PUBLIC, "SECRET_KEY": ""})

    for ended in (refused, unset):
        assert ended.returncode != 0
        assert "Traceback" not in ended.stdout + ended.stderr
    assert "(numberdesk.E004) Key 1 of 1 in TOKEN_ENCRYPTION_KEYS is not a Fernet key" in refused.stderr
    assert "(numberdesk.E007) DEBUG is on and PUBLIC_URL is not this machine" in refused.stderr
    assert "(numberdesk.E032) PUBLIC_URL is https, so a proxy is in front, and TRUSTED_PROXIES is not" in refused.stderr
    assert "SECRET_KEY is not set" in unset.stderr


def test_a_lost_encryption_key_stops_every_process_and_the_words_say_how_to_go_on(
    tmp_path: Path, database: str
) -> None:
    before = {**PUBLIC, "DATABASE_URL": database}
    stored = _start([sys.executable, "manage.py", "shell", "-c", STORE_A_TOKEN], tmp_path, **before)
    assert stored.returncode == 0, stored.stderr

    for part in PARTS:
        refused = _run(part, tmp_path, **{**before, "TOKEN_ENCRYPTION_KEYS": new_encryption_key()})

        assert refused.returncode != 0, part
        assert "(numberdesk.E008) None of the stored secrets can be read under TOKEN_ENCRYPTION_KEYS" in refused.stderr
        assert "rotate_tokens --forget-unreadable" in refused.stderr
        assert "Traceback" not in refused.stdout + refused.stderr


def _run(part: str, state: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    program, *arguments = documented(part)
    return _start([str(Path(sys.executable).parent / program), *arguments], state, **environment)


def _start(command: list[str], state: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=project.BASE_DIR,
        env={"PATH": "/usr/bin:/bin", "BIND": "127.0.0.1:0", "STATE_DIR": str(state), **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )
