"""What troubles a number from outside: the state of its WABA, and what events reported of either. Pure.

A WABA in trouble is its numbers' trouble: each of them shows it, until Graph or a later event says the contrary.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from phones.numbers import reported, rules
from phones.numbers.lifecycle import Move, OutsideTrouble, Stage
from phones.numbers.reported import Report
from phones.numbers.rules import MaySend
from phones.numbers.words import restrictions_in_words

if TYPE_CHECKING:
    from clients.models import Waba
    from phones.models import EventFact, PhoneNumber

# The facts of events that trouble a number, by name.
TROUBLING = frozenset({"partner", "app", "deleted", "ban", "review", "restriction", "violation", "connection"})
ENDED_BY_THE_CLOCK = frozenset({"restriction", "violation"})
# What Graph says of a WABA that troubles its numbers.
WABA_STATUSES = frozenset({reported.DISABLED, reported.LIMITED})
REVIEW_STATUSES = frozenset({reported.REJECTED})

# Which field of a WABA answers to which kind of event.
FIELD_OF = {"ban": "status", "restriction": "status", "review": "account_review_status"}

_APPEAL = "the client appeals in Business Support Home."
_DISABLED = OutsideTrouble(
    MaySend.NO, f"Meta has disabled its WABA: {_APPEAL}", Move.CLIENT, Stage.RESTRICTED, stops=True
)
_REJECTED = OutsideTrouble(
    MaySend.NO,
    f"Meta has rejected its WABA, so nothing can be sent with it: {_APPEAL}",
    Move.CLIENT,
    Stage.RESTRICTED,
    stops=True,
)
_LIMITED = OutsideTrouble(
    MaySend.LIMITED,
    "Meta restricts its WABA: WhatsApp Manager says in what.",
    Move.CLIENT,
    Stage.RESTRICTED,
    stops=False,
)
_OF_GRAPH = {"ban": _DISABLED, "restriction": _LIMITED, "review": _REJECTED}
_ORDER = {Stage.NOT_VISIBLE: 0, Stage.DISCONNECTED: 2}
_ALL_SENDING = frozenset({"RESTRICTED_BIZ_INITIATED_MESSAGING", "RESTRICTED_CUSTOMER_INITIATED_MESSAGING"})
_NOT_SENDING = frozenset(
    {
        "RESTRICTED_ADD_PHONE_NUMBER_ACTION",
        "RESTRICTED_BUSINESS_INITIATED_CALLING",
        "RESTRICTED_USER_INITIATED_CALLING",
        "RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN",
        "RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING",
    }
)


def worst_of(*troubles: OutsideTrouble | None) -> OutsideTrouble | None:
    """The trouble to be stated, with the worst that any of them says of sending.

    One that stops everything comes before one that does not, then the worse for sending, then the stage decides.
    """
    found = [one for one in troubles if one is not None]
    if not found:
        return None
    stated = min(found, key=lambda one: (not one.stops, rules.rank_of(one.may_send), _ORDER.get(one.stage, 1)))
    return replace(stated, may_send=rules.worst(*(one.may_send for one in found)))


def troubles_of(number: PhoneNumber, facts: Collection[EventFact], *, now: datetime) -> list[OutsideTrouble]:
    """The troubles of `number`. `facts` are those of events about it or its WABA, with names in TROUBLING."""
    reports = [Report(fact, number.waba, [number], now) for fact in facts]
    found = [_in_words(report) for report in reports if report.holds]
    found += [_OF_GRAPH[kind] for kind in as_graph_says(number.waba, reports)]
    return found


def as_graph_says(waba: Waba, reports: Collection[Report]) -> list[str]:
    """The kinds of trouble that Graph last returned of the WABA, but for what an event in `reports` took back since."""
    said = {
        "ban": waba.status == reported.DISABLED,
        "restriction": waba.status == reported.LIMITED,
        "review": waba.account_review_status == reported.REJECTED,
    }
    return [kind for kind, is_said in said.items() if is_said and not _is_taken_back(reports, kind)]


def _is_taken_back(reports: Collection[Report], name: str) -> bool:
    return any(
        report.fact.name == name
        and report.fact.number_id is None
        and not reported.asks_for_attention(name, report.value, now=report.now)
        and not report.is_read_since(FIELD_OF[name])
        for report in reports
    )


def _in_words(report: Report) -> OutsideTrouble:
    name, value = report.fact.name, report.value
    whose = "it" if report.fact.number_id is not None else "its WABA"
    match name:
        case "deleted":
            sentence = "Meta says that its WABA was deleted: ask the client what became of it."
            return OutsideTrouble(MaySend.NO, sentence, Move.US, Stage.NOT_VISIBLE, stops=True)
        case "partner":
            sentence = "Our access to its WABA was taken away: ask the client to share it with us again."
            return OutsideTrouble(MaySend.UNKNOWN, sentence, Move.US, Stage.NOT_VISIBLE, stops=True)
        case "app":
            sentence = "Our app’s access to its WABA was revoked: the client grants it again by going through signup."
            return OutsideTrouble(MaySend.UNKNOWN, sentence, Move.US, Stage.NOT_VISIBLE, stops=True)
        case "connection":
            return _disconnected(value)
        case "ban":
            return _banned(value)
        case "review":
            return _REJECTED
        case "restriction":
            return _restricted(value, whose)
        case _:
            sentence = f"Meta reported a violation of its policies by {whose}: {_APPEAL}"
            return OutsideTrouble(MaySend.UNKNOWN, sentence, Move.CLIENT, Stage.RESTRICTED, stops=False)


def _disconnected(value: reported.Value) -> OutsideTrouble:
    if value.get("event") == "ACCOUNT_OFFBOARDED":
        sentence = (
            "Meta took it off Cloud API, and often connects it again by itself within minutes; "
            "else the client connects it in their Business app."
        )
    else:
        sentence = "Disconnected from Cloud API: the client connects it again in their Business app."
    return OutsideTrouble(MaySend.NO, sentence, Move.CLIENT, Stage.DISCONNECTED, stops=True)


def _banned(value: reported.Value) -> OutsideTrouble:
    states, date = reported.ban_states_in(value), reported.ban_date_in(value)
    if states == ["DISABLE"]:
        return _DISABLED
    if states == ["SCHEDULE_FOR_DISABLE"]:
        sentence = f"Meta will disable its WABA{f' on {date}' if date else ''}: {_APPEAL}"
        return OutsideTrouble(MaySend.YES, sentence, Move.CLIENT, Stage.RESTRICTED, stops=False)
    named = ", ".join(states) or "one that it did not name"
    sentence = f"Meta reported a ban state of its WABA ({named}): WhatsApp Manager says what holds."
    return OutsideTrouble(MaySend.UNKNOWN, sentence, Move.CLIENT, Stage.RESTRICTED, stops=False)


def _restricted(value: reported.Value, whose: str) -> OutsideTrouble:
    end = reported.restriction_end(value)
    kinds = {str(one.get("restriction_type", "")) for one in reported.restrictions_in(value)}
    until = f", until {end:%-d %b %Y}" if end else ""
    sentence = f"Meta restricts {whose} in {restrictions_in_words(value)}{until}: Business Support Home says why."
    stops = kinds >= _ALL_SENDING
    may_send = MaySend.NO if stops else MaySend.YES if kinds <= _NOT_SENDING else MaySend.LIMITED
    return OutsideTrouble(may_send, sentence, Move.CLIENT, Stage.RESTRICTED, stops=stops)
