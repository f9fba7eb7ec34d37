"""A list as a file, all pages of it: CSV in pieces, and an Excel file made row by row. Its length takes no memory."""

from __future__ import annotations

import csv
import io
import itertools
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO, Any

import xlsxwriter
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone

from portal.web.listing import DeclaredList

# Excel takes a file without it for one in the encoding of the machine.
BYTE_ORDER_MARK = "\ufeff".encode()
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Excel's own limit for one sheet, its head included.
ROWS_A_SHEET = 1_048_576

# What makes a spreadsheet take a cell for a formula or a command (OWASP, "CSV Injection"), also in full width.
_STARTS_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n\0]")
_PHONE_NUMBER = re.compile(r"\+[0-9 ()\-.]+")
_WIDTH = 20
_WHOLE_SHEET = "A1:XFD1048576"
# Rows of a list that are read at once.
_PIECE = 500

Lines = Iterable[Iterable[str]]


def text_of(value: object) -> str:
    """A value as a file says it: "" for what there is none of, times in ISO 8601 and UTC."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return "" if value is None else str(value)


def guarded(text: str) -> str:
    """The text as a cell of CSV that no spreadsheet takes for a formula."""
    if not text:
        return ""
    safe = text if text[0].isalnum() or not _STARTS_FORMULA.match(text) else f"'{text}"
    return safe.replace("\0", "")


def guarded_number(text: str) -> str:
    """The same; a phone number stays as it is, plus sign and all: people paste it into dialers and other systems."""
    return text if _PHONE_NUMBER.fullmatch(text) else guarded(text)


def csv_of(columns: Sequence[str], pieces: Iterable[Lines]) -> Iterator[bytes]:
    """CSV in pieces of many lines, the head first. The cells are `guarded` already."""
    yield _written([columns])
    for piece in pieces:
        yield _written(piece)


def workbook_of(columns: Sequence[str], pieces: Iterable[Lines], title: str) -> IO[bytes]:
    """An Excel file, open at its beginning and gone once it is closed. Its sheets have this title.

    Every value is a cell of text, so that ids keep all their digits, numbers their plus sign, and nothing is a formula.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        # Rows go to a temporary file as they are written, and texts stand in their cells.
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            head = book.add_format({"bold": True})
            sheet, row = _sheet(book, columns, head, title), 1
            for values in itertools.chain.from_iterable(pieces):
                if row == ROWS_A_SHEET:
                    sheet, row = _sheet(book, columns, head, title), 1
                for place, text in enumerate(values):
                    if text:
                        sheet.write_string(row, place, text)
                row += 1
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def csv_response(lines: Iterable[bytes], name: str, *, with_mark: bool) -> StreamingHttpResponse:
    """The CSV for a browser. Without the byte order mark it is for programs that take that for a letter."""
    content = itertools.chain([BYTE_ORDER_MARK], lines) if with_mark else lines
    return StreamingHttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_dated(name)}.csv"'},
    )


def excel_response(file: IO[bytes], name: str) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=f"{_dated(name)}.xlsx", content_type=EXCEL)


def columns_asked(known: Iterable[str], names: Iterable[str]) -> list[str]:
    """Those of the `known` columns that are named, in the order of the names; all of them when none is."""
    every = list(known)
    wanted = dict.fromkeys(name for text in names for name in text.split(","))
    return [name for name in wanted if name in every] or every


def pieces_of(
    found: DeclaredList[Any], columns: Sequence[str], *, guard: bool, keys: Sequence[int] | None = None
) -> Iterator[list[list[str]]]:
    """All rows that the list finds, in its order and some at a time, as texts; `guard`: fit for CSV.

    `keys`: instead of all, those with these keys. A row that went away meanwhile, or out of the person's sight, is
    left out.
    """
    keys = found.keys_in_order() if keys is None else keys
    for start in range(0, len(keys), _PIECE):
        piece = keys[start : start + _PIECE]
        by_key = {row.pk: row for row in found.chosen(piece)}
        rows = found.rows_of([by_key[key] for key in piece if key in by_key])
        yield lines_of(rows, found.file_columns, columns, guard=guard)


def lines_of(
    rows: Iterable[Any], known: Mapping[str, Callable[[Any], object]], columns: Sequence[str], *, guard: bool
) -> list[list[str]]:
    """The `rows` as texts: of each what the functions of `columns` in `known` give."""
    cells = [(known[name], _guard_of(name) if guard else str) for name in columns]
    return [[cell(text_of(value_of(row))) for value_of, cell in cells] for row in rows]


def _guard_of(name: str) -> Callable[[str], str]:
    return guarded_number if name.endswith("phone_number") else guarded


def _dated(name: str) -> str:
    return f"{name}-{timezone.localdate():%Y-%m-%d}"


def _sheet(
    book: xlsxwriter.Workbook, columns: Sequence[str], head: object, title: str
) -> xlsxwriter.worksheet.Worksheet:
    """The next sheet, with its head."""
    count = len(book.worksheets())
    sheet = book.add_worksheet(f"{title} {count + 1}" if count else title)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(columns) - 1, _WIDTH)
    # Excel would mark each id with "number stored as text".
    sheet.ignore_errors({"number_stored_as_text": _WHOLE_SHEET})
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, head)
    return sheet


def _written(lines: Lines) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()
