"""The writer for Meta's Graph API, made here alone so that nothing outside this package gets one by the way."""

from clients.gateway import graph_client
from portal.graph.writes import GraphWriter


def graph_writer() -> GraphWriter:
    """The writer, over the connections of `graph_client()`. Raises ValueError as that does."""
    return GraphWriter(graph_client().transport)
