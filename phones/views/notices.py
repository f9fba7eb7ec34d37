"""What Meta's events and refusals mean for the page of a number or a WABA, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass

from clients.failures import Explanation, explain
from clients.models import Waba
from clients.models.answers import Refused
from phones.events.words import told
from phones.models import EventFact, PhoneNumber


@dataclass(frozen=True, slots=True)
class Notice:
    """What events say of a number or WABA that still holds and asks for attention."""

    sentence: str
    tone: str
    fact: EventFact


def notices_of(*, waba: Waba | None = None, number: PhoneNumber | None = None) -> list[Notice]:
    """What events say of this WABA itself, or of this number, that still holds; the newest first. One statement."""
    facts = (
        EventFact.objects.filter(number=number)
        if number is not None
        else EventFact.objects.filter(waba=waba, number=None)
    )
    words = [(fact, told(fact.name, fact.value)) for fact in facts.order_by("-at", "pk")]
    return [
        Notice(f"{one.sentence}{f', until {one.until:%-d %b %Y}' if one.until else ''}", one.tone.value, fact)
        for fact, one in words
        if one.holds
    ]


def trouble_of(row: Refused | None) -> Explanation | None:
    """Why Meta did not do what `row` was about, in words; None when all was well."""
    if row is None or not row.error_kind:
        return None
    return explain(row.error_kind, row.code, row.subcode, row.http_status)
