"""A backup taken while others write, and the portal that comes back from it: whole, and sending nothing twice."""

import datetime
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client, Credential, User
from phones.bulk_choices import BulkKind, BulkState
from phones.choices import ActionKind, ActionState
from phones.models import Action, BulkRun, Heartbeat, PhoneNumber
from portal.backup import take
from tests.conftest import SignIn
from tests.factories import TOKEN, make_number

NOW = datetime.datetime.now(datetime.UTC)


def backup(into: Path, *options: str) -> Path:
    out = StringIO()
    call_command("backup", "--into", str(into), *options, stdout=out)
    return Path(out.getvalue().strip())


@contextmanager
def somebody_writes() -> Iterator[None]:
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            Client.objects.bulk_create(Client(name=f"Written meanwhile {number}") for number in range(20))
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_what_was_backed_up_while_others_wrote_comes_back_and_nothing_is_sent_again(
    tmp_path: Path, team_lead: User, sign_in: SignIn
) -> None:
    number = make_number(verified_name="Kept")
    browser = sign_in(team_lead)
    pending = Action.objects.create(
        number=number, kind=ActionKind.REGISTER, state=ActionState.PENDING, created_at=NOW, waba=number.waba
    )
    run = BulkRun.objects.create(
        kind=BulkKind.REGISTER, state=BulkState.RUNNING, requested_by=team_lead, created_at=NOW, chosen=1, due_at=NOW
    )
    with somebody_writes():
        folder = backup(tmp_path, "--with-keys")
    assert folder.stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}

    # After it: the action was sent and done, and then the database was lost.
    PhoneNumber.objects.update(verified_name="Lost")
    Action.objects.all().delete()
    with pytest.raises(CommandError, match="not empty"):
        call_command("restore", str(folder))
    Heartbeat.note("tick")
    with pytest.raises(CommandError, match="Stop web, worker and scheduler"):
        call_command("restore", str(folder), "--replace")
    call_command("restore", str(folder), "--replace", "--stopped")

    assert PhoneNumber.objects.get().verified_name == "Kept"
    assert Credential.objects.get().open_token() == TOKEN
    restored = Action.objects.get(pk=pending.pk)
    assert (restored.state, restored.sent_at, restored.closed_at) == (ActionState.UNKNOWN, restored.created_at, None)
    run.refresh_from_db()
    assert (run.state, run.due_at) == (BulkState.PAUSED, None)
    assert browser.get("/").status_code == 302, "sessions have ended"
    call_command("verify_audit_log", stdout=StringIO())


@pytest.mark.django_db(transaction=True)
def test_a_damaged_backup_is_refused_before_anything_is_touched(tmp_path: Path) -> None:
    make_number(verified_name="Here")
    folder = backup(tmp_path)
    (file,) = (path for path in folder.iterdir() if path.name.startswith("db."))
    file.write_bytes(file.read_bytes()[:-4096])
    with pytest.raises(CommandError, match="cut off or changed"):
        call_command("restore", str(folder), "--replace")
    (folder / "manifest.json").unlink()
    with pytest.raises(CommandError, match="is no backup"):
        call_command("restore", str(folder), "--replace")
    assert PhoneNumber.objects.get().verified_name == "Here"


@pytest.mark.django_db(transaction=True)
def test_backups_are_taken_when_they_are_due_and_the_oldest_go(tmp_path: Path, settings: Settings) -> None:
    assert take.take_if_due() is None, "none is wanted"
    settings.BACKUP_DIR, settings.BACKUP_HOURS, settings.BACKUP_KEPT = str(tmp_path / "kept"), 24, 2
    began, made = timezone.now(), []
    for hours in (0, 23, 25, 50):
        with time_machine.travel(began + datetime.timedelta(hours=hours), tick=False):
            made.append(take.take_if_due())
    assert [one is not None for one in made] == [True, False, True, True]
    assert take.backups_in(tmp_path / "kept") == [made[2], made[3]]
    if connection.vendor == "sqlite" and made[3] is not None:
        with closing(sqlite3.connect(made[3] / "db.sqlite3")) as copy:
            assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
