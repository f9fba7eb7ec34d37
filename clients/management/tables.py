"""Tables that commands are given, as CSV: one line after the other, by the names of their columns."""

import csv
import io
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path


class CsvNotUsableError(Exception):
    """The file can't be read as a table with these columns; the text says why."""


def lines_of(path: str, *, known: Sequence[str], needed: Sequence[str] = ()) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Each line of the CSV file (`-`: standard input) with its number, its cells stripped. Raises CsvNotUsableError.

    A column that nobody knows is refused: a misspelt one would be left out of what is done.
    """
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CsvNotUsableError(f"{path} can’t be read: {error}") from None
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        names = [name.strip() for name in reader.fieldnames or ()]
        if unknown := [name for name in names if name not in known]:
            raise CsvNotUsableError(f"There is no column {', '.join(unknown)}. There may be: {', '.join(known)}.")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise CsvNotUsableError(f"The column {', '.join(twice)} stands there twice.")
        if missing := [name for name in needed if name not in names]:
            raise CsvNotUsableError(f"The column {', '.join(missing)} is missing.")
        reader.fieldnames = names
        for line in reader:
            if None in line or None in line.values():
                raise CsvNotUsableError(f"Line {reader.line_num} has not as many cells as the head.")
            yield reader.line_num, {name: cell.strip() for name, cell in line.items()}
    except csv.Error as error:
        raise CsvNotUsableError(f"Line {reader.line_num}: {error}") from None
