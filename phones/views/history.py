"""History by the page: the lines of what changed, and what was done between, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.db.models import Q, QuerySet
from django.utils import timezone

from clients.explanations import Explanation, explain
from phones.actions import lost_answers
from phones.actions.words import advice
from phones.changes.lines import HistoryLine
from phones.choices import ActionKind, ActionState, ClientDoor, Tone
from phones.models import Action, Change
from phones.numbers.words import PROFILE_LABELS
from phones.pool import words as pool
from portal.web.addresses import row_key

HISTORY_PAGE = 30


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


def is_under_way(action: Action | None) -> bool:
    """Whether Meta's answer to it may still come, so that its page looks again by itself."""
    if action is None or action.state not in {ActionState.PENDING, ActionState.SENT}:
        return False
    return timezone.now() < action.created_at + lost_answers.ANSWER_LIMIT


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
        ActionKind.PROFILE.value: "({})".format(
            ", ".join(PROFILE_LABELS[name].lower() for name in details.get("changes", ()))
        ),
        ActionKind.USERNAME.value: f"@{details.get('username', '')}",
        ActionKind.DROP_USERNAME.value: f"@{details.get('before', '')}",
        ActionKind.MESSAGE_LINK.value: f"“{details.get('message', '')}”",
        ActionKind.CHANGE_MESSAGE_LINK.value: f"“{details.get('message', '')}”",
        ActionKind.DROP_MESSAGE_LINK.value: f"“{details.get('before', '')}”",
        ActionKind.ADD_NUMBER.value: "{}{}".format(
            details.get("phone_number", ""), ", moved from another WABA" if details.get("moves") else ""
        ),
        ActionKind.ADD_TO_POOL.value: pool.international(str(details.get("phone_number", ""))),
        ActionKind.SHARE.value: str(details.get("business_id", "")),
        ActionKind.UNSHARE.value: f"with {details.get('business_id', '')}",
    }.get(action.kind, "")
    return f"{label} {more}".strip()


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One page of history, newest first. It covers `starts` (None: from the beginning) up to before `ends` (None: now).

    `older` is the key to ask for the page behind it with, None on the last. `behind` are more lines that were read.
    `is_all`: with these, it is the whole history.
    """

    changes: list[Change]
    older: int | None
    starts: datetime | None
    ends: datetime | None
    behind: list[Change]
    is_all: bool

    @property
    def all(self) -> list[Change]:
        """All that was read."""
        return [*self.changes, *self.behind]

    def of(self, actions: Sequence[Action]) -> list[Action]:
        """Those of `actions` that fall into the time of this page."""
        newer = [one for one in actions if self.starts is None or one.created_at >= self.starts]
        return [one for one in newer if self.ends is None or one.created_at < self.ends]


def page_of(changes: QuerySet[Change], before: str, *, read: int = HISTORY_PAGE + 1) -> HistoryPage:
    """One page of history, newest first, behind the line with key `before`; so many lines are read at once."""
    key, mark = row_key(before), None
    if key is not None and (mark := changes.filter(pk=key).first()):
        changes = changes.filter(Q(at__lt=mark.at) | Q(at=mark.at, pk__lt=mark.pk))
    found = list(changes.select_related("actor", "number").order_by("-at", "-pk")[:read])
    last = found[HISTORY_PAGE - 1] if len(found) > HISTORY_PAGE else None
    return HistoryPage(
        found[:HISTORY_PAGE],
        older=last.pk if last else None,
        starts=last.at if last else None,
        ends=mark.at if mark else None,
        behind=found[HISTORY_PAGE:],
        is_all=mark is None and len(found) < read,
    )
