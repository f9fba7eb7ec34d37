"""One WABA put on the desk by hand."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.views.decorators.debug import sensitive_variables

from clients.clients import NameNotUsableError
from clients.connect import WHERE_THE_ID_IS, ClientNotClearError, NotAWabaError, WabaOfAnotherClientError, connect_waba
from clients.credentials import TokenNotUsableError
from clients.explanations import explain
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
    """Exit code 0 when the WABA is on the desk, 1 when Meta did not show it, 2 on wrong use. Never prints the token."""

    help = "Adds one WABA by hand: reads it from Meta, then stores it with the token it was read with."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "waba_id",
            metavar="WABA_ID",
            help=WHERE_THE_ID_IS,
        )
        parser.add_argument("--client", required=True, metavar="NAME", help="Found by its exact name, or made.")
        parser.add_argument(
            "--token-stdin",
            action="store_true",
            help="Read the client's business token from standard input. Without it, the environment's system user "
            "token is used.",
        )

    @sensitive_variables("token")
    def handle(self, *, waba_id: str, client: str, token_stdin: bool, **_: Any) -> None:
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


def _token_from_stdin() -> str:
    """Asked for without an echo at a terminal; otherwise everything that is piped in."""
    return (getpass.getpass("Token: ") if sys.stdin.isatty() else sys.stdin.read()).strip()


def _explain(error: GraphError) -> NoReturn:
    words = explain(error.kind, error.code, error.subcode, error.http_status)
    lines = [f"{words.title}. {words.cause}", words.what_to_do]
    lines += [f"Meta says: {error.message}"] if error.message else []
    lines += [f"Trace id for Meta's support: {error.fbtrace_id}"] if error.fbtrace_id else []
    raise CommandError("\n".join(lines), returncode=META_REFUSED) from None
