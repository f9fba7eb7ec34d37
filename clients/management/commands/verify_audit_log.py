"""Whether the audit log is as it was written."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients.audit import chain


class Command(BaseCommand):
    """Exit code 0 when every line is as it was sealed, 1 when one is not, or is missing, or was slipped in."""

    help = "Checks the hash chain over the audit log, from where the oldest lines were deleted to the newest seal."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            default="",
            metavar="HASH",
            help="A last hash that this command or the logs gave earlier. It must still be in the chain: without it "
            "nobody can tell that the newest lines were deleted together with their seals.",
        )

    def handle(self, *, head: str, **_: Any) -> None:
        found = chain.verify(head=head)
        self.stdout.write(f"lines={found.lines} unsealed={found.unsealed} head={found.head}")
        if found.problems:
            raise CommandError("\n".join(found.problems), returncode=1)
        self.stdout.write("Every line is as it was sealed.")
