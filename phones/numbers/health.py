"""What `health_status` means for a number: who keeps it from sending, why, and who does something about it. Pure.

A number's own reading names its WABA, the business and the app too, and so does the WABA's. Of each of them the newest
reading counts, whichever it came with: a payment that was settled an hour ago is not owed because of a number that was
read in the morning.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from phones.numbers import clocks
from phones.numbers.lifecycle import Move, OutsideTrouble, Stage, Step
from phones.numbers.rules import MaySend

AVAILABLE, LIMITED, BLOCKED = "AVAILABLE", "LIMITED", "BLOCKED"
NUMBER, WABA, APP = "PHONE_NUMBER", "WABA", "APP"
_BADNESS = {AVAILABLE: 0, LIMITED: 2, BLOCKED: 3}
_UNHEARD_OF = 1

# Graph's `entity_type` → how a sentence names it, seen from the number.
WHO = {
    NUMBER: "the number itself",
    WABA: "its WABA",
    "BUSINESS": "its business",
    APP: "our app",
    "MESSAGE_TEMPLATE": "a message template",
}
_LONGEST_PART = 280


class Reading(Protocol):
    """A stored `health_status`, of a number or of its WABA."""

    @property
    def can_send_message(self) -> str | None: ...

    @property
    def entities(self) -> Sequence[Mapping[str, object]]: ...

    @property
    def read_at(self) -> datetime | None: ...

    @property
    def subject(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entity is blocked or limited, in Meta's words; the code is empty where Meta gave none."""

    code: str
    words: str
    solution: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Meta last said of one entity, when, and in the health of what: the number or its WABA.

    `entity_type` is empty where Meta said it of no entity.
    """

    entity_type: str
    entity_id: str
    can_send_message: str
    reasons: tuple[Reason, ...]
    read_at: datetime
    subject: str

    @property
    def badness(self) -> int:
        return _BADNESS.get(self.can_send_message, _UNHEARD_OF)


def verdicts_of(*readings: Reading | None) -> list[Verdict]:
    """What Meta last said of each entity that these readings name, the worst first."""
    newest: dict[tuple[str, str, str], Verdict] = {}
    for reading in readings:
        for verdict in _verdicts_in(reading) if reading is not None else ():
            # What was said of no entity is of the number's or the WABA's whole health, which are two.
            whose = "" if verdict.entity_type else verdict.subject
            key = (verdict.entity_type, verdict.entity_id, whose)
            if key not in newest or newest[key].read_at <= verdict.read_at:
                newest[key] = verdict
    return sorted(newest.values(), key=lambda one: (-one.badness, not one.reasons))


def names_trouble(can_send_message: str | None, entities: Iterable[Mapping[str, object]]) -> bool:
    """Whether a `health_status` says of anything that it is other than available."""
    said = [can_send_message, *(entity.get("can_send_message") for entity in entities)]
    return any(one not in {None, "", AVAILABLE} for one in said)


def trouble_of(*readings: Reading | None, is_ours: bool, now: datetime) -> OutsideTrouble | None:
    """What keeps a registered number from sending, by its own reading and its WABA's; None when nothing does.

    `is_ours`: its WABA is the partner's own, so that the partner acts where a client would.
    """
    worst = next(iter(verdicts_of(*readings)), None)
    if worst is None or not worst.badness:
        return None
    if clocks.has_passed(worst.read_at + clocks.HEALTH_HOLDS_FOR, now=now):
        said = f"Meta said on {worst.read_at:%-d %b %Y}: {_headline(worst)}"
        sentence = f"{said} Nothing newer could be read, so it may be over: read it again."
        return _cant_tell(sentence)
    if worst.badness == _UNHEARD_OF:
        said = f"Meta says {worst.can_send_message[:_LONGEST_PART]} of whether {WHO.get(worst.entity_type, 'it')} sends"
        return _cant_tell(f"{said}, which the desk does not know: look in WhatsApp Manager.")
    may_send = MaySend.NO if worst.can_send_message == BLOCKED else MaySend.LIMITED
    sentence, move = _what_to_do(worst, is_ours=is_ours)
    # What a limited number needs itself (a name that is accepted, say) goes on.
    return OutsideTrouble(may_send, sentence, move, stops=may_send == MaySend.NO)


def _cant_tell(sentence: str) -> OutsideTrouble:
    return OutsideTrouble(MaySend.UNKNOWN, sentence, Move.US, Stage.UNKNOWN, stops=False, step=Step.REFRESH)


def _what_to_do(worst: Verdict, *, is_ours: bool) -> tuple[str, Move]:
    """The sentence and whose move it is. Our app is ours to mend; the number, WABA and business are their owner's."""
    we_act = is_ours or worst.entity_type == APP
    solution = next((reason.solution for reason in worst.reasons if reason.solution), "")
    if solution:
        sentence = f"{_headline(worst)} {'For us to do' if we_act else 'For the client to do'}: {_cut(solution)}"
    else:
        sentence = f"{_headline(worst)} Look in WhatsApp Manager{'' if we_act else ' with the client'}."
    return sentence, Move.US if we_act else Move.CLIENT


def _headline(worst: Verdict) -> str:
    """Who blocks or limits it, and why, as one sentence with its full stop."""
    doing = {BLOCKED: "Blocked", LIMITED: "Limited"}.get(worst.can_send_message, worst.can_send_message)
    whose = WHO.get(worst.entity_type, f"what Meta calls {worst.entity_type}" if worst.entity_type else "Meta")
    reason = next(iter(worst.reasons), None)
    if reason is None:
        return f"{doing} by {whose}; Meta does not say why."
    code = f" (code {reason.code})" if reason.code else ""
    return f"{doing} by {whose}: {_cut(reason.words or 'no words').rstrip('.')}{code}."


def _verdicts_in(reading: Reading) -> list[Verdict]:
    if reading.read_at is None:
        return []
    at = reading.read_at
    found = [
        Verdict(
            str(entity.get("entity_type") or ""),
            str(entity.get("id") or ""),
            str(entity.get("can_send_message") or ""),
            tuple(_reasons_in(entity)),
            at,
            reading.subject,
        )
        for entity in reading.entities
        if entity.get("can_send_message")
    ]
    whole = Verdict("", "", reading.can_send_message or "", (), at, reading.subject)
    explained = max((one.badness for one in found), default=-1)
    return found if not whole.can_send_message or whole.badness <= explained else [*found, whole]


def _reasons_in(entity: Mapping[str, object]) -> Iterable[Reason]:
    for error in _items(entity.get("errors")):
        if isinstance(error, Mapping):
            code = error.get("error_code")
            yield Reason(
                "" if code is None else str(code),
                str(error.get("error_description") or ""),
                str(error.get("possible_solution") or ""),
            )
    yield from (Reason("", str(info)) for info in _items(entity.get("additional_info")) if info)


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else ()


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST_PART else f"{words[: _LONGEST_PART - 1]}…"
