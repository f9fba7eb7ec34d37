"""Which alerts are one incident: many within minutes, of one kind, on one WABA or at many clients. Pure.

A token that Meta refuses is one by itself: it takes every WABA that is read with it out of sight.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from phones.alert_choices import AlertKind, IncidentCause

WITHIN = timedelta(minutes=10)
MANY = 5
MANY_CLIENTS = 3
# Deadlines fall together because numbers were signed up together, which is no incident.
_FOLDED = frozenset({AlertKind.BANNED, AlertKind.DISCONNECTED, AlertKind.BLOCKED})


@dataclass(frozen=True, slots=True)
class Flip:
    """An alert as folding sees it; keys of its WABA, client and token, 0 where it has none."""

    alert: int
    kind: str
    waba: int = 0
    client: int = 0
    credential: int = 0


@dataclass(frozen=True, slots=True)
class Cause:
    """What alerts have in common: `key` is of the WABA or token, 0 for Meta."""

    cause: str
    kind: str
    key: int = 0

    @property
    def subject(self) -> str:
        return f"{self.cause}:{self.key}"


def fold(flips: Iterable[Flip], *, known: Iterable[Cause] = ()) -> dict[Cause, list[int]]:
    """By cause, the alerts that belong to an incident; those that stand for themselves are left out.

    `known` are the causes of incidents that are open: what has one of them joins it, however few it is.
    """
    is_open = set(known)
    found: dict[Cause, list[int]] = {}
    rest: list[Flip] = []
    for flip in flips:
        if flip.kind == AlertKind.TOKEN:
            cause = Cause(IncidentCause.TOKEN.value, flip.kind, flip.credential)
            found.setdefault(cause, []).append(flip.alert)
        elif flip.kind in _FOLDED:
            rest.append(flip)
    for kind in sorted({flip.kind for flip in rest}):
        found |= _of_kind(kind, [flip for flip in rest if flip.kind == kind], is_open)
    return found


def _of_kind(kind: str, flips: Sequence[Flip], is_open: set[Cause]) -> dict[Cause, list[int]]:
    """At many clients it is Meta's; what is left may be one WABA's."""
    of_meta = Cause(IncidentCause.META.value, kind)
    if of_meta in is_open or (len(flips) >= MANY and len({flip.client for flip in flips}) >= MANY_CLIENTS):
        return {of_meta: [flip.alert for flip in flips]}
    by_waba: dict[int, list[int]] = defaultdict(list)
    for flip in flips:
        by_waba[flip.waba].append(flip.alert)
    causes = {Cause(IncidentCause.WABA.value, kind, waba): alerts for waba, alerts in by_waba.items() if waba}
    return {cause: alerts for cause, alerts in causes.items() if cause in is_open or len(alerts) >= MANY}
