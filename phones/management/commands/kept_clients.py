"""`manage.py kept_clients`: look for rows beside which the wrong client stands, and mend them."""

from argparse import ArgumentParser
from collections.abc import Iterable

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from phones.changes import kept_client
from phones.numbers import kept_columns
from phones.numbers.kept_columns import Wrong


class Command(BaseCommand):
    help = "Compare the clients that the database keeps beside numbers and history; exit status 1 where one is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--mend", action="store_true", help="put them right, while others go on writing")

    def handle(self, *args: object, mend: bool = False, **options: object) -> None:
        """Some thousand rows at a time. Numbers come first: the client of a line is that of its number."""
        numbers = self._look(kept_columns.wrong(apps), mend=mend)
        lines = self._look(kept_client.wrong(apps), mend=mend)
        self.stdout.write(f"numbers_and_listings={numbers} lines={lines}{' mended' if mend else ''}")
        if (numbers or lines) and not mend:
            raise CommandError("Wrong clients stand beside these; `manage.py kept_clients --mend` puts them right.")

    def _look(self, found: Iterable[Wrong], *, mend: bool) -> int:
        return sum(rows.update(**right) if mend else rows.count() for rows, right in found)
