"""Python's garbage collector in a process that runs for days.

A full collection walks through all that Django has loaded, which takes longer than most pages do.
"""

import gc

_spared = False


def begin() -> None:
    """Collect from now on, and not among what is loaded: models and settings stay for good. `manage.py` put it off."""
    gc.freeze()
    gc.enable()


def spare_old_objects() -> None:
    """Have the collector pass over what this process has loaded by now: once, before its first work.

    Freezing and thawing around each turn, which spares as much, put off the full collection for ever.
    """
    global _spared
    if not _spared:
        _spared = True
        gc.collect()
        gc.freeze()
