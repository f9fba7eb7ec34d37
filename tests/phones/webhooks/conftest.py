"""A program on loopback that takes what is posted to it."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.phones.webhooks.posted import TAKEN
from tests.scripted_graph import ScriptedGraph


@pytest.fixture
def program(settings: Settings) -> Iterator[ScriptedGraph]:
    settings.CHANNELS_MAY_BE_PRIVATE = True
    with ScriptedGraph() as server:
        server.always(TAKEN)
        yield server
