"""A real PostgreSQL and a real Redis for tests: private, on free ports, gone afterwards.

    python -m tests.servers COMMAND …

runs a command with DATABASE_URL pointing at a private PostgreSQL, and says so when there is none on this machine.
"""

from __future__ import annotations

import contextlib
import fcntl
import glob
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.migrated import KEPT, ROOT, decided_by

START_SECONDS = 60
NO_POSTGRES = "PostgreSQL is not installed here: nothing was run on it. (Debian: apt-get install postgresql)"


def postgres_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, the newest where there are several."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(map(Path, glob.glob("/usr/lib/postgresql/*/bin")), key=lambda path: float(path.parent.name))
    folders = [folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return folders[-1] if folders else None


def redis_binary() -> str | None:
    """The Redis (or Valkey) server's program."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A private PostgreSQL in a folder of its own, which can be stopped and started again."""

    def __init__(self, folder: str, binaries: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"postgres://desk@127.0.0.1:{self.port}/desk"
        self._binaries, self._data = binaries, str(Path(folder) / "data")
        # PostgreSQL refuses to run as root.
        self.user = _ordinary_user() if os.geteuid() == 0 else None
        if self.user is not None:
            shutil.chown(folder, self.user)
        self._quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "user": self.user,
            "cwd": folder,
        }
        initdb = [str(binaries / "initdb"), "-D", self._data, "-U", "desk", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, **self._quiet)  # type: ignore[call-overload] # keywords in a dict
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        options = ["-F", "-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={self.folder}"]
        options += ["-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=60"]
        # Between two tests it finds every table empty, and the next one's statements are planned for no rows at all.
        options += ["-c", "autovacuum=off"]
        postgres = [str(self._binaries / "postgres"), "-D", self._data, "-p", str(self.port), *options]
        server: subprocess.Popen[bytes] = subprocess.Popen(postgres, **self._quiet)  # type: ignore[call-overload] # likewise
        self._server = server
        _wait_for(lambda: _answers(self.port), server, "PostgreSQL")

    def create_database(self) -> None:
        createdb = [str(self._binaries / "createdb"), "-h", "127.0.0.1", "-p", str(self.port), "-U", "desk", "desk"]
        assert self._server is not None
        _wait_for(lambda: subprocess.run(createdb, **self._quiet).returncode == 0, self._server, "PostgreSQL")  # type: ignore[call-overload] # likewise

    def stop(self) -> None:
        """At once, whoever is still connected."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait(30)
            self._server = None


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """A new cluster with one empty database, started. RuntimeError when it can't be."""
    binaries = postgres_binaries()
    if binaries is None:
        raise RuntimeError(NO_POSTGRES)
    with tempfile.TemporaryDirectory(prefix="numberdesk-pg-") as folder:
        made = Cluster(folder, binaries)
        try:
            made.start()
            made.create_database()
            yield made
        finally:
            made.stop()


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A new cluster with one empty database; its address as a DATABASE_URL. RuntimeError when it can't be started."""
    with cluster() as made:
        yield made.address


@contextlib.contextmanager
def redis(port: int | None = None) -> Iterator[str]:
    """An empty Redis; its address as a REDIS_URL. RuntimeError when there is none on this machine."""
    binary = redis_binary()
    if binary is None:
        raise RuntimeError("Redis is not installed here. (Debian: apt-get install redis-server)")
    port = port or free_port()
    with tempfile.TemporaryDirectory(prefix="numberdesk-redis-") as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"]
        server = subprocess.Popen([binary, *options], stdout=subprocess.DEVNULL)
        try:
            _wait_for(lambda: _answers(port), server, "Redis")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait(10)


def migrate(address: str) -> None:
    """Make every table in the empty database at this address, as they were kept when it was done before."""
    binaries = postgres_binaries()
    assert binaries is not None, NO_POSTGRES
    kept = KEPT / f"{decided_by()}-{binaries.parent.name}.sql"
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock-postgresql").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            psql = [
                str(binaries / "psql"),
                "--no-psqlrc",
                "--quiet",
                "--set=ON_ERROR_STOP=1",
                f"--file={kept}",
                address,
            ]
            subprocess.run(psql, check=True, stdout=subprocess.DEVNULL, timeout=100)
            return
        environment = {"PATH": os.environ["PATH"], "DATABASE_URL": address, "SECRET_KEY": "k" * 60}
        command = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=300)
        for old in KEPT.glob("*.sql"):
            old.unlink()
        unfinished = kept.with_suffix(".unfinished")
        subprocess.run(
            [str(binaries / "pg_dump"), "--no-owner", f"--file={unfinished}", address], check=True, timeout=300
        )
        unfinished.rename(kept)


def _ordinary_user() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(ready: Callable[[], bool], server: subprocess.Popen[bytes], name: str) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    while not ready():
        if server.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"{name} did not start.")
        time.sleep(0.05)


def main(command: list[str]) -> int:
    """Run `command` on a private PostgreSQL; its exit status, or 0 with a sentence when there is no PostgreSQL."""
    if postgres_binaries() is None:
        print(NO_POSTGRES)  # noqa: T201 - this is a command
        return 0
    with postgres() as address:
        environment = {**os.environ, "DATABASE_URL": address}
        migrate(address)
        # What the processes of the tests make their own databases from.
        environment["MIGRATED_DATABASE"] = address.rpartition("/")[2]
        return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
