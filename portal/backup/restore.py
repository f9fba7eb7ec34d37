"""Putting a backup in place of the database: what has to be so before, and the keys that go with it."""

import json
from pathlib import Path

from django.conf import settings
from django.db import connection

from portal.backup import databases, take
from portal.backup.manifest import BackupError, Manifest
from portal.crypto import key_id
from portal.local.private_files import private_file

_SECRETS = ("SECRET_KEY", "TOKEN_ENCRYPTION_KEYS")


def check(folder: Path, *, replace: bool, without_keys: bool) -> Manifest:
    """The manifest of a backup that can be restored here. Raises BackupError for one that can't, and says why."""
    manifest = Manifest.read(folder)
    manifest.verify(folder)
    if manifest.engine != connection.vendor:
        raise BackupError(
            f"The backup is of {manifest.engine}, and DATABASE_URL names {connection.vendor}: they can't be exchanged."
        )
    if not replace and not databases.is_empty():
        raise BackupError("The database is not empty. With --replace all that is in it is given up for the backup.")
    missing = set(manifest.key_ids) - {key_id(key) for key in _keys_after(folder)}
    if missing and not without_keys:
        raise BackupError(
            f"Stored tokens and PINs in the backup are under keys that are not in TOKEN_ENCRYPTION_KEYS "
            f"({', '.join(sorted(missing))}). Put the keys there, or give these secrets up with --without-keys."
        )
    return manifest


def put_in_place(folder: Path, manifest: Manifest) -> None:
    """Restore database and keys, and check the rows. Raises BackupError."""
    databases.load(folder / manifest.database)
    found = databases.rows(take.COUNTED)
    if found != dict(manifest.rows):
        raise BackupError(f"Not all rows arrived: {found} in place of {dict(manifest.rows)}.")
    kept = _kept_keys(folder)
    if kept and _are_of_state_folder():
        _write("SECRET_KEY", kept["SECRET_KEY"])
        _write("TOKEN_ENCRYPTION_KEYS", ",".join(kept["TOKEN_ENCRYPTION_KEYS"]))
        settings.TOKEN_ENCRYPTION_KEYS = kept["TOKEN_ENCRYPTION_KEYS"]


def _keys_after(folder: Path) -> list[str]:
    """The encryption keys that are configured once the backup is in place."""
    kept = _kept_keys(folder)
    return kept["TOKEN_ENCRYPTION_KEYS"] if kept and _are_of_state_folder() else settings.TOKEN_ENCRYPTION_KEYS


def _kept_keys(folder: Path) -> dict[str, list[str]]:
    path = folder / take.KEYS
    return json.loads(path.read_text()) if path.exists() else {}


def _are_of_state_folder() -> bool:
    """Whether this portal keeps its keys in STATE_DIR, as a local one does, and not in its environment."""
    files = [settings.STATE_DIR / name.lower() for name in _SECRETS]
    values = (settings.SECRET_KEY, ",".join(settings.TOKEN_ENCRYPTION_KEYS))
    return all(path.exists() and path.read_text().strip() == value for path, value in zip(files, values, strict=True))


def _write(name: str, value: object) -> None:
    path = settings.STATE_DIR / name.lower()
    path.write_text(str(value))
    private_file(path)
