"""What Meta's events and refusals mean for the page of a number or a WABA, ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from clients.explanations import Explanation, explain
from clients.models import Waba
from clients.models.answers import Refused
from phones.events.words import told
from phones.models import EventFact, Listing, PhoneNumber
from phones.numbers.reported import Report, kind_of


@dataclass(frozen=True, slots=True)
class Notice:
    """What events say of a number or WABA that still holds and asks for attention."""

    sentence: str
    tone: str
    fact: EventFact


def notices_of(*, waba: Waba | None = None, number: PhoneNumber | None = None) -> list[Notice]:
    """What events say of this WABA itself, or of this number, that still holds; the newest first.

    What a WABA said that the number has left is of its past, and of another client's.
    """
    facts = (
        EventFact.objects.filter(number=number, waba__in=Listing.objects.current().filter(number=number).values("waba"))
        if number is not None
        else EventFact.objects.filter(waba=waba, number=None)
    )
    found = list(facts.select_related("waba__last_failure").order_by("-at", "pk"))
    return [_notice(fact) for fact in found if _report(fact, [number] if number is not None else None).holds]


def _report(fact: EventFact, numbers: Sequence[PhoneNumber] | None) -> Report:
    if numbers is None:
        # Of a whole WABA only this is held against what Graph returned of each of its numbers.
        is_of_numbers = kind_of(fact.name) == "connection"
        numbers = list(PhoneNumber.objects.filter(waba=fact.waba_id, missing_since=None)) if is_of_numbers else []
    return Report(fact, fact.waba, numbers, timezone.now())


def _notice(fact: EventFact) -> Notice:
    words = told(fact.name, fact.value)
    until = f", until {words.until:%-d %b %Y}" if words.until else ""
    return Notice(f"{words.sentence}{until}", words.tone.value, fact)


def trouble_of(row: Refused | None) -> Explanation | None:
    """Why Meta did not do what `row` was about, in words; None when all was well."""
    if row is None or not row.error_kind:
        return None
    return explain(row.error_kind, row.code, row.subcode, row.http_status)
