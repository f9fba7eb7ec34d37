"""`manage.py sync` as a person or a cron job uses it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command

from clients.models import Waba
from phones.models import PhoneNumber
from portal.sandbox.controls.launch import Options, Serving, serving
from tests.practice import Practice

TOTALS = re.compile(
    r"^wabas=\d+ numbers=\d+ added=\d+ changed=\d+ unchanged=\d+ missing=\d+ failed=\d+ "
    r"graph_calls=\d+ seconds=[\d.]+$",
    re.MULTILINE,
)


@pytest.fixture
def server() -> Iterator[Serving]:
    with serving(Options(port=0, still=True, wabas=6, numbers=20, healthy=True)) as running:
        yield running


def manage(state: Path, environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A management command in a process of its own, with nothing but this environment and an own database."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=project.BASE_DIR,
        env={"PATH": os.environ["PATH"], "STATE_DIR": str(state), "LOG_LEVEL": "WARNING", **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_an_empty_database_is_filled_from_the_environment_alone(server: Serving, migrated_state: Path) -> None:
    environment = server.credentials.environment(server.url)
    done = manage(migrated_state, environment, "sync")
    assert done.returncode == 0, done.stdout + done.stderr
    assert TOTALS.search(done.stdout)
    assert "added=20 " in done.stdout
    assert environment["META_SYSTEM_USER_TOKEN"] not in done.stdout + done.stderr
    again = manage(migrated_state, environment, "sync")
    assert "added=0 changed=0 unchanged=20 " in again.stdout


@pytest.mark.django_db
def test_without_any_token_it_says_what_to_set_and_exits_with_2() -> None:
    with pytest.raises(CommandError, match="META_SYSTEM_USER_TOKEN") as error:
        call_command("sync")
    assert error.value.returncode == 2


@pytest.mark.django_db
def test_one_line_a_failing_waba_and_exit_status_1(whole_practice: Practice, capsys: Any) -> None:
    with pytest.raises(SystemExit) as exit_:
        call_command("sync")
    assert exit_.value.code == 1
    lines = capsys.readouterr().out.strip().splitlines()
    assert len([line for line in lines if line.startswith("FAILED WABA")]) == 2
    assert TOTALS.match(lines[-1])
    assert "failed=2 " in lines[-1]


@pytest.mark.django_db
def test_one_waba_can_be_read_by_its_id(practice: Practice, capsys: Any) -> None:
    practice.already_read()
    waba = Waba.objects.all()[0]
    capsys.readouterr()
    call_command("sync", waba=[waba.waba_id])
    assert capsys.readouterr().out.startswith("wabas=1 ")


@pytest.mark.django_db
def test_one_client_can_be_read_by_its_name_in_any_case(practice: Practice, capsys: Any) -> None:
    practice.already_read()
    client = Waba.objects.all()[0].client
    client.name = "Café Łódź"
    client.save()
    capsys.readouterr()
    call_command("sync", client=[client.name.upper()])
    assert capsys.readouterr().out.startswith(f"wabas={client.wabas.count()} ")


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"waba": ["123"]}, {"client": ["Nobody"]}])
def test_an_unknown_waba_or_client_is_wrong_use(practice: Practice, wrong: dict[str, list[str]]) -> None:
    practice.already_read()
    before = PhoneNumber.objects.count()
    with pytest.raises(CommandError) as error:
        call_command("sync", **wrong)
    assert error.value.returncode == 2
    assert PhoneNumber.objects.count() == before
