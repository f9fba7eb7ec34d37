"""F14: a disk that is full, a database that takes nothing. Meta is answered 200 for what is stored and nothing else.

SQLite as it can be tried without a disk of its own: tests/portal/web/test_database_away.py.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.sandbox.controls.launch import serving
from tests import servers
from tests.drills.installed import (
    DRILL,
    PRACTICE,
    Meta,
    assert_all_is_made_good,
    assert_log_is_short,
    make_due,
    readiness,
    wait_for_status,
    wait_for_web,
)
from tests.drills.on_sqlite import OnSqlite
from tests.processes.installation import Installation, stopped_afterwards
from tests.processes.test_bulk_run import MAKE_LEAD, PASSWORD
from tests.signed_in import Person

pytestmark = DRILL

SAYS_SO = "The desk can’t work at this moment"


class SmallDisk:
    """A file system in memory that can be filled up."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self.folder = folder
        mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0777", "numberdesk-drill", str(folder)]
        subprocess.run(mount, check=True)

    def fill(self) -> None:
        with (self.folder / "filling").open("ab", buffering=0) as filling:
            for size in (1 << 20, 1 << 12):
                try:
                    while filling.write(b"x" * size) == size:
                        pass
                except OSError:
                    continue

    def make_room(self) -> None:
        (self.folder / "filling").unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


@pytest.fixture
def disk() -> Iterator[SmallDisk]:
    if os.geteuid() != 0:
        pytest.fail("A full disk can be made by root only: run this drill as root, or in a container.")
    # Not in pytest's own folder, which PostgreSQL's user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="numberdesk-disk-"))
    made = SmallDisk(folder, 100)
    try:
        yield made
    finally:
        made.remove()
        folder.rmdir()


def test_events_that_a_full_postgresql_does_not_store_are_refused_and_come_again(
    disk: SmallDisk, cluster: servers.Cluster, on_cluster: Installation
) -> None:
    place = disk.folder / "tables"
    place.mkdir(mode=0o700)
    os.chown(place, *_owner(cluster))
    with psycopg.connect(f"{cluster.address.rpartition('/')[0]}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE TABLESPACE small LOCATION '{place}'".encode())
        connection.execute(b"ALTER DATABASE desk SET TABLESPACE small")

    _events_survive_a_full_disk(on_cluster, disk)


def test_events_that_a_full_sqlite_does_not_store_are_refused_and_come_again(disk: SmallDisk, tmp_path: Path) -> None:
    with serving(PRACTICE) as graph:
        _events_survive_a_full_disk(OnSqlite(disk.folder, tmp_path / "log", graph), disk)


def test_a_read_only_postgresql_is_told_to_meta_to_people_and_to_whoever_watches(on_cluster: Installation) -> None:
    meta, began = Meta(on_cluster), time.monotonic()
    on_cluster.manage("shell", "-c", MAKE_LEAD)
    parts = on_cluster.start_all()
    with stopped_afterwards(*parts):
        wait_for_web(on_cluster)
        lead = Person(on_cluster.environment["PUBLIC_URL"], "lead", PASSWORD)
        assert meta.send() == 200
        since = make_due(on_cluster)
        _read_only(on_cluster, "on")
        wait_for_status(meta.send, 503, on_cluster)
        assert meta.send() == 503, "one alone may be a lock, to readiness"
        form = {"scope": "everything", "csrfmiddlewaretoken": lead.session.cookies["csrf"]}
        for _ in range(5):
            answer = lead.session.post(f"{lead.address}/syncs/start/", form, timeout=30)
            assert (answer.status_code, SAYS_SO in answer.text) == (503, True)
        assert readiness(on_cluster)[0] == 503
        _read_only(on_cluster, "off")
        assert_all_is_made_good(on_cluster, meta, parts, since)
    assert_log_is_short(on_cluster, began)


def _read_only(installation: Installation, word: str) -> None:
    """As a server is that became a replica: whoever has a connection gets a new one."""
    address = installation.environment["DATABASE_URL"].rpartition("/")[0]
    with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE desk SET default_transaction_read_only = {word}".encode())
        connection.execute(b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'desk'")


def _owner(cluster: servers.Cluster) -> tuple[int, int]:
    found = Path(cluster.folder).stat()
    return found.st_uid, found.st_gid


def _events_survive_a_full_disk(installation: Installation, disk: SmallDisk) -> None:
    meta, began = Meta(installation, changes=200), time.monotonic()
    installation.manage("shell", "-c", MAKE_LEAD)
    parts = installation.start_all()
    with stopped_afterwards(*parts):
        wait_for_web(installation)
        lead = Person(installation.environment["PUBLIC_URL"], "lead", PASSWORD)
        assert meta.send() == 200
        disk.fill()
        # What was freed within the tables is used up first.
        wait_for_status(meta.send, 503, installation)
        assert meta.send() == 503, "one alone may be a lock, to readiness"
        assert readiness(installation)[0] == 503
        # Reading needs no room; a page that writes says what is wrong.
        page = lead.session.get(f"{lead.address}/phones/", timeout=30)
        assert page.status_code == 200 or (page.status_code == 503 and SAYS_SO in page.text)
        disk.make_room()
        assert_all_is_made_good(installation, meta, parts, make_due(installation))
    assert_log_is_short(installation, began)
