"""The rows of the numbers list, for its template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from phones.listing.columns import NumberColumn
from phones.listing.rows import NumberRow
from phones.views.listing.cells import Table, rows_in_markup

register = template.Library()


@register.simple_tag
def rows_of_numbers(rows: Iterable[NumberRow], columns: Sequence[NumberColumn], *, is_selectable: object) -> SafeString:
    """The rows, with a checkbox each where the page asks for it."""
    return rows_in_markup(rows, Table(timezone.now(), columns), is_selectable=bool(is_selectable))
