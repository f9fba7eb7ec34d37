"""`manage.py import`: a list that the partner has of their clients."""

import argparse
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients.management.tables import CsvNotUsableError, lines_of
from phones.book.importing import COLUMNS, NONE, carry_out

WRONG_USE = 2


class Command(BaseCommand):
    help = (
        "Takes ids of another system, account managers, labels, languages and mail contacts of clients over from a CSV "
        f"file with any of the columns {', '.join(COLUMNS)}. A line means a client by its name, else by a WABA, else "
        f"by its external_id. An empty cell leaves what there is, {NONE} takes it away, labels (with ; between them) "
        "are added. Exit status 0 when all lines were taken over, 2 when one was refused: then nothing was written."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", metavar="FILE", help="the CSV file; - is standard input")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")
        parser.add_argument("--make-labels", action="store_true", help="make labels that there are not yet")

    def handle(self, *_: object, **options: Any) -> None:
        """Read, take over, and say a line for each client that changes."""
        try:
            lines = list(lines_of(options["file"], known=COLUMNS))
        except CsvNotUsableError as error:
            raise CommandError(str(error), returncode=WRONG_USE) from None
        done = carry_out(lines, is_dry=options["dry_run"], makes_labels=options["make_labels"])
        for line in done:
            if line.refusal:
                self.stdout.write(f"line {line.number} REFUSED {line.client}: {line.refusal}")
            elif line.changes:
                self.stdout.write(f"line {line.number} {line.client}: {' '.join(line.changes)}")
        refused = sum(bool(line.refusal) for line in done)
        changed = sum(bool(line.changes) for line in done)
        written = "no" if options["dry_run"] or refused else "yes"
        self.stdout.write(
            f"lines={len(done)} changed={changed} unchanged={len(done) - changed - refused} refused={refused} "
            f"written={written}"
        )
        if refused:
            sys.exit(WRONG_USE)
