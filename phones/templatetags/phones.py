"""What the cells of the numbers list need. Made for hundreds of cells a page: a status is rendered once and kept."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from phones.choices import MOVES, OWN_FIELDS, Source, Status, Tone
from phones.numbers import clocks
from phones.numbers.age import last_answer
from phones.numbers.words import describe_of, describe_registration

if TYPE_CHECKING:
    from phones.models import PhoneNumber

register = template.Library()

_SOURCES = {source.value: str(source.label) for source in Source}


@register.simple_tag
def status_of(number: PhoneNumber, field: str, look: str = "plain") -> SafeString:
    """The words for `field` of `number` with their tone: "plain", or on a "tinted" ground."""
    value = getattr(number, field)
    if value == "" or (value is None and field in OWN_FIELDS):
        return SafeString('<span class="quiet">not worked out</span>')
    if value is not None:
        return _tone(
            describe_of(number, field),
            "" if field in OWN_FIELDS else value,
            plain=look == "plain",
            stale=is_stale(last_answer(number, field)[0]),
        )
    if (odd := number.odd_values.get(field)) is not None:
        return format_html('<span class="odd" title="Meta sent something else than text here.">{}</span>', odd)
    return _absent()


@register.simple_tag
def registration_of(number: PhoneNumber) -> SafeString:
    """The words for whether `number` is registered with Cloud API, with their tone."""
    return _tone(describe_registration(number), "", plain=True, stale=is_stale(number.facts_as_of))


@lru_cache(maxsize=2_000)
def _tone(status: Status, raw: str, *, plain: bool, stale: bool) -> SafeString:
    html = render_to_string("ui/tone.html", {"status": status, "raw": raw, "plain": plain, "stale": stale})
    return SafeString(html.strip())


@lru_cache(maxsize=1)
def _absent() -> SafeString:
    return SafeString(render_to_string("ui/absent.html").strip())


@register.filter
def fact(number: PhoneNumber, field: str) -> object:
    """The value of `field` of `number`; None when Graph did not return it."""
    return getattr(number, field)


@register.filter
def as_of(number: PhoneNumber, field: str) -> datetime:
    """When `field` of `number` was last answered."""
    return last_answer(number, field)[0]


@register.filter
def source(value: str) -> str:
    return _SOURCES.get(value, value)


@register.filter
def whose(move: str) -> str:
    return MOVES.get(move, move)


@register.filter
def urgency(deadline: datetime) -> str:
    """The tone of a deadline: bad when it is past or pressing, warn when it is near."""
    now = timezone.now()
    if clocks.has_passed(deadline, now=now) or clocks.is_pressing(deadline, now=now):
        return Tone.BAD.value
    return Tone.WARN.value if clocks.is_near(deadline, now=now) else Tone.NONE.value


@register.filter
def is_stale(read_at: datetime | None) -> bool:
    """Whether something was read too long ago to be trusted; also when it never was."""
    return clocks.is_stale(read_at, now=timezone.now())
