"""A backup in place of the database."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from phones import restored
from phones.models import Heartbeat
from portal import database_clock
from portal.backup import restore
from portal.backup.manifest import BackupError

# So long after its last tick a portal is taken for stopped.
STOPPED_AFTER = timedelta(minutes=2)


class Command(BaseCommand):
    help = (
        "Checks a backup and puts it in place of the database, with its keys where they are kept in STATE_DIR. Stop "
        "web, worker and scheduler first. What may have been sent to Meta after the backup is not sent again."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="the folder that `backup` has written")
        parser.add_argument("--replace", action="store_true", help="give up all that is in the database now")
        parser.add_argument("--stopped", action="store_true", help="everything is stopped, though it ran just now")
        parser.add_argument("--without-keys", action="store_true", help="give up secrets whose keys are not here")

    def handle(self, *, folder: Path, replace: bool, stopped: bool, without_keys: bool, **_: Any) -> None:
        try:
            manifest = restore.check(folder, replace=replace, without_keys=without_keys)
            if not stopped and _is_running():
                raise CommandError(
                    "The portal runs, or did a moment ago. Stop web, worker and scheduler; then say --stopped."
                )
            restore.put_in_place(folder, manifest)
        except BackupError as error:
            raise CommandError(str(error)) from error
        call_command("migrate", verbosity=0)
        restored.settle(made_at=manifest.made_at)
        numbers = manifest.rows.get("phones_phonenumber", 0)
        self.stdout.write(
            f"Restored the backup of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC: {numbers} numbers. Everybody has to "
            f"sign in again; runs and onboardings that were going on wait for a person; everything is read anew."
        )


def _is_running() -> bool:
    try:
        ticked = Heartbeat.objects.filter(name="tick", at__gt=database_clock.now() - STOPPED_AFTER)
        return ticked.exists()
    except DatabaseError:  # a database without tables, or with older ones
        connection.close()
        return False
