"""F11: clocks that are an hour ahead or behind, and clocks that are set while everything runs.

What times in the database that have not come may do is held by tests/phones/sync/test_clocks.py.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from portal.sandbox.controls.launch import serving
from tests.drills.installed import DRILL, PRACTICE, make_due, readings, wait_for
from tests.drills.on_sqlite import OnSqlite
from tests.processes.installation import Installation, stopped_afterwards, wait_until

pytestmark = DRILL

TICKS_WITHOUT_A_STORM = 8
LATE = "SELECT count(*) FROM clients_waba WHERE last_synced_at IS NULL OR last_synced_at < %s OR last_synced_at > %s"


class WrongClock:
    """A clock that is off by what its file says, from one look to the next. Intervals are right."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set(0)

    def set(self, hours: int) -> None:
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(str(hours))
        unfinished.rename(self._file)

    def environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(Path(__file__).parent / "wrong_clock"), "WRONG_CLOCK": str(self._file)}


def test_a_worker_and_a_scheduler_whose_clocks_are_hours_apart_and_jump_read_each_waba_once(
    installation: Installation, tmp_path: Path
) -> None:
    right = dict(installation.environment) | {"LOG_LEVEL": "WARNING"}
    of_worker, of_beat = WrongClock(tmp_path / "worker"), WrongClock(tmp_path / "beat")
    installation.environment = right | of_worker.environment()
    worker = installation.start_worker()
    installation.environment = right | of_beat.environment()
    beat = installation.start_beat()
    installation.environment = right
    with stopped_afterwards(worker, beat):
        for ahead, behind in ((0, 0), (1, -1), (-1, 1), (0, 0)):
            of_worker.set(ahead)
            of_beat.set(behind)
            _each_is_read_once(installation)
        assert (worker.poll(), beat.poll()) == (None, None)
    assert "Traceback" not in installation.log()


def test_a_machine_whose_clock_is_set_forth_and_back_reads_what_is_due(tmp_path: Path) -> None:
    clock = WrongClock(tmp_path / "clock")
    with serving(PRACTICE) as graph:
        installation = OnSqlite(tmp_path, tmp_path / "log", graph)
        right = dict(installation.environment)
        installation.environment = right | clock.environment()
        parts = installation.start_all()
        installation.environment = right
        with stopped_afterwards(*parts):
            for ahead in (0, 1, 0, -1, 0):
                clock.set(ahead)
                _each_is_read_once(installation, ahead=datetime.timedelta(hours=ahead))
    assert "Traceback" not in installation.log()


def _each_is_read_once(installation: Installation, *, ahead: datetime.timedelta = datetime.timedelta()) -> None:
    """`ahead` is how far the clock that counts is off, by which every moment is stored."""
    since = make_due(installation, ahead=ahead)
    before = readings(installation)
    wait_until(
        lambda: installation.ask(LATE, since, datetime.datetime.now(datetime.UTC) + ahead) == 0, installation.log
    )
    ticked = datetime.datetime.now(datetime.UTC) + ahead + datetime.timedelta(seconds=TICKS_WITHOUT_A_STORM)
    wait_for(installation, "SELECT at > %s FROM phones_heartbeat WHERE name = 'tick'", ticked)
    wait_for(installation, "SELECT count(*) = 0 FROM clients_waba WHERE lease_token IS NOT NULL")
    read = readings(installation) - before
    assert len(read) == PRACTICE.wabas
    assert set(read.values()) == {1}
