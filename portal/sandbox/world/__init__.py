"""The practice world: what there is, how it is first filled, kept on disk, and changed. No HTTP, no Graph replies."""
