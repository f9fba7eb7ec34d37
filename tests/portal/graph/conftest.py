"""A scripted server for each test, and clients that talk to it without ever pausing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portal.graph import GraphClient, GraphConfig
from portal.graph.writes import GraphWriter
from tests.scripted_graph import ScriptedGraph

MakeClient = Callable[..., GraphClient]
MakeWriter = Callable[..., GraphWriter]


@pytest.fixture
def graph() -> Iterator[ScriptedGraph]:
    with ScriptedGraph() as server:
        yield server
        assert not server.unexpected, "requests that no test meant to allow"


@pytest.fixture
def pauses() -> list[float]:
    """The pauses between tries; none of them is really made."""
    return []


@pytest.fixture
def make_client(graph: ScriptedGraph, pauses: list[float]) -> Iterator[MakeClient]:
    made: list[GraphClient] = []

    def make(**config: Any) -> GraphClient:
        values: dict[str, Any] = {"api_url": graph.url, "retries": 0, **config}
        made.append(GraphClient(GraphConfig(**values), sleep=pauses.append, random=lambda: 1.0))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: MakeClient) -> GraphClient:
    """A client that tries once."""
    return make_client()


@pytest.fixture
def make_writer(make_client: MakeClient) -> MakeWriter:
    return lambda **config: GraphWriter(make_client(**config).transport)


@pytest.fixture
def writer(client: GraphClient) -> GraphWriter:
    """A writer over the connections of `client`."""
    return GraphWriter(client.transport)
