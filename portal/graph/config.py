"""The old address of `portal.graph.http.config`, until its last importer has moved."""

from portal.graph.http.config import GraphConfig

__all__ = ["GraphConfig"]
