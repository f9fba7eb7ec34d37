"""The writer for Meta's Graph API. Whoever changes something at Meta gets it here, and no other module makes one."""

from clients.gateway import graph_client
from portal.graph.writes import GraphWriter


def graph_writer() -> GraphWriter:
    """The writer, over the connections of `graph_client()`. Raises ValueError as that does."""
    return GraphWriter(graph_client().transport)


__all__ = ["GraphWriter", "graph_writer"]
