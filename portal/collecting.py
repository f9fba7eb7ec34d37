"""Python's garbage collector in a process that runs for days.

A full collection walks through all that Django has loaded, which takes longer than most pages do.
"""

import gc

_begun = _spared = False


def put_off() -> None:
    """Collect nothing before `begin`: looking for garbage among what is being imported is up to a fifth of a start."""
    if not _begun:
        gc.disable()


def begin() -> None:
    """Collect from now on, and not among what is loaded: models and settings stay for good."""
    global _begun
    _begun = True
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
