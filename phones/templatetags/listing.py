"""The rows of the numbers list, for its template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import template
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from phones.listing.columns import NumberColumn
from phones.listing.rows import NumberRow
from phones.views.listing.cells import Table, rows_in_markup

register = template.Library()


@register.simple_tag(takes_context=True)
def rows_of_numbers(
    context: template.Context, rows: Iterable[NumberRow], columns: Sequence[NumberColumn], *, is_selectable: object
) -> SafeString:
    """The rows, with a checkbox each where the page asks for it.

    What their words mean is left as `meanings` for what follows: each column with its terms.
    """
    table = Table(timezone.now(), columns)
    made = rows_in_markup(rows, table, is_selectable=bool(is_selectable))
    told: dict[NumberColumn, list[tuple[str, str]]] = {}
    for (column, words), meaning in table.meanings.items():
        if meaning:
            told.setdefault(column, []).append((words, meaning))
    context["meanings"] = [
        (column, format_html_join("", "<dt>{}</dt><dd>{}</dd>", pairs)) for column, pairs in told.items()
    ]
    return made
