"""`manage.py kept_counts`: compare the kept counts of numbers with a count, or count anew."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from phones.listing import kept_counts

SHOWN = 20


class Command(BaseCommand):
    help = "Compare the counts of numbers that the database keeps with a count; exit status 1 where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="count everything anew, while others go on writing")

    def handle(self, *args: object, rebuild: bool = False, **options: object) -> None:
        """Say what differs, the first of it line by line, and how much there is."""
        if rebuild:
            kept_counts.rebuild()
        different = kept_counts.differences()
        for client, kind, kept, counted in different[:SHOWN]:
            self.stdout.write(f"client={client or 'all'} kind={kind} kept={kept} counted={counted}")
        self.stdout.write(f"different={len(different)}")
        if different:
            raise CommandError("The kept counts are wrong; `manage.py kept_counts --rebuild` counts anew.")
