"""The one Graph client of this process, made from the settings. Nothing here asks Graph anything."""

import os
from functools import lru_cache

from django.conf import settings

from portal.graph import GraphClient, GraphConfig


def graph_client() -> GraphClient:
    """The client to ask Graph with, shared by all threads of this process.

    Raises ValueError when GRAPH_API_URL or GRAPH_API_VERSION can't work (a system check says so beforehand).
    """
    config = GraphConfig(
        api_url=settings.GRAPH_API_URL,
        version=settings.GRAPH_API_VERSION,
        app_secret=settings.META_APP_SECRET,
    )
    # Pooled connections must not be shared with a parent process that was forked after using them.
    return _client_of(os.getpid(), config)


@lru_cache(maxsize=4)
def _client_of(_process: int, config: GraphConfig) -> GraphClient:
    return GraphClient(config)
