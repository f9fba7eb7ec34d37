"""What a backup says of itself: made when, of which database, with which files, under which encryption keys."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

NAME = "manifest.json"
FORMAT = 1
_CHUNK = 2**20


class BackupError(Exception):
    """A backup that can't be made or used; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    made_at: datetime
    engine: str
    """"sqlite" or "postgresql"."""
    database: str
    """The name of the file that holds it."""
    key_ids: tuple[str, ...]
    """The encryption keys that stored secrets are under, by their ids: without them these secrets are lost."""
    rows: Mapping[str, int] = field(default_factory=dict)
    """How many rows some tables had."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file."""

    def write(self, folder: Path) -> None:
        said = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        (folder / NAME).write_text(json.dumps(said, indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The manifest in `folder`. Raises BackupError where there is none that this version can read."""
        try:
            said = json.loads((folder / NAME).read_text())
            if said.pop("format") != FORMAT:
                raise BackupError(f"{folder} was made by another version, whose format this one does not know.")
            made_at, key_ids = datetime.fromisoformat(said.pop("made_at")), tuple(said.pop("key_ids"))
            return cls(made_at=made_at, key_ids=key_ids, **said)
        except OSError as error:
            raise BackupError(f"{folder} is no backup: {error.strerror} ({NAME}).") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise BackupError(f"{folder / NAME} can't be read: it was cut off or changed.") from error

    def verify(self, folder: Path) -> None:
        """Raises BackupError for a file that is missing or is not what was written."""
        for name, expected in self.files.items():
            path = folder / name
            if not path.is_file():
                raise BackupError(f"{name} is missing from {folder}.")
            if sha256_of(path) != expected:
                raise BackupError(f"{path} is not what was written: it was cut off or changed.")


def sha256_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
