"""How covers and labels are shown wherever they stand, in lists by the hundred."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from clients.choices import CoverState
from clients.models import Client, Label

_NOTHING = SafeString("")


def cover_of(client: Client, *, ended: bool = False) -> SafeString:
    """Who covers `client` and on which days; nothing where there is no cover or it is over, but for `ended`."""
    state, first, last = client.cover_state, client.cover_from, client.cover_until
    if state == CoverState.ENDED:
        words = '<span class="quiet">Nobody: {}’s cover ended on {}</span>'
        return format_html(words, client.cover, _day(last)) if ended else _NOTHING
    if state is None:
        return _NOTHING
    begins = f"from {_day(first)}" if state == CoverState.LATER else ""
    days = " ".join(filter(None, [begins, f"until {_day(last)}" if last else ""]))
    return format_html("{}{}", client.cover, format_html('<span class="two">{}</span>', days) if days else _NOTHING)


def label_in_markup(label: Label) -> SafeString:
    """A label. Its name says everything; the colour helps to find it."""
    return format_html('<span class="label {}">{}</span>', label.colour, label)


def labels_in_markup(labels: Iterable[Label]) -> SafeString:
    return format_html_join(" ", "{}", ((label_in_markup(label),) for label in labels))


def _day(day: date | None) -> str:
    return f"{day:%-d %b %Y}" if day else ""
