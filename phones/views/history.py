"""History by the page and in words: what changed, from what to what, and what was done between."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Q, QuerySet

from clients.explanations import Explanation, explain
from clients.models import User, Waba
from phones.actions.words import advice
from phones.choices import (
    HEALTH_STATUSES,
    STATUSES,
    WABA_STATUSES,
    ActionKind,
    ActionState,
    ChangeKind,
    ClientDoor,
    Tone,
)
from phones.events.words import event_words
from phones.models import Action, Change, PhoneNumber
from phones.numbers.words import (
    HEALTH_LABELS,
    LABELS,
    WABA_LABELS,
    describe,
    describe_health,
    describe_waba,
    value_in_words,
)
from phones.pool import words as pool
from phones.sync.write_numbers import ID_FIELD
from portal.web.addresses import row_key

ELSEWHERE = "another WABA"
HISTORY_PAGE = 30
# Events that carry nothing but the hint to read again.
_EVENTS = {
    "account_settings_update": "Settings changed at Meta",
    "business_status_update": "The status of the business changed at Meta",
}


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line: "subject: before → after", or `subject` alone. `waba` is where, if the reader may see that one."""

    change: Change
    subject: str
    waba: Waba | None
    before: str = ""
    after: str = ""
    tone: str = Tone.NONE.value

    @property
    def occasion(self) -> tuple[object, ...]:
        """What lines that belong together share: the number or WABA, the moment, and who or what said so."""
        change = self.change
        return change.number_id, change.number_id or change.waba_id, change.at, change.source, change.actor_id


@dataclass(frozen=True, slots=True)
class ActionLine:
    """One action in words: what was tried, and its outcome. `words` are set where Meta or the desk refused it."""

    action: Action
    subject: str
    outcome: str
    tone: str
    words: Explanation | None = None

    @property
    def by(self) -> str:
        return by_whom(self.action)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of a history: an action, or the lines that belong to one occasion."""

    lines: list[HistoryLine]
    action: ActionLine | None = None


def entries_of(lines: Sequence[HistoryLine], actions: Sequence[Action]) -> list[HistoryEntry]:
    """`lines` and `actions`, each newest first, merged by time; lines of one occasion stand together."""
    occasions = [list(group) for _, group in groupby(lines, key=lambda line: line.occasion)]
    entries = [(group[0].change.at, HistoryEntry(group)) for group in occasions]
    entries += [(action.created_at, HistoryEntry([], action_line(action))) for action in actions]
    return [entry for _, entry in sorted(entries, key=lambda pair: pair[0], reverse=True)]


def by_whom(action: Action) -> str:
    """Who did `action`: a person of ours, or the client through a link of theirs; empty when nobody knows."""
    if action.requested_by is not None:
        return str(action.requested_by)
    door = action.details.get("by")
    return str(ClientDoor(door).label) if door in ClientDoor.values else ""


def action_line(action: Action) -> ActionLine:
    subject, witness = _subject(action), shown_by(action)
    settled = f", as {witness} itself shows" if action.settled_by_reading else ""
    if action.state == ActionState.SUCCEEDED:
        return ActionLine(action, subject, f"Done{settled}", Tone.OK.value)
    words = _why(action) if action.error_kind else None
    if action.state == ActionState.UNKNOWN and action.closed_at is not None:
        outcome = f"Meta’s answer was lost, and {witness} does not show it"
        return ActionLine(action, subject, outcome, Tone.WARN.value, words)
    if action.state == ActionState.UNKNOWN:
        settles = "reading the number settles it" if action.number_id is not None else "reading settles it"
        return ActionLine(action, subject, f"Meta’s answer was lost; {settles}", Tone.WAIT.value, words)
    if action.state == ActionState.FAILED:
        return ActionLine(action, subject, f"Not done{settled}" if settled else "Failed", Tone.BAD.value, words)
    return ActionLine(action, subject, "Waiting for Meta’s answer", Tone.WAIT.value)


def shown_by(action: Action) -> str:
    """What shows whether `action` was done: the object that it was about."""
    if action.is_of_pool:
        return "the pool"
    return "the number" if action.number_id is not None or action.kind == ActionKind.ADD_NUMBER else "Meta"


def _why(action: Action) -> Explanation:
    in_doubt = action.state == ActionState.UNKNOWN or action.settled_by_reading
    error = (action.error_kind, action.code, action.subcode, action.http_status)
    if action.kind == ActionKind.SET_CALLBACK:
        return explain(*error)
    if action.is_of_pool:
        return pool.explanation(*error, effect_possible=in_doubt)
    return advice(*error, effect_possible=in_doubt)


def _subject(action: Action) -> str:
    details, label = action.details, str(action.get_kind_display())
    more = {
        ActionKind.REQUEST_CODE.value: "by call" if details.get("code_method") == "VOICE" else "by SMS",
        ActionKind.DISPLAY_NAME.value: f"“{details.get('new_display_name', '')}”",
        ActionKind.ADD_NUMBER.value: str(details.get("phone_number", "")),
        ActionKind.ADD_TO_POOL.value: pool.international(str(details.get("phone_number", ""))),
        ActionKind.SHARE.value: str(details.get("business_id", "")),
        ActionKind.UNSHARE.value: f"with {details.get('business_id', '')}",
    }.get(action.kind, "")
    return f"{label} {more}".strip()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of history, newest first. It covers `starts` (None: from the beginning) up to before `ends` (None: now).

    `older` is the key to ask for the page behind it with, None on the last.
    """

    changes: list[Change]
    older: int | None
    starts: datetime | None
    ends: datetime | None

    def of(self, actions: Sequence[Action]) -> list[Action]:
        """Those of `actions` that fall into the time of this page."""
        newer = [one for one in actions if self.starts is None or one.created_at >= self.starts]
        return [one for one in newer if self.ends is None or one.created_at < self.ends]


def page_of(changes: QuerySet[Change], before: str) -> HistoryPage:
    """One page of history, newest first, behind the line with key `before`."""
    key, mark = row_key(before), None
    if key is not None and (mark := changes.filter(pk=key).first()):
        changes = changes.filter(Q(at__lt=mark.at) | Q(at=mark.at, pk__lt=mark.pk))
    found = list(changes.select_related("actor", "number").order_by("-at", "-pk")[: HISTORY_PAGE + 1])
    last = found[HISTORY_PAGE - 1] if len(found) > HISTORY_PAGE else None
    return HistoryPage(
        found[:HISTORY_PAGE],
        older=last.pk if last else None,
        starts=last.at if last else None,
        ends=mark.at if mark else None,
    )


def lines_of(changes: Sequence[Change], reader: User) -> list[HistoryLine]:
    """The changes in words, naming no WABA and no number that `reader` may not see. One query, or two."""
    named = {str(value) for change in changes if change.kind == ChangeKind.MOVED for value in (change.old, change.new)}
    visible = Waba.objects.visible_to(reader)
    met = visible.filter(pk__in={change.waba_id for change in changes}) | visible.filter(waba_id__in=named)
    wabas = list(met)
    by_pk = {waba.pk: waba for waba in wabas}
    by_graph_id = {waba.waba_id: str(waba) for waba in wabas} | _number_ids(changes, reader)
    return [_line(change, by_pk.get(change.waba_id or 0), by_graph_id) for change in changes]


def _number_ids(changes: Sequence[Change], reader: User) -> dict[str, str]:
    """Of the ids of numbers that `changes` name, those that `reader` may know. No query where none is named."""
    named = {str(value) for change in changes if change.field == ID_FIELD for value in (change.old, change.new)}
    if not named:
        return {}
    visible = PhoneNumber.objects.visible_to(reader).filter(phone_number_id__in=named)
    return {found: found for found in visible.values_list("phone_number_id", flat=True)}


def _line(change: Change, waba: Waba | None, names: dict[str, str]) -> HistoryLine:
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
    }.get(change.kind, (change.get_kind_display(), Tone.NONE))
    return HistoryLine(change, subject, waba, tone=tone.value)


def _event_in_words(change: Change) -> str:
    """What an event said; one without facts of its own by the name of its field."""
    facts = change.new if isinstance(change.new, dict) else {}
    said = [event_words(name, value).sentence for name, value in sorted(facts.items()) if isinstance(value, dict)]
    return "; ".join(said) or _EVENTS.get(change.field, f"Meta sent “{change.field}”")


def _field_line(change: Change, waba: Waba | None) -> HistoryLine:
    of_waba = change.number_id is None
    labels = HEALTH_LABELS | (WABA_LABELS if of_waba else LABELS)
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
