"""What pages need to show a number's statuses and ages. How a status looks is decided in `phones.views.statuses`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString

from phones.choices import MOVES
from phones.numbers import clocks
from phones.numbers.age import last_answer
from phones.views import statuses
from portal.web.templatetags.desk import age, ago, moment

if TYPE_CHECKING:
    from phones.models import PhoneNumber

register = template.Library()


@register.simple_tag
def status_of(number: PhoneNumber, field: str) -> SafeString:
    """The words for `field` of `number` with their tone."""
    return statuses.status_of(number, field)


@register.simple_tag
def absence_of(number: PhoneNumber) -> SafeString:
    """The words for a number that no WABA lists any more."""
    return statuses.absence_of(number)


@register.filter
def as_of(number: PhoneNumber, field: str) -> datetime:
    """When `field` of `number` was last answered."""
    return last_answer(number, field)[0]


@register.filter
def whose(move: str) -> str:
    return MOVES.get(move, move)


@register.filter
def urgency(deadline: datetime) -> str:
    return statuses.urgency(deadline, now=timezone.now())


@register.simple_tag
def aged(at: datetime | None, *, source: str = "", bare: bool = False) -> SafeString:
    """How old something is, with the exact time behind it. Muted when older than a day; None reads "never".

    `source`: where it came from, in words ("sync", "event from Meta"). `bare`: without "ago", in a column headed "Age".
    """
    if not at:
        return _NEVER
    css = "age stale" if is_stale(at) else "age"
    words = age(at) if bare else ago(at)
    if not source:
        return moment(at, words, css)
    return moment(at, f"{source}, {words}", css, besides=f", by {source}")


_NEVER = SafeString('<span class="age">never</span>')


@register.filter
def is_stale(read_at: datetime | None) -> bool:
    """Whether something was read too long ago to be trusted; also when it never was."""
    return clocks.is_stale(read_at, now=timezone.now())
