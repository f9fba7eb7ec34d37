"""What Meta's events and refusals mean for the page of a number or a WABA, ready to be shown."""

from dataclasses import dataclass

from clients.explanations import Explanation, explain
from clients.models import Waba
from clients.models.answers import Refused
from phones.events.words import told
from phones.models import EventFact, Listing, PhoneNumber
from phones.numbers.rules import NAME_ACCEPTED


@dataclass(frozen=True, slots=True)
class Notice:
    """What events say of a number or WABA that still holds and asks for attention."""

    sentence: str
    tone: str
    fact: EventFact


def notices_of(*, waba: Waba | None = None, number: PhoneNumber | None = None) -> list[Notice]:
    """What events say of this WABA itself, or of this number, that still holds; the newest first. One statement.

    What a WABA said that the number has left is of its past, and of another client's.
    """
    facts = (
        EventFact.objects.filter(number=number, waba__in=Listing.objects.current().filter(number=number).values("waba"))
        if number is not None
        else EventFact.objects.filter(waba=waba, number=None)
    )
    words = [(fact, told(fact.name, fact.value)) for fact in facts.order_by("-at", "pk")]
    return [
        Notice(f"{one.sentence}{f', until {one.until:%-d %b %Y}' if one.until else ''}", one.tone.value, fact)
        for fact, one in words
        if one.holds and not _reads_otherwise(fact, waba, number)
    ]


def _reads_otherwise(fact: EventFact, waba: Waba | None, number: PhoneNumber | None) -> bool:
    """Whether Graph has told the contrary since: the event that says so may have been lost on its way."""
    if fact.name == "name_decision" and number is not None:
        is_in_use = number.verified_name == fact.value.get("requested_verified_name")
        return is_in_use and number.name_status in NAME_ACCEPTED and number.synced_at > fact.at
    if fact.name == "review" and waba is not None and waba.facts_read_at is not None:
        return waba.account_review_status == "APPROVED" and waba.facts_read_at > fact.at
    return False


def trouble_of(row: Refused | None) -> Explanation | None:
    """Why Meta did not do what `row` was about, in words; None when all was well."""
    if row is None or not row.error_kind:
        return None
    return explain(row.error_kind, row.code, row.subcode, row.http_status)
