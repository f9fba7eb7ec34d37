"""Production-like installations, on a real PostgreSQL and a real Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests import servers
from tests.processes.installation import Installation, installed

_databases = count(1)


@pytest.fixture(scope="session")
def migrated() -> Iterator[str]:
    """A PostgreSQL whose database is migrated and empty; its address."""
    with servers.postgres() as address:
        servers.migrate(address)
        yield address


@pytest.fixture(scope="session")
def new_database(migrated: str) -> Callable[[], str]:
    """A function that makes a copy of that database, and gives its address."""
    server, _, template = migrated.rpartition("/")

    def made() -> str:
        name = f"desk{next(_databases)}"
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return f"{server}/{name}"

    return made


@pytest.fixture
def database(new_database: Callable[[], str]) -> str:
    """The address of a database of its own for one test."""
    return new_database()


@pytest.fixture
def installation(tmp_path: Path, database: str) -> Iterator[Installation]:
    """An installation for one test."""
    with installed(tmp_path, database) as made:
        yield made
