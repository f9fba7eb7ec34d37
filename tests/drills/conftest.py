"""What drills break: an installation of their own each, and where they need it a PostgreSQL that they can stop."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.sandbox.controls.launch import serving
from tests import servers
from tests.drills.installed import PRACTICE, environment_of
from tests.processes.conftest import database, installation, migrated, new_database
from tests.processes.installation import Installation

__all__ = ["database", "installation", "migrated", "new_database"]


@pytest.fixture
def cluster() -> Iterator[servers.Cluster]:
    """A PostgreSQL of the drill's own, with every table."""
    with servers.cluster() as made:
        servers.migrate(made.address)
        yield made


@pytest.fixture
def on_cluster(tmp_path: Path, cluster: servers.Cluster) -> Iterator[Installation]:
    """An installation on it."""
    with servers.redis() as broker, serving(PRACTICE) as graph:
        environment = {**environment_of(graph, tmp_path), "DATABASE_URL": cluster.address, "REDIS_URL": broker}
        yield Installation(environment, tmp_path / "log", graph)
