"""A production-like installation for one test, on a real PostgreSQL and a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from portal.sandbox.controls.launch import Options, serving
from tests import servers
from tests.processes.installation import LEASE_SECONDS, Installation

_databases = count(1)


@pytest.fixture(scope="session")
def migrated() -> Iterator[str]:
    """A PostgreSQL whose database is migrated and empty; its address."""
    with servers.postgres() as address:
        servers.migrate(address)
        yield address


@pytest.fixture
def database(migrated: str) -> str:
    """The address of a database of its own for one test."""
    server, _, template = migrated.rpartition("/")
    name = f"desk{next(_databases)}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    return f"{server}/{name}"


@pytest.fixture
def installation(tmp_path: Path, database: str) -> Iterator[Installation]:
    practice = Options(port=0, still=True, wabas=4, numbers=12, healthy=True)
    with servers.redis() as broker, serving(practice) as graph:
        environment = {
            **graph.credentials.environment(graph.url),
            "STATE_DIR": str(tmp_path / "made" / "by itself"),
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "SYNC_TICK_SECONDS": "1",
            "PAGES_A_MINUTE": "0",
            "SYNC_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        yield Installation(environment, tmp_path / "log", graph)
