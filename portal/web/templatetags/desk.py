"""Template tags and filters that every page may use. How things look; no decisions about numbers."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.web import icons, markup
from portal.web.addresses import Address

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A 16-pixel heroicon, hidden from screen readers: the word beside it speaks. Name as on heroicons.com."""
    return icons.icon(str(name))


@register.simple_tag
def tone_icon(tone: str) -> SafeString:
    """The icon of a tone, or of a message's level; a dot, which claims nothing, for neutral and anything else."""
    return icons.tone_icon(str(tone))


@register.simple_tag
def address_of(route: str, key: object) -> str:
    """The address of `route` with one argument, as `url` gives it, for rows: at a fraction of its time."""
    return markup.address_of(route, key)


@register.simple_tag
def toned(status: Any, raw: object = None, *, plain: object = False, stale: object = False) -> SafeString:
    """A status in words with its tone: `ui/tone.html`."""
    return markup.toned(status.tone, status.label, hint(status, raw), plain=bool(plain), stale=bool(stale))


@register.simple_tag
def toned_or_absent(status: Any, raw: object = None, *, plain: object = False) -> SafeString:
    """The same; a `status` of None is what Graph left out of its answer."""
    return markup.absent() if status is None else toned(status, raw, plain=plain)


def hint(status: Any, raw: object = None) -> str:
    """What a status means and what Graph says, for the `title` behind its words."""
    says = f"Graph says {raw}." if raw not in (None, "") else ""
    return " ".join(part for part in (str(status.meaning), says) if part)


@register.simple_tag
def absent(why: str = "") -> SafeString:
    """A value that Graph left out: `ui/absent.html`."""
    return markup.absent(why or markup.WHY_ABSENT)


@register.simple_tag
def moment(at: datetime, words: str, css: str = "", *, besides: str = "") -> SafeString:
    """A moment in `words`, with the exact one behind them, followed by what else is to be said of it."""
    if not css:
        return format_html('<time datetime="{}" title="{}{}">{}</time>', iso(at), exact(at), besides, words)
    form = '<time class="{}" datetime="{}" title="{}{}">{}</time>'
    return format_html(form, css, iso(at), exact(at), besides, words)


@register.simple_tag
def rendered_once(template_name: str, **values: Hashable) -> SafeString:
    """A template that shows nothing but `values`, which never change in themselves: kept, being part of many pages."""
    render = _rendered_once.__wrapped__ if settings.DEBUG else _rendered_once
    return render(template_name, tuple(values.items()))


@lru_cache(maxsize=256)
def _rendered_once(template_name: str, values: tuple[tuple[str, Hashable], ...]) -> SafeString:
    return SafeString(render_to_string(template_name, dict(values)))


@register.simple_tag
def narrows(address: Address, more: str = "") -> SafeString:
    """What makes a form narrow the list at `address` while one types or chooses: htmx takes the list's parts anew.

    `more` parts, by their ids, than every list has: ", #tabs".
    """
    return format_html(_NARROWS, address.path, more)


_NARROWS = " ".join(
    [
        'hx-get="{}" hx-target="#results" hx-select="#results > *" hx-select-oob="#count, #export, #kept, #kept-query,',
        '#columns-back{}" hx-push-url="true" hx-sync="this:replace" hx-indicator="#results"',
        'hx-trigger="submit, change, input delay:350ms from:find [data-search]"',
    ]
)


class _Cell(template.Node):
    """What stands between `cell` and `endcell`, with the name of its column."""

    def __init__(self, name: str, nodelist: template.NodeList) -> None:
        self.name = name
        self.nodelist = nodelist


class _Cells(template.Node):
    def __init__(self, columns: template.base.FilterExpression, cells: dict[str, template.NodeList]) -> None:
        self.columns = columns
        self.cells = cells

    def render(self, context: template.Context) -> SafeString:
        columns = self.columns.resolve(context) or ()
        names = [column.name for column in columns] or list(self.cells)
        return SafeString("".join(self.cells[name].render(context) for name in names))


@register.tag
def cell(parser: template.base.Parser, token: template.base.Token) -> _Cell:
    """`{% cell "name" %}…{% endcell %}` within `cells`: the cell of the column of this name."""
    nodelist = parser.parse(("endcell",))
    parser.delete_first_token()
    return _Cell(token.split_contents()[1].strip('"'), nodelist)


@register.tag
def cells(parser: template.base.Parser, token: template.base.Token) -> _Cells:
    """`{% cells columns %}…{% endcells %}`: the cells of a row, those of these columns in their order; else all."""
    nodelist = parser.parse(("endcells",))
    parser.delete_first_token()
    of_row = {node.name: node.nodelist for node in nodelist if isinstance(node, _Cell)}
    return _Cells(parser.compile_filter(token.split_contents()[1]), of_row)


@register.inclusion_tag("ui/practice_phone.html", takes_context=True)
def practice_phone(context: template.Context, field: str, *, number: str, preverified: str) -> dict[str, object]:
    """What a field for a token, a code or a PIN is to be filled with, in a demo; nothing elsewhere.

    Codes and PINs are those of the number with this id.
    """
    if field == "token":
        return {"field": field, "token": context.get("practice_token")}
    look = context.get("practice_phone")
    if look is None or field not in {"code", "pin"} or not (number or preverified):
        return {}
    return {"field": field, "phone": look("numbers", number) if number else look("preverified", preverified)}


@register.filter
def age(at: datetime | None) -> str:
    """How long ago `at` was, in its largest unit: "now", "4 min", "3 h", "12 days", "5 months", "2 years"."""
    return span(timezone.now() - at) if at else "never"


@register.filter
def ago(at: datetime | None) -> str:
    """The age as a phrase: "3 h ago", "in 20 min", "just now", "never"."""
    if at is None:
        return "never"
    passed = timezone.now() - at
    if abs(passed) < timedelta(minutes=1):
        return "just now" if passed >= timedelta(0) else "in under a minute"
    return f"{span(passed)} ago" if passed > timedelta(0) else f"in {span(-passed)}"


@register.filter
def lasting(at: datetime) -> str:
    """For how long something has been so that began then: "for 3 h", "just now"."""
    passed = timezone.now() - at
    return f"for {span(passed)}" if passed >= timedelta(minutes=1) else "just now"


@register.filter
def iso(at: datetime | None) -> str:
    """The moment for machines, as `datetime` of a `time` takes it. Django's `date` is slow where there are hundreds."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


@register.filter
def exact(at: datetime | None) -> str:
    """The moment itself, to the second, in the reader's time zone: "21 Nov 2026, 14:03:22 UTC"."""
    return f"{timezone.localtime(at):%-d %b %Y, %H:%M:%S %Z}" if at else ""


@register.filter
def day(at: datetime | None) -> str:
    """The day in the reader's time zone: "21 Nov 2026"."""
    return f"{timezone.localtime(at):%-d %b %Y}" if at else ""


@register.filter
def grouped(count: int) -> str:
    """A count as people read it: "5,497"."""
    return f"{count:,}"


@register.filter
def lasted(started: datetime | None, finished: datetime | None) -> str:
    """The time between two moments: "0.8 s", "42 s", "3 min"; up to now while the second is missing."""
    if started is None:
        return ""
    seconds = ((finished or timezone.now()) - started).total_seconds()
    if seconds < 10:
        return f"{max(seconds, 0):.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else span(timedelta(seconds=seconds))


@register.filter
def under(path: str, starts: str) -> bool:
    """Whether an address lies under one of `starts` (separated by spaces): which part of the navigation is current."""
    return path.startswith(tuple(starts.split()))


@register.filter
def at_route(address: Address, name: str) -> Address:
    """The same question to another page: `address` with the path of the route `name`."""
    return address.at(reverse(name))


@register.filter(name="with")
def with_parameter(address: Address, name: str) -> Address:
    """The same address with a parameter that says nothing more than that it is there."""
    return address.setting(name, "shown")


@register.filter
def span(passed: timedelta) -> str:
    """A length of time in its largest unit: "15 min", "3 h"."""
    minutes = int(passed.total_seconds() // 60)
    days = minutes // (60 * 24)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min"
    if days < 2:
        return f"{minutes // 60} h"
    if days < 60:
        return f"{days} days"
    return f"{days // 30} months" if days < 730 else f"{days // 365} years"
