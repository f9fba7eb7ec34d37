"""Taking a backup, by hand or when one is due, and deleting the oldest."""

import contextlib
import fcntl
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection

from portal import database_clock, stored_keys
from portal.backup import databases
from portal.backup.manifest import BackupError, Manifest, sha256_of

KEYS = "keys.json"
_PREFIX, _UNFINISHED = "numberdesk-", ".unfinished"
# Whose rows are counted, so that a restored database can be held against its backup.
COUNTED = ("clients_client", "clients_waba", "phones_phonenumber", "phones_change", "phones_action")


def take(into: Path, *, with_keys: bool) -> Path:
    """A new backup in a folder of its own below `into`, which only its owner can open. Raises BackupError.

    It has its name once it is whole, so that one that was interrupted is never taken for a backup.
    """
    made_at = database_clock.now()
    folder = into / f"{_PREFIX}{made_at:%Y%m%d-%H%M%S}"
    unfinished = folder.with_name(folder.name + _UNFINISHED)
    try:
        unfinished.mkdir(parents=True, mode=0o700)
        database, rows = databases.dump(unfinished, COUNTED)
        names = [database]
        if with_keys:
            names.append(KEYS)
            (unfinished / KEYS).touch(mode=0o600)
            (unfinished / KEYS).write_text(json.dumps(_keys(), indent=2) + "\n")
        Manifest(
            made_at=made_at,
            engine=connection.vendor,
            database=database,
            key_ids=tuple(sorted(stored_keys.in_use())),
            rows=rows,
            files={name: sha256_of(unfinished / name) for name in names},
        ).write(unfinished)
        for path in unfinished.iterdir():
            path.chmod(0o600)
        unfinished.rename(folder)
    except OSError as error:
        raise BackupError(f"{folder} can't be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return folder


def take_if_due() -> Path | None:
    """A backup into BACKUP_DIR where the newest is BACKUP_HOURS old, and the oldest beyond BACKUP_KEPT deleted."""
    if not settings.BACKUP_DIR:
        return None
    into = Path(settings.BACKUP_DIR)
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(into) as is_ours:
        if not is_ours:
            return None
        kept = backups_in(into)
        if kept and database_clock.now() - Manifest.read(kept[-1]).made_at < timedelta(hours=settings.BACKUP_HOURS):
            return None
        folder = take(into, with_keys=settings.BACKUP_KEYS_BESIDE)
        for old in backups_in(into)[: -settings.BACKUP_KEPT]:
            shutil.rmtree(old)
        for rest in into.glob(f"{_PREFIX}*{_UNFINISHED}"):
            shutil.rmtree(rest)
        return folder


def backups_in(folder: Path) -> list[Path]:
    """The whole backups in a folder, the oldest first."""
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if not path.name.endswith(_UNFINISHED))


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Whether no other process of this machine takes a backup into `folder` at this moment."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _keys() -> dict[str, object]:
    return {
        "SECRET_KEY": settings.SECRET_KEY,
        "SECRET_KEY_FALLBACKS": list(settings.SECRET_KEY_FALLBACKS),
        "TOKEN_ENCRYPTION_KEYS": list(settings.TOKEN_ENCRYPTION_KEYS),
    }
