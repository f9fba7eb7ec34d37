"""One WABA put on the desk by hand."""

import getpass
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables

from clients.clients import NameNotUsableError
from clients.connect import WHERE_THE_ID_IS, ClientNotClearError, NotAWabaError, WabaOfAnotherClientError, connect_waba
from clients.credentials import TokenNotUsableError
from clients.explanations import explain
from clients.management.tables import CsvNotUsableError, lines_of
from clients.models import Waba
from portal.graph import GraphError

META_REFUSED, WRONG_USE = 1, 2
_WRONG_USE = (
    NotAWabaError,
    NameNotUsableError,
    TokenNotUsableError,
    ClientNotClearError,
    WabaOfAnotherClientError,
    ValueError,
)


class Command(BaseCommand):
    """Exit code 0 when the WABA is on the desk, 1 when Meta did not show it, 2 on wrong use. Never prints the token.

    Of many: 0 when all are, 1 when one is not. One that is on the desk already is read again, so that a file can be
    given twice.
    """

    help = (
        "Adds one WABA by hand, or those of a CSV file: reads each from Meta, then stores it with the token that it "
        "was read with."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "waba_id",
            metavar="WABA_ID",
            nargs="?",
            default="",
            help=WHERE_THE_ID_IS,
        )
        parser.add_argument("--client", default="", metavar="NAME", help="Found by its exact name, or made.")
        parser.add_argument(
            "--from-csv",
            default="",
            metavar="FILE",
            help="Add all of a file with the columns waba_id, client and, if you like, token; - is standard input. "
            "Delete a file with tokens afterwards.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="With --from-csv: check the lines, ask Meta nothing, store nothing."
        )
        parser.add_argument(
            "--token-stdin",
            action="store_true",
            help="Read the client's business token from standard input. Without it, the environment's system user "
            "token is used.",
        )

    @sensitive_variables("token")
    def handle(self, *, waba_id: str, client: str, token_stdin: bool, from_csv: str, dry_run: bool, **_: Any) -> None:
        if from_csv:
            if waba_id or client or token_stdin:
                raise CommandError("--from-csv takes everything from the file.", returncode=WRONG_USE)
            self._connect_many(from_csv, is_dry=dry_run)
            return
        if not waba_id or not client or dry_run:
            raise CommandError("Give a WABA_ID and --client NAME, or --from-csv FILE.", returncode=WRONG_USE)
        token = _token_from_stdin() if token_stdin else ""
        if token_stdin and not token:
            raise CommandError("Standard input holds no token.", returncode=WRONG_USE)
        try:
            waba = connect_waba(waba_id=waba_id, client_name=client, token=token, actor=None)
        except GraphError as error:
            _explain(error)
        except _WRONG_USE as error:
            raise CommandError(str(error), returncode=WRONG_USE) from None
        self.stdout.write(f"{waba} ({waba.waba_id}) is on the desk under {waba.client}. Its numbers are read next.")

    @sensitive_variables()
    def _connect_many(self, path: str, *, is_dry: bool) -> None:
        """Add those of the file one after the other. A line that fails is said, and the others go on."""
        try:
            lines = list(lines_of(path, known=("waba_id", "client", "token"), needed=("waba_id", "client")))
        except CsvNotUsableError as error:
            raise CommandError(str(error), returncode=WRONG_USE) from None
        if wrong := _wrong_lines(lines):
            raise CommandError("\n".join(["Nothing was stored.", *wrong]), returncode=WRONG_USE)
        if is_dry:
            known = set(Waba.objects.filter(waba_id__in=[line["waba_id"] for _, line in lines]).values_list("waba_id"))
            self.stdout.write(
                f"lines={len(lines)} on_the_desk={len(known)} to_add={len(lines) - len(known)} written=no"
            )
            return
        failed = 0
        for number, line in lines:
            try:
                waba = connect_waba(
                    waba_id=line["waba_id"], client_name=line["client"], token=line.get("token", ""), actor=None
                )
            except (GraphError, *_WRONG_USE) as error:
                failed += 1
                self.stdout.write(f"line {number} FAILED {line['waba_id']}: {_why(error)}")
            else:
                self.stdout.write(f"line {number} {waba.waba_id}: {waba}, under {waba.client}")
        self.stdout.write(f"lines={len(lines)} connected={len(lines) - failed} failed={failed}")
        if failed:
            sys.exit(META_REFUSED)


@sensitive_variables()
def _wrong_lines(lines: Sequence[tuple[int, Mapping[str, str]]]) -> list[str]:
    """What is wrong with lines on their face, before Meta is asked."""
    wrong, seen = [], set[str]()
    for number, line in lines:
        waba_id = line["waba_id"]
        if not (waba_id.isascii() and waba_id.isdecimal()):
            wrong.append(f"Line {number}: a WABA’s id is made of digits.")
        elif waba_id in seen:
            wrong.append(f"Line {number}: {waba_id} stands in an earlier line too.")
        elif not line["client"]:
            wrong.append(f"Line {number}: it names no client.")
        seen.add(waba_id)
    return wrong


def _why(error: Exception) -> str:
    """Why one could not be connected, on one line."""
    if not isinstance(error, GraphError):
        return str(error)
    words = explain(error.kind, error.code, error.subcode, error.http_status)
    trace = f" [fbtrace_id {error.fbtrace_id}]" if error.fbtrace_id else ""
    return f"{words.title}. {words.what_to_do}{trace}".replace("\n", " ")


def _token_from_stdin() -> str:
    """Asked for without an echo at a terminal; otherwise everything that is piped in."""
    return (getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.read()).strip()


def _explain(error: GraphError) -> NoReturn:
    words = explain(error.kind, error.code, error.subcode, error.http_status)
    lines = [f"{words.title}. {words.cause}", words.what_to_do]
    lines += [f"Meta says: {error.message}"] if error.message else []
    lines += [f"Trace id for Meta's support: {error.fbtrace_id}"] if error.fbtrace_id else []
    raise CommandError("\n".join(lines), returncode=META_REFUSED) from None
