"""Template filters that put what the desk knows of numbers and WABAs into words."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django import template
from django.utils import timezone

from clients.explanations import explain
from phones.choices import WHOSE_MOVE, Status, Tone
from phones.numbers import clocks
from phones.numbers.words import describe_of
from portal.web.templatetags.desk import span

if TYPE_CHECKING:
    from clients.models import Waba
    from phones.models import PhoneNumber

register = template.Library()


@register.filter
def described(number: PhoneNumber, field: str) -> Status:
    """The words for `field` of `number`: `{{ number|described:"status" }}`."""
    return describe_of(number, field)


@register.filter
def reading(waba: Waba) -> Status:
    """How the latest reading of `waba` went. Needs `last_failure` beside it (select_related)."""
    if failure := waba.last_failure:
        why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
        return Status(why.title, Tone(why.tone), why.cause)
    if waba.unshared_since:
        return Status("No longer shared", Tone.WARN, "Meta no longer lists it among the WABAs of our business.")
    if waba.last_synced_at is None:
        return Status("Not read yet", Tone.WAIT, "It waits for its first reading.")
    return Status("Read whole", Tone.OK, "All pages of its numbers arrived.")


@register.filter
def whose_move(move: str) -> str:
    """Whose move it is, as the beginning of a sentence."""
    return WHOSE_MOVE.get(move, "")


@register.filter
def left(deadline: datetime) -> str:
    """The time until a deadline: "4 days left", "under a minute left"; "passed 3 h ago"."""
    now = timezone.now()
    length = deadline - now
    if clocks.has_passed(deadline, now=now):
        return f"passed {span(-length)} ago" if length < -timedelta(minutes=1) else "passed just now"
    return f"{span(length)} left" if length >= timedelta(minutes=1) else "under a minute left"


@register.filter
def window(length: timedelta) -> str:
    """The span of one of Meta's limits: "72 h", "30 days"."""
    hours = round(length / timedelta(hours=1))
    return f"{hours} h" if hours <= 72 else f"{hours // 24} days"


@register.filter
def what_to_do(waba: Waba) -> str:
    """Whose move a failed reading of `waba` is, and which; empty while none failed."""
    failure = waba.last_failure
    if failure is None:
        return ""
    why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
    return f"{why.whose_move}: {why.what_to_do}"


@register.filter
def as_json(value: object) -> str:
    """A value as Meta sent it, one line a member, for people who look closely."""
    return json.dumps(value, ensure_ascii=False, indent=2)
