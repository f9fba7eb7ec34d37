"""The rows of the numbers list, as markup.

A page has some 400 cells, so each says little: which column it is of, its tone, its words. A cell ends where the next
one or the row does, so it has no end tag, as HTML allows. Icons and layout are in `list.css`, and what words mean is
told once below the list.

What comes from outside goes through `format_html`, which escapes it. `SafeString` stands around nothing but markup
written here and such as is safe already, which the types hold: `format_html` takes most of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString

from phones.choices import MOVES, Source, Tone
from phones.listing.columns import FIRST, NumberColumn
from phones.listing.rows import NumberRow
from phones.numbers import clocks
from phones.numbers.age import last_answer
from phones.numbers.words import describe_of
from phones.views import statuses
from phones.views.book_markup import cover_of, labels_in_markup
from phones.views.statuses import Said
from portal.web import markup
from portal.web.icons import tone_icon
from portal.web.templatetags.desk import ago, exact, hint, span

_NOTHING = SafeString("")
_ONLY_NARROW = SafeString(' class="narrow"')
_END = SafeString("</tr>\n")
_SOURCES = {source.value: str(source.label) for source in Source}
# In the only `td` before the number, by which `list.css` knows it.
_CHECKBOX = '<td><label><input type="checkbox" name="ids" value="{}" aria-label="Select {}"></label>'
_NAMELESS = SafeString(
    '<small><span class="absent" title="Meta’s answer did not contain a display name.">no name returned</span></small>'
)


@dataclass(frozen=True, slots=True)
class Table:
    """What is the same for all rows of a page. `meanings`, by column and words, is what is told below the list."""

    now: datetime
    columns: Sequence[NumberColumn]
    meanings: dict[tuple[NumberColumn, str], str] = field(default_factory=dict)

    @property
    def shows_age(self) -> bool:
        return any(column.piece == "age" for column in self.columns)


# The whole cell of a column.
Cell = Callable[[NumberRow, NumberColumn, Table], SafeString]


def rows_in_markup(rows: Iterable[NumberRow], table: Table, *, is_selectable: bool = False) -> SafeString:
    """The table's rows. `is_selectable`: each begins with a checkbox that names the number by our own key."""
    cells = [(_CELLS.get(column.piece, _status), column) for column in table.columns if column is not FIRST]
    parts: list[SafeString] = []
    for row in rows:
        parts.append(_beginning(row, is_selectable=is_selectable))
        parts += [cell(row, column, table) for cell, column in cells]
        parts.append(_END)
    return SafeString("".join(parts))


def _beginning(row: NumberRow, *, is_selectable: bool) -> SafeString:
    """The checkbox, the number and its display name."""
    number = row.number
    words = escape(str(number))
    box = format_html(_CHECKBOX, SafeString(number.pk), words) if is_selectable else _NOTHING
    return format_html(
        '<tr data-phone-number-id="{}">{}<th scope="row"><a href="{}{}">{}</a>{}',
        number.phone_number_id,
        box,
        markup.address_of("phones:number", number.phone_number_id),
        row.trail or _NOTHING,
        words,
        _NAMELESS if number.verified_name is None else _named_below(number.verified_name),
    )


@lru_cache(maxsize=2_000, typed=True)
def _cell(css: str, words: str, title: str = "") -> SafeString:
    """A cell with what there is to say behind its words. Kept: the same few are in most rows.

    By type, because a text from outside may be equal to markup of ours.
    """
    return format_html('<td class="{}"{}>{}', css, markup.titled(title), words)


def _of(column: NumberColumn, words: SafeString) -> SafeString:
    return SafeString(f'<td class="{column.piece or column.name}">{words}')


def _timed(column: NumberColumn, at: datetime, words: str, css: str = "", *, besides: str = "") -> SafeString:
    """A cell that is one moment in `words` of ours, with the exact one behind it, and what else there is to say."""
    classes = f"{column.piece or column.name} {css}" if css else column.piece or column.name
    return SafeString(f'<td class="{classes}" title="{exact(at)}{conditional_escape(besides)}">{words}')


def _toned(column: NumberColumn, said: Said, table: Table, below: SafeString = _NOTHING) -> SafeString:
    """A cell that is one status. Its icon is drawn by its tone. It keeps a meaning that is not the one told below."""
    css = column.piece or column.name
    if not said.tone:
        return _of(column, said.in_markup(plain=True) + below)
    told = table.meanings.setdefault((column, said.words), said.title)
    title = "" if told == said.title else said.title
    tone = f"{css} {said.tone} stale" if said.is_stale else f"{css} {said.tone}"
    return _cell(tone, format_html("{}{}", said.words, below) if below else said.words, title)


def _status(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """A status in words; below it its age, where that is not the row's own and makes it doubtful."""
    said = statuses.said_of(row.number, column.name, now=table.now)
    return _toned(column, said, table, _doubt(row, column, table))


def _doubt(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    number, name = row.number, column.name
    if name not in number.provenance:
        return _NOTHING
    at = last_answer(number, name)[0]
    if at == number.facts_as_of or getattr(number, name) is None or not clocks.is_stale(at, now=table.now):
        return _NOTHING
    return _below(_moment(at, ago(at), "age stale"))


def _client(row: NumberRow, _column: NumberColumn, _table: Table) -> SafeString:
    """The client and the WABA that the person is shown, and how many more WABAs there are."""
    waba = row.waba
    client, account = waba.client.name, str(waba)
    more = _NOTHING
    if row.more:
        words = "+1 WABA" if row.more == 1 else f"+{row.more} WABAs"
        more = format_html('<small title="It is listed on more than one WABA.">{}</small>', words)
    return format_html(
        '<td class="client"><a href="{}"{}>{}</a><a href="{}"{}>{}</a>{}',
        markup.address_of("phones:client", waba.client_id),
        markup.directed(client),
        client,
        markup.address_of("phones:waba", waba.waba_id),
        markup.directed(account),
        account,
        more,
    )


def _owner(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    """The account manager of the client that the person is shown."""
    return _of(column, conditional_escape(str(row.waba.client.owner or "Nobody")))


def _cover(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    """Who covers the client that the person is shown, and until when."""
    return _of(column, cover_of(row.waba.client))


def _labels(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    """The labels of the number and of its client."""
    shown = format_html('<div class="labels">{}</div>', labels_in_markup(row.labels)) if row.labels else _NOTHING
    return _of(column, shown)


def _connection(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """The connection, and the platform below it; that the number is listed nowhere, and what the connection was."""
    number = row.number
    if number.missing_since:
        words = statuses.absence_of(number, plain=False)
        if number.status:
            was = describe_of(number, "status")
            words += format_html("<small{}>was: {}</small>", markup.titled(hint(was, number.status)), was.label)
        return _of(column, words)
    words = statuses.status_of(number, "status", plain=False, now=table.now)
    if number.platform_type:
        platform = describe_of(number, "platform_type")
        title = markup.titled(hint(platform, number.platform_type))
        words += format_html("<small{}>{}</small>", title, platform.label)
    return _of(column, words)


def _registered(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    return _toned(column, statuses.registration_of(row.number, now=table.now), table)


def _trait(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    return _toned(column, statuses.trait_of(row.number, column.name), table)


def _next(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """What to do next, whose move it is and since when; how old that is where no other cell says so.

    Long words are cut by `list.css` where there is little room and lists.js can show them whole.
    """
    number = row.number
    words = format_html("<p>{}</p>", row.next_action or "Nothing to do")
    if clocks.is_stale(number.facts_as_of, now=table.now):
        as_of = _moment(number.facts_as_of, ago(number.facts_as_of), "age stale")
        words += SafeString(f"<small{_ONLY_NARROW if table.shows_age else _NOTHING}>as of {as_of}</small>")
    if whose := MOVES.get(number.move, number.move):
        since = number.stage_since
        title = f' title="{exact(since)}"' if since else ""
        ago_in_words = f", {span(table.now - since)}" if since else ""
        words += SafeString(f"<small{title}>{conditional_escape(whose)}{ago_in_words}</small>")
    return _of(column, words)


def _deadline(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """Until when the number must be registered."""
    at = row.number.registration_deadline
    if at is None:
        return _of(column, _NOTHING)
    tone = statuses.urgency(at, now=table.now)
    return _timed(column, at, ago(at), "" if tone == Tone.NONE else f"due-{tone}")


def _requested(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """The review of a requested name, and the name."""
    said = statuses.said_of(row.number, column.name, now=table.now)
    name = row.number.new_display_name
    return _toned(column, said, table, _doubt(row, column, table) + (_named_below(name) if name else _NOTHING))


def _flag(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    value = getattr(row.number, column.name)
    return _of(column, markup.absent() if value is None else SafeString("Yes" if value else "No"))


def _time(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    at = getattr(row.number, column.name)
    return _of(column, markup.absent()) if at is None else _timed(column, at, ago(at))


def _id(row: NumberRow, column: NumberColumn, _table: Table) -> SafeString:
    return _of(column, format_html("<code>{}</code>", row.number.phone_number_id))


def _age(row: NumberRow, column: NumberColumn, table: Table) -> SafeString:
    """How old the number's facts are and where they came from; below, whether its WABA can't be read now."""
    number = row.number
    source = _SOURCES.get(number.synced_by, number.synced_by)
    css = "stale" if clocks.is_stale(number.facts_as_of, now=table.now) else ""
    words = SafeString(span(table.now - number.facts_as_of))
    if row.waba.last_failure_id:
        address = markup.address_of("phones:waba", row.waba.waba_id)
        failing = '<a href="{}" class="tone plain warn">{}<span>reading fails</span></a>'
        words += _below(format_html(failing, address, tone_icon("warn")))
    elif number.synced_by != Source.SYNC:
        words += _below(conditional_escape(source))
    return _timed(column, number.facts_as_of, words, css, besides=f", by {source}")


def _moment(at: datetime, words: str, css: str) -> SafeString:
    """A moment in `words` of ours, with the exact one behind them."""
    return SafeString(f'<span class="{css}" title="{exact(at)}">{words}</span>')


def _below(words: SafeString) -> SafeString:
    """A quiet second line in the cell."""
    return SafeString(f"<small>{words}</small>")


def _named_below(name: str) -> SafeString:
    """A name from outside as that line."""
    return format_html("<small{}>{}</small>", markup.directed(name), name)


_CELLS: dict[str, Cell] = {
    "client": _client,
    "owner": _owner,
    "cover": _cover,
    "labels": _labels,
    "connection": _connection,
    "registered": _registered,
    "trait": _trait,
    "next": _next,
    "deadline": _deadline,
    "requested": _requested,
    "flag": _flag,
    "time": _time,
    "id": _id,
    "age": _age,
}
