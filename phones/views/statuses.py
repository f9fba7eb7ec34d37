"""How a status of a number is shown wherever numbers are listed: its words, tone and icon, and what Graph says.

There are few different ones, so each is made once and kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from phones.choices import OWN_FIELDS, Status, Tone
from phones.numbers import clocks
from phones.numbers.age import last_answer
from phones.numbers.words import describe_of, describe_registration, describe_trait
from portal.web import markup
from portal.web.templatetags.desk import hint

if TYPE_CHECKING:
    from phones.models import PhoneNumber

_LISTED_NOWHERE = "No WABA that we read lists it any more."


@dataclass(frozen=True, slots=True)
class Said:
    """A status in words, and what there is to say behind them. Without a tone `words` are all there is to show."""

    words: str
    tone: str = ""
    title: str = ""
    is_stale: bool = False

    def in_markup(self, *, plain: bool) -> SafeString:
        """`plain`, or on a tinted ground."""
        if not self.tone:
            return format_html("{}", self.words)
        return markup.toned(self.tone, self.words, self.title, plain=plain, stale=self.is_stale)


_NOT_WORKED_OUT = Said(SafeString('<span class="quiet">not worked out</span>'))


def said_of(number: PhoneNumber, field: str, *, now: datetime) -> Said:
    """What is shown of `field` of `number`."""
    value = getattr(number, field)
    if value == "" or (value is None and field in OWN_FIELDS):
        return _NOT_WORKED_OUT
    if value is not None:
        stale = clocks.is_stale(last_answer(number, field)[0], now=now)
        return _said(describe_of(number, field), "" if field in OWN_FIELDS else value, stale=stale)
    if (odd := number.odd_values.get(field)) is not None:
        return Said(format_html('<span class="odd" title="Meta sent something else than text here.">{}</span>', odd))
    return Said(markup.absent())


def status_of(number: PhoneNumber, field: str, *, plain: bool = True, now: datetime | None = None) -> SafeString:
    """The words for `field` of `number` with their tone: `plain`, or on a tinted ground."""
    return said_of(number, field, now=now or timezone.now()).in_markup(plain=plain)


def registration_of(number: PhoneNumber, *, now: datetime) -> Said:
    """Whether `number` is registered with Cloud API."""
    return _said(describe_registration(number), "", stale=clocks.is_stale(number.facts_as_of, now=now))


def trait_of(number: PhoneNumber, trait: str) -> Said:
    """What is shown of a trait of `number`."""
    return _said(describe_trait(number, trait), "", stale=False)


def absence_of(number: PhoneNumber, *, plain: bool = True) -> SafeString:
    """The words for a number that no WABA lists any more."""
    return markup.toned(Tone.WARN.value, "Gone" if number.gone_at else "Missing", _LISTED_NOWHERE, plain=plain)


def urgency(deadline: datetime, *, now: datetime) -> str:
    """The tone of a deadline: bad when it is past or pressing, warn when it is near."""
    if clocks.has_passed(deadline, now=now) or clocks.is_pressing(deadline, now=now):
        return Tone.BAD.value
    return Tone.WARN.value if clocks.is_near(deadline, now=now) else Tone.NONE.value


@lru_cache(maxsize=2_000)
def _said(status: Status, raw: str, *, stale: bool) -> Said:
    return Said(status.label, status.tone.value, hint(status, raw), stale)
