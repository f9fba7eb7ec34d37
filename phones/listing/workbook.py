"""The numbers as an Excel file, written row by row into temporary files: its size takes no memory either."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from typing import IO

import xlsxwriter

from clients import roles
from phones.listing.export import pieces_of

# Excel's own limit for one sheet, its head included.
ROWS_A_SHEET = 1_048_576
_WIDTH = 20
_WHOLE_SHEET = "A1:XFD1048576"


def workbook_of(keys: Sequence[int], person: roles.Person, columns: Sequence[str]) -> IO[bytes]:
    """The file, open at its beginning and gone once it is closed: the numbers of `keys` in this order.

    Every value is a cell of text, so that ids keep all their digits, numbers their plus sign, and nothing is a formula.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        # Rows go to a temporary file as they are written, and texts stand in their cells.
        with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
            head = book.add_format({"bold": True})
            sheet, row = None, ROWS_A_SHEET
            for piece in pieces_of(keys, person, columns, as_cell=lambda _, text: text):
                for values in piece:
                    if sheet is None or row == ROWS_A_SHEET:
                        sheet, row = _sheet(book, columns, head), 1
                    for place, text in enumerate(values):
                        if text:
                            sheet.write_string(row, place, text)
                    row += 1
            if sheet is None:
                _sheet(book, columns, head)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _sheet(book: xlsxwriter.Workbook, columns: Sequence[str], head: object) -> xlsxwriter.worksheet.Worksheet:
    """The next sheet, with its head."""
    count = len(book.worksheets())
    sheet = book.add_worksheet(f"Numbers {count + 1}" if count else "Numbers")
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(columns) - 1, _WIDTH)
    # Excel would mark each id with "number stored as text".
    sheet.ignore_errors({"number_stored_as_text": _WHOLE_SHEET})
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name, head)
    return sheet
