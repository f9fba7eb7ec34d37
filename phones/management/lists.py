"""What commands that print a list have in common: `numbers`, `clients`."""

import argparse
import csv
import json
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.http import QueryDict
from rich.console import Console
from rich.table import Table

from clients.models import User
from phones.listing import values
from portal.rows import row_or_none
from portal.web.files import guarded, guarded_number, text_of
from portal.web.listing import DeclaredList
from portal.web.query import list_named

WRONG_USE = 2


class ListCommand(BaseCommand):
    """Prints what the list `list_name` of the desk finds, with the columns of its file. Exit status 2 on wrong use."""

    list_name: ClassVar[str]
    shown: ClassVar[Sequence[str]]
    """The columns of a table, which a terminal has room for; the other formats have all."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="a filter of the list, as its address has it; repeated for one name: either",
        )
        parser.add_argument(
            "--sort", default="", help="a sort of the list; a dash in front (--sort=-NAME) turns it round"
        )
        parser.add_argument("--format", choices=("table", "json", "csv"), default="table")
        parser.add_argument("--columns", default="", metavar="NAME,NAME", help="only these, in this order")
        parser.add_argument("--limit", type=int, default=0, metavar="N", help="only the first N")
        parser.add_argument("--as", dest="person", default="", metavar="USERNAME", help="only what this person sees")

    def handle(self, *_: object, **options: Any) -> None:
        """Find, and print as asked for."""
        found = self._opened(options["filter"], options["sort"], options["person"])
        names = self._columns(found, options["columns"], is_table=options["format"] == "table")
        keys = found.keys_in_order()
        keys = keys[: options["limit"]] if options["limit"] > 0 else keys
        rows = values.all_of(found, keys)
        for note in found.filters.notes:
            self.stderr.write(note)
        {"table": self._table, "json": self._json, "csv": self._csv}[options["format"]](names, rows)

    def _opened(self, filters: Sequence[str], sort: str, username: str) -> DeclaredList[Any]:
        data = QueryDict(mutable=True)
        kind = list_named(self.list_name)
        for each in filters:
            name, mark, value = each.partition("=")
            if not mark or name not in kind.filter_set.base_filters:
                known = ", ".join(sorted(kind.filter_set.base_filters))
                raise CommandError(f"--filter takes NAME=VALUE, with a name of: {known}.", returncode=WRONG_USE)
            data.appendlist(name, value)
        if sort and sort.removeprefix("-") not in kind.orders:
            raise CommandError(f"--sort takes one of: {', '.join(kind.orders)}.", returncode=WRONG_USE)
        if sort:
            data["sort"] = sort
        return kind(data, _person(username))

    def _columns(self, found: DeclaredList[Any], wanted: str, *, is_table: bool) -> Sequence[str]:
        known = values.names_of(type(found))
        names = [name for name in wanted.split(",") if name]
        if unknown := [name for name in names if name not in known]:
            raise CommandError(
                f"There is no column {', '.join(unknown)}. There are: {', '.join(known)}.", returncode=WRONG_USE
            )
        return names or (self.shown if is_table else known)

    def _table(self, names: Sequence[str], rows: Iterable[values.Values]) -> None:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for name in names:
            table.add_column(name, overflow="fold")
        count = 0
        for count, row in enumerate(rows, start=1):  # noqa: B007 - how many, once they are all there
            table.add_row(*(_printable(text_of(row[name])) for name in names))
        # Markup off: names come from Meta.
        console = Console(file=self.stdout, markup=False, highlight=False)  # type: ignore[arg-type] # Django's wrapper has what it needs
        console.print(table)
        self.stdout.write(f"{count} row{'' if count == 1 else 's'}.")

    def _json(self, names: Sequence[str], rows: Iterable[values.Values]) -> None:
        """One array, a row a line, written as it is read."""
        between = "["
        for row in rows:
            told = json.dumps({name: row[name] for name in names}, ensure_ascii=False)
            self.stdout.write(f"{between}\n{told}", ending="")
            between = ","
        self.stdout.write("[]" if between == "[" else "\n]")

    def _csv(self, names: Sequence[str], rows: Iterable[values.Values]) -> None:
        writer = csv.writer(self.stdout, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow(_cell(name, text_of(row[name])) for name in names)


def _cell(name: str, text: str) -> str:
    return guarded_number(text) if name.endswith("phone_number") else guarded(text)


def _printable(text: str) -> str:
    """Without what would move a terminal's cursor: names come from Meta."""
    return "".join(letter if letter.isprintable() else "�" for letter in text)


def _person(username: str) -> User:
    """The person of this name; without one, somebody who sees everything and is nobody."""
    if not username:
        return User(username="command line", is_superuser=True)
    person = row_or_none(User.objects.filter(username=username, is_active=True))
    if person is None:
        raise CommandError(f"Nobody who may sign in is called “{username}”.", returncode=WRONG_USE)
    return person
