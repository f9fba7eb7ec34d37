"""``manage.py sandbox``: the practice Graph server, started from Django's command line. It uses nothing of Django."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.sandbox.controls import launch


class Command(BaseCommand):
    """Serves until SIGTERM or SIGINT."""

    help = launch.DESCRIPTION
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options of the practice server."""
        launch.add_arguments(parser)

    def handle(self, *_: Any, **options: Any) -> None:
        """Serve; the process's exit status is that of the server."""
        status = launch.run(launch.Options.from_arguments(options), self.stdout, self.stderr)
        if status:
            sys.exit(status)
