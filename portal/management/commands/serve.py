"""`manage.py serve`: the whole portal on this machine, as `make run` starts it."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from portal import starting
from portal.local import serve


class Command(BaseCommand):
    help = (
        "Run web, worker and scheduler together on this machine. Without META_BUSINESS_ID and META_SYSTEM_USER_TOKEN "
        "also the practice Graph server, with a demo login for each role."
    )
    # `migrate`, which this process starts before the portal, runs them all, on the database that is served.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: object, **options: object) -> None:
        starting.refuse_errors()
        try:
            serve.serve(str(options["host"]), int(str(options["port"])), say=self._say)
        except serve.ServeError as error:
            raise CommandError(str(error)) from error

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()  # into a pipe or a file it would come when everything is over
