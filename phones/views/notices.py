"""What Meta's events and refusals mean for the page of a number or a WABA, ready to be shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from clients.explanations import Explanation, explain
from clients.models import Waba
from clients.models.answers import Refused
from phones.choices import Tone
from phones.events.words import event_words
from phones.models import EventFact, PhoneNumber
from phones.numbers import outside
from phones.numbers.age import last_answer_of_waba
from phones.numbers.reported import Report
from portal.web.templatetags.desk import day

# What Graph says of a WABA, by the kind of event that says the same.
_GRAPH_SAYS = {
    "ban": ("Meta has disabled this WABA", Tone.BAD),
    "restriction": ("Meta restricts this WABA", Tone.WARN),
    "review": ("Meta has rejected this WABA", Tone.BAD),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """What Meta says of a number or WABA that still holds and asks for attention.

    `is_event`: an event of `at` says it; else Graph returned it then. `waba` is the one that it is about, where that is
    not the page's own subject.
    """

    sentence: str
    tone: str
    at: datetime | None
    is_event: bool = True
    waba: Waba | None = None


def notices_of_waba(waba: Waba) -> list[Notice]:
    """What holds of this WABA itself; events first, the newest before the others."""
    facts = EventFact.objects.filter(waba=waba, number=None).select_related("waba__last_failure").order_by("-at", "pk")
    # Of a whole WABA only this is held against what Graph returned of each of its numbers.
    numbers = PhoneNumber.objects.filter(waba=waba, missing_since=None)
    reports = [_report(fact, list(numbers) if fact.name == "connection" else []) for fact in facts]
    return _said_by(reports) + _said_by_graph(waba, reports)


def notices_of_wabas(wabas: Sequence[Waba]) -> list[Notice]:
    """What holds of any of these WABAs, each with the WABA that it is about. One statement, however many they are.

    Without what is held against what Graph returned of every single number: the page of the WABA has that.
    """
    named = EventFact.objects.filter(waba__in=wabas, number=None, name__in=outside.TROUBLING - {"connection"})
    facts: dict[int, list[EventFact]] = {}
    for fact in named.order_by("-at", "pk"):
        facts.setdefault(fact.waba_id, []).append(fact)
    notices = []
    for waba in wabas:
        reports = [Report(fact, waba, [], timezone.now()) for fact in facts.get(waba.pk, [])]
        notices += [replace(one, waba=waba) for one in (*_said_by(reports), *_said_by_graph(waba, reports))]
    return notices


def said_of_number(number: PhoneNumber, places: Sequence[Waba]) -> list[EventFact]:
    """What events said of this number, and what troubles the WABAs `places` and its own; the newest first."""
    of_wabas = Q(number=None, name__in=outside.TROUBLING)
    said = EventFact.objects.filter(Q(number=number) | of_wabas, waba__in={number.waba_id, *(one.pk for one in places)})
    return list(said.select_related("waba__last_failure").order_by("-at", "pk"))


def notices_of_number(number: PhoneNumber, places: Sequence[Waba], said: Sequence[EventFact]) -> list[Notice]:
    """What holds of this number, and what troubles it of the WABAs that list it and the reader may see (`places`).

    What was `said` on a WABA that the number has left is of its past; on one that they may not see, another client's.
    """
    seen = {waba.pk for waba in places}
    reports = [_report(fact, [number]) for fact in said if fact.waba_id in seen]
    notices = _said_by(reports, of_number=True)
    for waba in places:
        of_waba = [report for report in reports if report.fact.waba_id == waba.pk and report.fact.number_id is None]
        notices += [replace(one, waba=waba) for one in _said_by_graph(waba, of_waba)]
    return notices


def _report(fact: EventFact, numbers: Sequence[PhoneNumber]) -> Report:
    return Report(fact, fact.waba, numbers, timezone.now())


def _said_by(reports: Iterable[Report], *, of_number: bool = False) -> list[Notice]:
    return [_notice(report.fact, of_number=of_number) for report in reports if report.holds]


def _notice(fact: EventFact, *, of_number: bool) -> Notice:
    words = event_words(fact.name, fact.value)
    until = f", until {day(words.until)}" if words.until else ""
    waba = fact.waba if of_number and fact.number_id is None else None
    return Notice(f"{words.sentence}{until}", words.tone.value, fact.at, waba=waba)


def _said_by_graph(waba: Waba, reports: Sequence[Report]) -> list[Notice]:
    """What Graph returned of the WABA that no event says already."""
    known = {report.fact.name for report in reports if report.holds}
    notices = []
    for kind in outside.as_graph_says(waba, reports):
        if kind not in known:
            sentence, tone = _GRAPH_SAYS[kind]
            at = last_answer_of_waba(waba, outside.FIELD_OF[kind])
            notices.append(Notice(sentence, tone.value, at, is_event=False))
    return notices


def trouble_of(row: Refused | None) -> Explanation | None:
    """Why Meta did not do what `row` was about, in words; None when all was well."""
    if row is None or not row.error_kind:
        return None
    return explain(row.error_kind, row.code, row.subcode, row.http_status)
