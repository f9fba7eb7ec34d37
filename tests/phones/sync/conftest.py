"""A practice server for sync tests: small, still, and fully readable unless a test asks for more."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from phones.sync import lane_rows
from tests.phones.sync.lane_book import WABAS
from tests.practice import Practice, practice_server


@pytest.fixture
def practice(db: None, settings: Any) -> Iterator[Practice]:
    """Six WABAs with about thirty numbers."""
    with practice_server(settings, wabas=6, numbers=30, healthy=True) as server:
        yield server


@pytest.fixture
def whole_practice(db: None, settings: Any) -> Iterator[Practice]:
    """The book of `make run`: 56 WABAs, two of which can't be read."""
    with practice_server(settings) as server:
        yield server


@pytest.fixture
def lane_book(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Practice]:
    """A partner whose WABAs were read once."""
    monkeypatch.setattr(lane_rows, "COMPARED_AFTER", datetime.timedelta(days=100_000))  # none comes due in a test
    with practice_server(settings, wabas=WABAS, numbers=80, healthy=True) as server:
        server.already_read()
        yield server
