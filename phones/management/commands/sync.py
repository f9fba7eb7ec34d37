"""`manage.py sync`: read every number from Graph in this process."""

import argparse
import sys
import time

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from clients import refused_fields
from clients.choices import RunScope, RunTrigger
from clients.credentials import environment_credential
from clients.explanations import explain
from clients.models import Client, SyncFailure, SyncRun, Waba
from phones.models import PhoneNumber
from phones.numbers import conditions
from phones.sync import runs
from phones.sync.engine import Engine
from portal.fields import folded

WRONG_USE = 2
# Longer than a dead worker's lease: its WABAs come free meanwhile.
PATIENCE_SECONDS = 3600
NAP_SECONDS = 0.5


class Command(BaseCommand):
    help = (
        "Read the business's WABAs and every number on them from Graph, in this process. Exit status 0 when every "
        "WABA was read, 1 when some failed or Meta left out for a day what a number's state rests on, 2 on wrong use."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--waba", action="append", default=[], metavar="WABA_ID", help="only this WABA")
        parser.add_argument("--client", action="append", default=[], metavar="NAME", help="only this client's WABAs")

    def handle(self, *args: object, **options: list[str]) -> None:
        """Read, show progress, print what failed and the totals."""
        started = time.monotonic()
        environment_credential()
        run = self._open_run(options["waba"], options["client"])
        self._read(run)
        self._say_what_is_old(run)
        failures = list(run.failures.select_related("waba", "credential"))
        for failure in failures:
            self.stdout.write(_line(failure))
        self.stdout.write(
            f"wabas={run.wabas} numbers={run.numbers} added={run.added} changed={run.changed} "
            f"unchanged={run.unchanged} missing={run.missing} failed={run.failed} graph_calls={run.graph_calls} "
            f"seconds={time.monotonic() - started:.1f}"
        )
        if failures or run.failed or self._read_and_old(run).exists():
            sys.exit(1)

    def _say_what_is_old(self, run: SyncRun) -> None:
        if run.left_out:
            numbers = f"{run.left_out} number{'s' if run.left_out != 1 else ''}"
            old = self._read_and_old(run).count()
            self.stdout.write(
                f"OLD {numbers}: Meta left out what their state rests on, so it is shown as it was last known; "
                f"{old} of them for more than a day."
            )
        for row in refused_fields.unanswered():
            self.stdout.write(
                f"OLD {row.node_type} {row.field}: Meta {row.version} no longer answers it, first refused "
                f"{row.first_refused_at:%Y-%m-%d %H:%M} UTC."
            )

    def _read_and_old(self, run: SyncRun) -> QuerySet[PhoneNumber]:
        """The numbers that were read in `run`, and whose state rests on what Meta has not answered for a day."""
        read = PhoneNumber.objects.filter(age__oldest_fact_at__isnull=False, age__synced_at__gte=run.started_at)
        return read.filter(conditions.is_stale(timezone.now()))

    def _open_run(self, waba_ids: list[str], names: list[str]) -> SyncRun:
        """The run to do; CommandError with status 2 for ids and names that the desk does not have."""
        wabas = Waba.objects.all()
        if waba_ids or names:
            clients = [self._client(name) for name in names]
            wabas = wabas.filter(client__in=clients) | wabas.filter(waba_id__in=waba_ids)
            if unknown := sorted(set(waba_ids) - set(wabas.values_list("waba_id", flat=True))):
                raise CommandError(
                    f"The desk has no WABA {', '.join(unknown)}. Run `manage.py sync` without --waba to find the WABAs "
                    f"of your business, or add one with `manage.py connect`.",
                    returncode=WRONG_USE,
                )
        everything = not (waba_ids or names)
        try:
            return runs.open_run(
                scope=RunScope.EVERYTHING if everything else RunScope.SELECTION,
                trigger=RunTrigger.COMMAND,
                wabas=wabas,
                discover=everything,
            )
        except runs.NothingToReadError as error:
            raise CommandError(str(error), returncode=WRONG_USE) from error

    def _client(self, name: str) -> Client:
        # Compared here: SQLite knows upper and lower case of the Latin letters only.
        found = [each for each in Client.objects.filter(folded_name=folded(name)) if each.name.lower() == name.lower()]
        if len(found) != 1:
            problem = "no client" if not found else f"{len(found)} clients"
            raise CommandError(f"The desk has {problem} named “{name}”.", returncode=WRONG_USE)
        return found[0]

    def _read(self, run: SyncRun) -> None:
        """Work until the run is finished, however many workers share it."""
        console = Console(stderr=True)
        columns = (
            TextColumn("Reading WABAs"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[numbers]} numbers"),
            TimeElapsedColumn(),
        )
        give_up_at = time.monotonic() + PATIENCE_SECONDS
        with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
            bar = progress.add_task("", total=None, numbers=0)

            def show() -> None:
                run.refresh_from_db()
                progress.update(bar, total=run.wabas or None, completed=run.read + run.failed, numbers=run.numbers)

            while True:
                Engine(run=run, on_progress=show if console.is_terminal else lambda: None).work(
                    seconds=PATIENCE_SECONDS
                )
                run.refresh_from_db()
                if run.finished_at is not None or time.monotonic() > give_up_at:
                    break
                time.sleep(NAP_SECONDS)


def _line(failure: SyncFailure) -> str:
    """One line about a failing WABA, in words, with what Meta's support asks for."""
    subject = "business edges"
    if failure.waba is not None:
        subject = f"WABA {failure.waba.waba_id} ({failure.waba.name})" if failure.waba.name else str(failure.waba)
    words = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
    from_meta = failure.code is not None or failure.http_status is not None
    said = f" {'Meta said' if from_meta else 'Note'}: {failure.message}" if failure.message else ""
    again = f" Not asked again before {failure.retry_at:%Y-%m-%d %H:%M} UTC." if failure.retry_at else ""
    trace = f" [fbtrace_id {failure.fbtrace_id}]" if failure.fbtrace_id else ""
    return f"FAILED {subject}: {words.title}. {words.what_to_do}{again}{said}{trace}".replace("\n", " ")
