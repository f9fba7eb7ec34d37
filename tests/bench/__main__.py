"""`make bench`: times what people wait for, on databases of its own; prints tables and writes bench.json."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests import servers

_USUAL = ("sync", "lists", "webhooks", "starting")


def main() -> None:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", choices=[*_USUAL, "pages", []], help="default: all but pages")
    parser.add_argument("--wabas", type=int, default=1500)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 200_000])
    parser.add_argument("--numbers", type=int, nargs="+", help="time every page with so many numbers, on PostgreSQL")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    options = parser.parse_args()
    only = options.only or (["pages"] if options.numbers else list(_USUAL))
    with contextlib.ExitStack() as stack, tempfile.TemporaryDirectory(prefix="numberdesk-bench-") as folder:
        os.environ |= {
            "STATE_DIR": folder,
            "LOG_LEVEL": "ERROR",
            "PAGES_A_MINUTE": "0",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        if "pages" in only:
            # Nobody waits for the statements that write a million numbers; those of pages are limited as in the desk.
            os.environ["DATABASE_URL"] = stack.enter_context(servers.postgres())
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        results: dict[str, list[dict[str, object]]] = {}
        if "sync" in only:
            from tests.bench import sync

            results["sync"] = sync.run(options.wabas)
            _print("Sync", results["sync"])
        if "lists" in only:
            from tests.bench import lists

            call_command("flush", interactive=False, verbosity=0)
            results["lists"] = lists.run(tuple(options.rows))
            _print("Lists", results["lists"])
        if "webhooks" in only:
            from tests.bench import webhooks

            results["webhooks"] = webhooks.run()
            _print("Webhooks", results["webhooks"])
        if "starting" in only:
            from tests.bench import starting

            results["starting"] = starting.run()
            _print("Starting", results["starting"])
        if "pages" in only:
            from tests.bench import pages

            results |= pages.run(options.numbers or [10_000, 1_000_000])
            _print("Pages", results["pages"])
            _print("The list beside an admin changelist and django-tables2", results["rivals"])
            _print("Files", results["files"])
            limits = f"{pages.MOST_MILLISECONDS} ms, {pages.MOST_STATEMENTS} statements or {pages.MOST_RATIO} times"
            if over := pages.over_the_limits(results["pages"]):
                _print(f"Over {limits}", over)
            else:
                Console().print(f"No page takes more than {limits}.")
    options.json.write_text(json.dumps(results, indent=1))
    Console().print(f"Written to {options.json}.")


def _print(title: str, rows: list[dict[str, object]]) -> None:
    table = Table(title=title)
    names = list(dict.fromkeys(name for row in rows for name in row))
    for name in names:
        is_what = name == "what"
        table.add_column(
            name.replace("_", " "), justify="left" if is_what else "right", no_wrap=not is_what, overflow="fold"
        )
    for row in rows:
        table.add_row(*(str(row.get(name, "")) for name in names))
    # A file has no width, and a page's name belongs beside its figures.
    Console(width=None if sys.stdout.isatty() else 160).print(table)


if __name__ == "__main__":
    main()
