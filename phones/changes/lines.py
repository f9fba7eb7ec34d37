"""Lines of history in words: what changed, from what to what. Names nothing that the reader may not see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from clients.models import User, Waba
from phones.changes.verdict import OneChange
from phones.choices import HEALTH_STATUSES, STATUSES, WABA_STATUSES, ChangeKind, Tone
from phones.events.words import event_words
from phones.models import PhoneNumber
from phones.numbers.words import (
    HEALTH_LABELS,
    LABELS,
    PROFILE_LABELS,
    WABA_DETAIL_LABELS,
    WABA_LABELS,
    describe,
    describe_health,
    describe_waba,
    value_in_words,
)
from phones.sync.write_numbers import ID_FIELD

ELSEWHERE = "another WABA"
# Events that carry nothing but the hint to read again.
_EVENTS = {
    "account_settings_update": "Settings changed at Meta",
    "business_status_update": "The status of the business changed at Meta",
}


class NamedWaba(Protocol):
    """A WABA with its name as text: the row, or a part of it."""

    @property
    def waba_id(self) -> str: ...


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line: "subject: before → after", or `subject` alone. `waba` is where, if the reader may see that one."""

    change: OneChange
    subject: str
    waba: NamedWaba | None
    before: str = ""
    after: str = ""
    tone: str = Tone.NONE.value

    @property
    def sentence(self) -> str:
        """The line as plain text: "Quality: High → Low"."""
        return f"{self.subject}: {self.before} → {self.after}" if self.before or self.after else self.subject

    @property
    def occasion(self) -> tuple[object, ...]:
        """What lines that belong together share: the number or WABA, the moment, and who or what said so."""
        change = self.change
        return change.number_id, change.number_id or change.waba_id, change.at, change.source, change.actor_id


def lines_of(
    changes: Sequence[OneChange], reader: User, *, known: Mapping[int, NamedWaba] | None = None
) -> list[HistoryLine]:
    """The changes in words, naming no WABA and no number that `reader` may not see. One query, or two.

    `known` are the WABAs of the changes that they may see, by key, where the caller has them: then there may be none.
    """
    named = {str(value) for change in changes if change.kind == ChangeKind.MOVED for value in (change.old, change.new)}
    visible = Waba.objects.visible_to(reader)
    met = visible.filter(waba_id__in=named)
    if known is None:
        met |= visible.filter(pk__in={change.waba_id for change in changes})
    wabas = list(met) if named or known is None else []
    by_pk: Mapping[int, NamedWaba] = known if known is not None else {waba.pk: waba for waba in wabas}
    by_graph_id = {waba.waba_id: str(waba) for waba in wabas} | _number_ids(changes, reader)
    return [_line(change, by_pk.get(change.waba_id or 0), by_graph_id) for change in changes]


def _number_ids(changes: Sequence[OneChange], reader: User) -> dict[str, str]:
    """Of the ids of numbers that `changes` name, those that `reader` may know. No query where none is named."""
    named = {str(value) for change in changes if change.field == ID_FIELD for value in (change.old, change.new)}
    if not named:
        return {}
    visible = PhoneNumber.objects.visible_to(reader).filter(phone_number_id__in=named)
    return {found: found for found in visible.values_list("phone_number_id", flat=True)}


def _line(change: OneChange, waba: NamedWaba | None, names: dict[str, str]) -> HistoryLine:
    where = str(waba or ELSEWHERE)
    if change.field == ID_FIELD:
        before, after = (names.get(str(value), "an id elsewhere") for value in (change.old, change.new))
        return HistoryLine(change, "The same number under another id", waba, before, after)
    if change.kind == ChangeKind.FIELD:
        return _field_line(change, waba)
    if change.kind == ChangeKind.MOVED:
        before, after = (names.get(str(value), ELSEWHERE) for value in (change.old, change.new))
        return HistoryLine(change, "Moved", waba, before, after)
    if change.kind == ChangeKind.ADDED and change.number_id is None:
        return HistoryLine(change, "WABA found at Meta", waba)
    if change.kind == ChangeKind.EVENT:
        return HistoryLine(change, _event_in_words(change), waba)
    subject, tone = {
        ChangeKind.ADDED.value: (f"First seen, on {where}", Tone.NONE),
        ChangeKind.LISTED.value: (f"Listed on {where}", Tone.NONE),
        ChangeKind.MISSING.value: (f"Missing from the list of {where}", Tone.WARN),
        ChangeKind.BACK.value: (f"Back on the list of {where}", Tone.NONE),
        ChangeKind.GONE.value: (f"Gone from {where}: a second full reading lacked it too", Tone.BAD),
    }.get(change.kind, (change.kind, Tone.NONE))
    return HistoryLine(change, subject, waba, tone=tone.value)


def _event_in_words(change: OneChange) -> str:
    """What an event said; one without facts of its own by the name of its field."""
    facts = change.new if isinstance(change.new, dict) else {}
    said = [event_words(name, value).sentence for name, value in sorted(facts.items()) if isinstance(value, dict)]
    return "; ".join(said) or _EVENTS.get(change.field, f"Meta sent “{change.field}”")


def _field_line(change: OneChange, waba: NamedWaba | None) -> HistoryLine:
    of_waba = change.number_id is None
    labels = HEALTH_LABELS | (WABA_LABELS | WABA_DETAIL_LABELS if of_waba else LABELS | PROFILE_LABELS)
    before, after = (value_in_words(change.field, value, of_waba=of_waba) for value in (change.old, change.new))
    tone = Tone.NONE
    if isinstance(change.new, str):
        if change.field in HEALTH_STATUSES:
            tone = describe_health(change.new).tone
        elif of_waba and change.field in WABA_STATUSES:
            tone = describe_waba(change.field, change.new).tone
        elif not of_waba and change.field in STATUSES:
            tone = describe(change.field, change.new).tone
    return HistoryLine(change, labels.get(change.field, change.field), waba, before, after, tone.value)
