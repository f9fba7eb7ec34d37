"""The line of the audit log about a file that somebody takes, written before its first row is sent."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.db import models

from clients import audit
from clients.choices import AuditKind
from phones.views.request import DeskRequest
from portal.web import quotas

CSV, EXCEL = "CSV", "Excel"


def note_export(
    request: DeskRequest, name: str, form: str, *, rows: int, query: str, about: models.Model | None = None
) -> None:
    """Write down that the person takes `rows` rows of the list `name`, found by `query`, as a file.

    Raises QuotaUsedUpError for who has taken many.
    """
    if request.method == "HEAD":
        return
    quotas.take_one(request, quotas.FILES)
    what = f"Took “{name}” as {form}: {rows:,} row{'' if rows == 1 else 's'}."
    facts = {"list": name, "rows": rows, "query": query}
    audit.entry(AuditKind.EXPORT, what, actor=request.user, about=about, details=facts)


def query_in_words(pairs: Sequence[tuple[str, str]], *, chosen: bool) -> str:
    """What a selection asks for, as an address says it; `chosen`: of what that finds, rows that were ticked."""
    return f"{urlencode(pairs)}{' (ticked rows)' if chosen else ''}"
