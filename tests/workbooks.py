"""Reads an Excel file as the tests need it: its sheets as they stand in the archive."""

import io
import re
import zipfile


def sheets_in(content: bytes) -> list[str]:
    """The markup of each sheet, in their order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = sorted(name for name in archive.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name))
        return [archive.read(name).decode() for name in names]


def body_as_text(body: bytes) -> str:
    """The body of an answer as text; of an Excel file, what its cells say."""
    if not body.startswith(b"PK\x03\x04"):
        return body.decode()
    return "\n".join(re.sub(r"<[^>]+>", "\n", sheet) for sheet in sheets_in(body))
