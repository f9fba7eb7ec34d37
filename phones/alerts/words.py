"""What mails, pages and posts say of alerts and incidents. Pure."""

from collections.abc import Sequence
from datetime import timedelta

from phones.alert_choices import AlertKind, IncidentCause
from phones.approval_choices import ApprovalKind, ApprovalState
from phones.choices import ActionState

_SAID = {
    AlertKind.BANNED: "Banned by Meta: it can neither send nor receive",
    AlertKind.DISCONNECTED: "Disconnected: it can’t send",
    AlertKind.BLOCKED: "Meta lets no message be sent",
    AlertKind.DEADLINE: "Less than 24 hours left to register it or to make its new name live",
    AlertKind.TOKEN: "Meta refuses the token: nothing that uses it can be read",
}
_SAID_OF_WABA = {
    AlertKind.BANNED: "Meta has disabled the WABA",
    AlertKind.BLOCKED: "Meta lets no message be sent from this WABA",
}
_HAPPENED = {
    AlertKind.BANNED: "banned",
    AlertKind.DISCONNECTED: "disconnected",
    AlertKind.BLOCKED: "blocked from sending",
    AlertKind.DEADLINE: "about to miss a deadline",
    AlertKind.TOKEN: "out of reach",
}
_NEXT = {
    IncidentCause.TOKEN: "An administrator stores a new token. Until then what is shown of these numbers gets older.",
    IncidentCause.WABA: "Look at the WABA first: its numbers follow it.",
    IncidentCause.META: "Numbers of several clients at once: look at Meta’s status page before you write to clients.",
}


def sentence(kind: str, *, of_waba: bool = False) -> str:
    """What happened, without a full stop."""
    known = AlertKind(kind)
    return _SAID_OF_WABA.get(known, _SAID[known]) if of_waba else _SAID[known]


def headline(cause: str, kind: str, *, count: int, name: str = "") -> str:
    """An incident in one sentence, without a full stop. `count` is of the numbers that the reader may see."""
    known, what = IncidentCause(cause), _HAPPENED[AlertKind(kind)]
    if known == IncidentCause.TOKEN:
        return f"Meta refuses the token “{name}”: {numbers(count)} can’t be read"
    if known == IncidentCause.WABA:
        return f"{numbers(count)} {what} within minutes on the WABA {name}"
    return f"{numbers(count)} {what} within minutes, at several clients"


def approval_subject(what: str, kind: str, state: str, *, outcome: str = "") -> str:
    """The subject of a mail about what waits for a second person, or was decided."""
    known = ApprovalState(state)
    begins = "Waits for you" if known == ApprovalState.WAITING else f"{known.label}{', not sent' if outcome else ''}"
    return f"{begins}: {ApprovalKind(kind).label.lower()} ({what})"


def approval_asked(kind: str, *, by: str, within: timedelta) -> str:
    """What an approval says to who may decide it, without a full stop."""
    hours = round(within.total_seconds() / 3600)
    return f"{by} asks for your agreement within {hours} hours: {ApprovalKind(kind).label.lower()}"


def approval_decided(state: str, *, by: str, outcome: str, action: str) -> str:
    """What became of an approval, for who asked, without a full stop. `action`: how what was sent stands."""
    if state == ApprovalState.EXPIRED:
        return "Nobody agreed in time: nothing is sent"
    if state != ApprovalState.APPROVED:
        return f"{by} {'withdrew it' if state == ApprovalState.WITHDRAWN else 'refused'}: nothing is sent"
    if outcome:
        return f"{by} agreed, and still nothing was sent: {outcome.rstrip('.')}"
    return f"{by} agreed. At Meta: {ActionState(action).label.lower()}" if action else f"{by} agreed: it is under way"


def what_next(cause: str) -> str:
    return _NEXT[IncidentCause(cause)]


def numbers(count: int) -> str:
    return f"{count:,} number{'' if count == 1 else 's'}"


def alert_subject(heads: Sequence[str]) -> str:
    """The subject of a mail about these alerts, the worst first."""
    first, more = heads[0], len(heads) - 1
    return f"{first}, and {more} more" if more else first


def digest_subject(count: int, *, views: Sequence[tuple[str, str]] = ()) -> str:
    """The subject of a digest of so many changes; where nothing changed, its first saved view, named and counted."""
    if count or not views:
        return f"{count:,} change{'' if count == 1 else 's'} in your book"
    (name, found), *others = views
    first = f"{found} in “{name}”" if found else f"Your view “{name}”"
    return f"{first}, and {len(others)} more view{'' if len(others) == 1 else 's'}" if others else first
