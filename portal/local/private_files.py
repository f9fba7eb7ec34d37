"""What a local run keeps is for its owner alone, whatever the umask of who started it.

Knows no settings: settings import it.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

_FOLDER, _FILE = 0o700, 0o600
# What SQLite puts beside a database; each is made with the rights of the database itself.
_BESIDE = ("", "-wal", "-shm", "-journal")


def private_folder(path: Path) -> None:
    """Make the folder `path` where there is none, and close it to others where it is ours.

    One that others share on purpose (with the sticky bit, like /tmp) or that is somebody else's stays as it is.
    """
    with suppress(OSError):  # whoever needs the folder will say what is wrong with it
        path.mkdir(parents=True, exist_ok=True, mode=_FOLDER)
        found = path.stat()
        if found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
            _restrict(path, _FOLDER)


def private_database(connection: Any, **_signal: object) -> None:
    """A receiver: the files of an SQLite database are closed to others as soon as it is opened."""
    if connection.vendor != "sqlite":
        return
    name = str(connection.settings_dict["NAME"])
    for end in _BESIDE:
        private_file(Path(name + end))


def private_file(path: Path) -> None:
    """Close the file `path` to others, if it is there and ours."""
    with suppress(OSError):
        _restrict(path, _FILE)


def _restrict(path: Path, most: int) -> None:
    """Take away what others may do with `path` beyond `most`."""
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & ~most:
        path.chmod(mode & most)
