"""The old address of `portal.graph.reads.tokens`, until its last importer has moved."""

from portal.graph.reads.tokens import BusinessToken

__all__ = ["BusinessToken"]
