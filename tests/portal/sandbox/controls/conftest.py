"""A callback that remembers what it takes."""

from collections.abc import Iterator

import pytest

from tests.portal.sandbox.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found
