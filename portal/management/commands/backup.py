"""A backup of the database, taken while the portal runs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from portal.backup import take
from portal.backup.manifest import BackupError


class Command(BaseCommand):
    help = (
        "Writes the whole database, as it is at one moment, into a new folder below BACKUP_DIR or --into, with a "
        "manifest that `restore` checks. Copying the database's files while the portal runs gives damaged copies."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--into", type=Path, help="the folder that backups are kept in, in place of BACKUP_DIR")
        keys = parser.add_mutually_exclusive_group()
        keys.add_argument("--with-keys", action="store_true", default=None, help="put the encryption keys beside it")
        keys.add_argument("--without-keys", action="store_false", dest="with_keys", help="leave the keys out")

    def handle(self, *, into: Path | None, with_keys: bool | None, **_: Any) -> None:
        folder = into or (Path(settings.BACKUP_DIR) if settings.BACKUP_DIR else settings.STATE_DIR / "backups")
        try:
            made = take.take(folder, with_keys=settings.BACKUP_KEYS_BESIDE if with_keys is None else with_keys)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(made))
