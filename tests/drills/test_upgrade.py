"""F64: the last release's desk, with a row in every table, gets this release's tables under it, and then its code.

The old code goes on with the new tables, as docs/deployment.md has it: a list, a number's page, a reading, Meta's
events, and something done at Meta. The new code then does the same, and finds every row again.
"""

from __future__ import annotations

import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from portal.sandbox.controls.launch import serving
from tests import servers
from tests.drills import every_table
from tests.drills.installed import (
    DRILL,
    PRACTICE,
    Meta,
    environment_of,
    make_due,
    wait_for,
    wait_for_readings,
    wait_for_web,
)
from tests.drills.last_release import NoReleaseError, installed, last_release
from tests.drills.on_sqlite import OnSqlite
from tests.drills.test_kills import largest_waba, numbers_of
from tests.migrated import ROOT
from tests.processes.desk import do
from tests.processes.installation import Installation, stopped_afterwards
from tests.processes.overheard import Visitor
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD, added, registrations

pytestmark = DRILL

# What is told of a moment or summed up, and written anew all the time.
PASSES = {"django_session", "phones_heartbeat", "phones_numbercount"}
TABLES_ON_POSTGRESQL = "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
# Without those behind the search index, which is made anew of the others.
TABLES_ON_SQLITE = "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'"

Rows = dict[str, list[dict[str, object]]]


@pytest.fixture(scope="module")
def release() -> Path:
    """The folder with the code of the last release."""
    try:
        return installed(last_release())
    except NoReleaseError as why:
        pytest.skip(str(why))


@pytest.fixture
def on_postgresql(tmp_path: Path, release: Path) -> Iterator[Installation]:
    with servers.postgres() as database, servers.redis() as broker, serving(PRACTICE) as graph:
        environment = {**environment_of(graph, tmp_path), "DATABASE_URL": database, "REDIS_URL": broker}
        made = Installation(environment, tmp_path / "log", graph)
        run_by(made, release)
        yield made
        made.forget()


@pytest.fixture
def on_sqlite(tmp_path: Path, release: Path) -> Iterator[OnSqlite]:
    with serving(PRACTICE) as graph:
        made = OnSqlite(tmp_path, tmp_path / "log", graph, tables=False)
        run_by(made, release)
        yield made


def test_on_postgresql_the_old_code_works_on_the_new_tables_and_the_new_code_loses_nothing(
    on_postgresql: Installation,
) -> None:
    meta = Meta(on_postgresql)
    fill_every_table(on_postgresql, meta)
    with stopped_afterwards(on_postgresql.start_web()):
        wait_for_web(on_postgresql)
        before = rows(on_postgresql)
        migrate(on_postgresql)
        assert lost(before, on_postgresql) == {}
        with stopped_afterwards(on_postgresql.start_worker(), on_postgresql.start_beat()):
            work(on_postgresql, meta)
    work_by_the_new_code(on_postgresql, meta, before)


def test_on_sqlite_the_old_code_works_on_the_new_tables_and_the_new_code_loses_nothing(on_sqlite: OnSqlite) -> None:
    meta = Meta(on_sqlite)
    fill_every_table(on_sqlite, meta)
    before = rows(on_sqlite)
    migrate(on_sqlite)
    assert lost(before, on_sqlite) == {}
    with stopped_afterwards(*on_sqlite.start_all()):
        work(on_sqlite, meta)
    work_by_the_new_code(on_sqlite, meta, before)


def run_by(installation: Installation, code: Path) -> None:
    installation.code = code
    installation.python = Path(sys.executable) if code == ROOT else code / ".venv/bin/python"


def fill_every_table(installation: Installation, meta: Meta) -> None:
    """By work that is done with the old code; and where that leaves a table empty, by a row of any kind."""
    installation.manage("migrate", "-v0")
    installation.manage("shell", "-c", MAKE_LEAD)
    with stopped_afterwards(*installation.start_all()):
        work(installation, meta)
        wait_for(installation, "SELECT count(*) > 0 FROM phones_health")
    command = [str(installation.python), every_table.__file__]
    done = subprocess.run(command, cwd=installation.code, env=installation.environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, []), done.stdout + done.stderr


def migrate(installation: Installation) -> None:
    """As docs/deployment.md says: by the new code, put beside the old."""
    old = installation.code
    run_by(installation, ROOT)
    installation.manage("migrate", "-v0")
    run_by(installation, old)


def work(installation: Installation, meta: Meta) -> None:
    """What people and Meta do all day; each of these writes, and shows what was written."""
    lead = Visitor(installation.environment["PUBLIC_URL"], [])
    wait_for_web(installation)
    lead.get("/login/")
    lead.post("/login/", username="lead", password=PASSWORD)

    name = f"Renamed by {uuid.uuid4().hex}"
    waba = largest_waba(installation)
    renamed = numbers_of(installation, waba)[0]
    installation.practice("PATCH", f"numbers/{renamed}", {"set": {"verified_name": name}, "unset": []})
    (new,) = added(installation, waba, {}, 1)
    wait_for_readings(installation, make_due(installation))
    assert f'data-phone-number-id="{new}"' in lead.get("/phones/")
    assert name in lead.get(f"/phones/{renamed}/")

    assert meta.send() == 200
    wait_for(installation, "SELECT count(*) > 0 FROM phones_event")
    wait_for(installation, "SELECT count(*) = 0 FROM phones_event WHERE state = 'waiting'")
    meta.assert_nothing_was_lost()

    do(lead, new, "register", source="generate")
    wait_for(installation, "SELECT count(*) = 0 FROM phones_action WHERE closed_at IS NULL")
    assert registrations(installation)[new] == 1


def work_by_the_new_code(installation: Installation, meta: Meta, before: Rows) -> None:
    """It goes on where the old code ended, and no row is gone that there was before."""
    run_by(installation, ROOT)
    with stopped_afterwards(*installation.start_all()):
        work(installation, meta)
    now = rows(installation)
    gone = {table: ids for table in before if (ids := keys(before[table]) - keys(now[table]))}
    assert gone == {}
    assert "Traceback" not in installation.log()


def rows(installation: Installation) -> Rows:
    """Every row of every table, by the name of the table."""
    on_sqlite = isinstance(installation, OnSqlite)
    names = {str(row["name"]) for row in installation.rows(TABLES_ON_SQLITE if on_sqlite else TABLES_ON_POSTGRESQL)}
    return {name: installation.rows(f'SELECT * FROM "{name}"') for name in names - PASSES}  # noqa: S608 - ours


def lost(before: Rows, installation: Installation) -> Rows:
    """The rows that are not there any more as they were, by their columns of then."""
    now = rows(installation)
    found: Rows = {}
    for table, old in before.items():
        kept = Counter(told(row, old[0]) for row in now.get(table, []))
        missing = Counter(told(row, row) for row in old) - kept
        if missing:
            found[table] = [dict(row) for row in missing]
    return found


def told(row: Mapping[str, object], columns: Iterable[str]) -> tuple[tuple[str, str], ...]:
    return tuple((column, repr(row.get(column))) for column in columns)


def keys(found: list[dict[str, object]]) -> set[object]:
    return {row["id"] for row in found if "id" in row}
