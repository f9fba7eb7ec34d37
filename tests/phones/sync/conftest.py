"""A practice server for sync tests: small, still, and fully readable unless a test asks for more."""

from collections.abc import Iterator
from typing import Any

import pytest

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
