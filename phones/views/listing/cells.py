"""The rows of the numbers list, as markup.

A page has some 400 cells. Measured in one run, the markup of 50 rows takes 31 ms of processor time with a template of
Django's for each cell, 5.2 ms as one template of Jinja2's and 5.4 ms with `format_html`, which needs no second language
of templates with its own escaping.

Every value goes through `format_html`, which escapes it; `SafeString` stands around nothing but markup written here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from phones.choices import MOVES, Source
from phones.listing.columns import FIRST, NumberColumn
from phones.listing.rows import NumberRow
from phones.numbers import clocks
from phones.numbers.age import last_answer
from phones.numbers.words import describe_of
from phones.views import statuses
from phones.views.book_markup import cover_of, labels_in_markup
from portal.web import markup
from portal.web.templatetags.desk import ago, hint, moment, span

_NOTHING = SafeString("")
_SOURCES = {source.value: str(source.label) for source in Source}
_NO_NAME = "Meta’s answer did not contain a display name."
# What is longer may be cut on a narrow screen, so it stands behind the words as well.
_MAY_BE_CUT = 30


@dataclass(frozen=True, slots=True)
class Table:
    """What is the same for all rows of a page."""

    now: datetime
    columns: Sequence[NumberColumn]

    @property
    def shows_age(self) -> bool:
        return any(column.piece == "age" for column in self.columns)


Cell = Callable[[NumberRow, NumberColumn, Table], SafeString]


def rows_in_markup(rows: Iterable[NumberRow], table: Table, *, is_selectable: bool = False) -> SafeString:
    """The table's rows. `is_selectable`: each begins with a checkbox that names the number by our own key."""
    # The class of a column's cells is written in `columns.py`, not by anybody outside.
    cells = [
        (SafeString(f'<td class="{_class_of(column)}">'), _CELLS.get(column.piece, _status), column)
        for column in table.columns
        if column is not FIRST
    ]
    ends = SafeString("</td>")
    parts: list[SafeString] = []
    for row in rows:
        parts.append(_beginning(row))
        if is_selectable:
            parts.append(_checkbox(row))
        parts.append(_head(row))
        for begins, cell, column in cells:
            parts += (begins, cell(row, column, table), ends)
        parts.append(SafeString("</tr>\n"))
    return SafeString("".join(parts))


def _class_of(column: NumberColumn) -> str:
    return f"{column.css} {column.piece or column.name}".strip()


def _beginning(row: NumberRow) -> SafeString:
    return format_html('<tr data-phone-number-id="{}">', row.number.phone_number_id)


def _checkbox(row: NumberRow) -> SafeString:
    return format_html(
        '<td class="pick"><label><input type="checkbox" name="ids" value="{}" aria-label="Select {}"></label></td>',
        row.number.pk,
        row.number,
    )


def _head(row: NumberRow) -> SafeString:
    """The number and its display name."""
    number = row.number
    name = (
        _below('<span class="absent" title="{}">no name returned</span>', _NO_NAME)
        if number.verified_name is None
        else format_html('<span class="two clip" dir="auto">{}</span>', number.verified_name)
    )
    return format_html(
        '<th scope="row"><a class="row number" href="{}{}">{}</a>{}</th>',
        markup.address_of("phones:number", number.phone_number_id),
        row.trail,
        number,
        name,
    )


def _status(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """A status in words; below it its age, where that is not the row's own and makes it doubtful."""
    number, field = row.number, column.name
    words = statuses.status_of(number, field, now=table.now)
    if field not in number.provenance:
        return words
    at = last_answer(number, field)[0]
    if at == number.facts_as_of or getattr(number, field) is None or not clocks.is_stale(at, now=table.now):
        return words
    return words + _below("{}", moment(at, ago(at), "age stale"))


def _client(row: NumberRow, _column: NumberColumn, _table: Table) -> SafeString:
    """The client and the WABA that the person is shown, and how many more WABAs there are."""
    waba = row.waba
    more = _NOTHING
    if row.more:
        words = "+1 WABA" if row.more == 1 else f"+{row.more} WABAs"
        more = format_html(' <span title="It is listed on more than one WABA.">{}</span>', words)
    return format_html(
        '<a class="clip" href="{}" dir="auto">{}</a><span class="two clip"><a href="{}" dir="auto">{}</a>{}</span>',
        markup.address_of("phones:client", waba.client_id),
        waba.client,
        markup.address_of("phones:waba", waba.waba_id),
        waba,
        more,
    )


def _owner(row: NumberRow, _column: NumberColumn, _table: Table) -> SafeString:
    """The account manager of the client that the person is shown."""
    return format_html("{}", row.waba.client.owner or "Nobody")


def _cover(row: NumberRow, _column: NumberColumn, _table: Table) -> SafeString:
    """Who covers the client that the person is shown, and until when."""
    return cover_of(row.waba.client)


def _labels(row: NumberRow, _column: NumberColumn, _table: Table) -> SafeString:
    """The labels of the number and of its client."""
    return format_html('<div class="labels">{}</div>', labels_in_markup(row.labels)) if row.labels else _NOTHING


def _connection(row: NumberRow, _column: NumberColumn, table: Table) -> SafeString:
    """The connection, and the platform below it; that the number is listed nowhere, and what the connection was."""
    number = row.number
    if number.missing_since:
        words = statuses.absence_of(number, plain=False)
        if not number.status:
            return words
        was = describe_of(number, "status")
        return words + format_html('<span class="two" title="{}">was: {}</span>', hint(was, number.status), was.label)
    words = statuses.status_of(number, "status", plain=False, now=table.now)
    if not number.platform_type:
        return words
    platform = describe_of(number, "platform_type")
    title = hint(platform, number.platform_type)
    return words + format_html('<span class="two clip" title="{}">{}</span>', title, platform.label)


def _registered(row: NumberRow, _column: NumberColumn, _table: Table) -> SafeString:
    return statuses.registration_of(row.number)


def _next(row: NumberRow, _column: NumberColumn, table: Table) -> SafeString:
    """What to do next, whose move it is and since when; how old that is where no other cell says so."""
    number, action = row.number, row.next_action or "Nothing to do"
    title = action if len(action) > _MAY_BE_CUT else ""
    words = format_html('<span class="clip"{}>{}</span>', markup.titled(title), action)
    if clocks.is_stale(number.facts_as_of, now=table.now):
        as_of = moment(number.facts_as_of, ago(number.facts_as_of), "age stale")
        words += format_html('<span class="two{}">as of {}</span>', " narrow" if table.shows_age else "", as_of)
    if whose := MOVES.get(number.move, number.move):
        since = number.stage_since
        age = format_html(", {}", moment(since, span(table.now - since))) if since else _NOTHING
        words += _below("{}{}", whose, age)
    return words


def _deadline(row: NumberRow, _column: NumberColumn, table: Table) -> SafeString:
    """Until when the number must be registered."""
    at = row.number.registration_deadline
    if at is None:
        return _NOTHING
    return moment(at, ago(at), f"due {statuses.urgency(at, now=table.now)}")


def _requested(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """The review of a requested name, and the name."""
    words = _status(row, column, table)
    if name := row.number.new_display_name:
        words += format_html('<span class="two clip" dir="auto">{}</span>', name)
    return words


def _flag(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    value = getattr(row.number, column.name)
    if value is None:
        return markup.absent()
    return SafeString("Yes" if value else "No")


def _time(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    at = getattr(row.number, column.name)
    return markup.absent() if at is None else moment(at, ago(at))


def _id(row: NumberRow, _column: NumberColumn, _table: Table) -> SafeString:
    return format_html("<code>{}</code>", row.number.phone_number_id)


def _age(row: NumberRow, _column: NumberColumn, table: Table) -> SafeString:
    """How old the number's facts are and where they came from; below, whether its WABA can't be read now."""
    number = row.number
    stale = " stale" if clocks.is_stale(number.facts_as_of, now=table.now) else ""
    source = _SOURCES.get(number.synced_by, number.synced_by)
    age = moment(number.facts_as_of, span(table.now - number.facts_as_of), f"age{stale}", besides=f", by {source}")
    if row.waba.last_failure_id:
        address = markup.address_of("phones:waba", row.waba.waba_id)
        words = '<a href="{}" class="tone plain warn">{}<span>reading fails</span></a>'
        return age + _below(words, address, markup.tone_icon("warn"))
    return age if number.synced_by == Source.SYNC else age + _below("{}", source)


def _below(words: str, *values: object) -> SafeString:
    """A quiet second line in the cell."""
    return format_html('<span class="two">{}</span>', format_html(words, *values))


_CELLS: dict[str, Cell] = {
    "client": _client,
    "owner": _owner,
    "cover": _cover,
    "labels": _labels,
    "connection": _connection,
    "registered": _registered,
    "next": _next,
    "deadline": _deadline,
    "requested": _requested,
    "flag": _flag,
    "time": _time,
    "id": _id,
    "age": _age,
}
