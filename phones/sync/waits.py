"""What is not read for a while because Meta asked us to wait, and ending such waits.

A wait ends with its time, with any answer that came after it, and when a person asks: their reading finds out.
"""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet

from clients.explanations import OF_THE_SETTINGS, explain
from clients.models import Credential, SyncFailure, Waba
from phones.sync import pace
from portal import database_clock
from portal.graph import GraphError

# A person who asks again and again finds out no more often than this.
BETWEEN_PROBES = datetime.timedelta(minutes=1)
_PASSING = OF_THE_SETTINGS | {"throttled"}


@dataclass(frozen=True, slots=True)
class Asleep:
    """How many WABAs are not read before `until` (the last of them), for themselves or for the token; and why."""

    wabas: int
    until: datetime.datetime
    reason: str

    def __str__(self) -> str:
        until = self.until.strftime("%Y-%m-%d %H:%M")
        return f"{self.wabas} WABA{'' if self.wabas == 1 else 's'} until {until} UTC: {self.reason}"

    def as_json(self) -> dict[str, object]:
        return {"wabas": self.wabas, "until": self.until.isoformat(), "reason": self.reason}

    @classmethod
    def from_json(cls, said: Any) -> "Asleep | None":
        """The same again; None for what is nothing of the kind."""
        try:
            return cls(int(said["wabas"]), datetime.datetime.fromisoformat(said["until"]), str(said["reason"]))
        except (TypeError, KeyError, ValueError):
            return None


def asleep() -> Asleep | None:
    """What sleeps now; None when nothing does. Two small statements."""
    now = database_clock.now()
    tokens = list(Credential.objects.filter(not_before__gt=now).select_related("last_failure"))
    waiting = Waba.objects.filter(not_before__gt=now)
    if tokens:
        waiting = waiting | Waba.objects.filter(credential__in=tokens)
    found = waiting.order_by().aggregate(count=Count("pk"), until=Max("not_before"), failure=Max("last_failure"))
    ends = [until for until in (found["until"], *(one.not_before for one in tokens)) if until is not None]
    if not found["count"] or not ends:
        return None
    of_tokens = [one.last_failure for one in tokens if one.last_failure is not None]
    failure = next(iter(of_tokens), None) or SyncFailure.objects.filter(pk=found["failure"]).first()
    reason = explain(failure.kind, failure.code, failure.subcode, failure.http_status) if failure else None
    return Asleep(found["count"], max(ends), reason.title if reason else "Meta asked us to wait")


def end_for_person(wabas: QuerySet[Waba], credentials: QuerySet[Credential]) -> None:
    """Let one reading find out whether these still have to wait; not when one just did."""
    now = database_clock.now()
    tried_long_ago = Q(last_attempt_at=None) | Q(last_attempt_at__lt=now - BETWEEN_PROBES)
    wabas.filter(tried_long_ago, not_before__gt=now).update(not_before=None)
    said_long_ago = Q(last_failure=None) | Q(last_failure__at__lt=now - BETWEEN_PROBES)
    credentials.filter(said_long_ago | Q(last_failure__kind__in=OF_THE_SETTINGS), not_before__gt=now).update(
        not_before=None
    )


def end_for_success(waba: Waba, *, asked_at: datetime.datetime) -> None:
    """Meta answered what was asked at `asked_at` about `waba`: whatever wait was given before is over."""
    now = database_clock.now()
    Waba.objects.filter(pk=waba.pk, not_before__gt=now).update(not_before=None, next_sync_at=now)
    token = Credential.objects.filter(wabas=waba)
    token.filter(Q(last_failure=None) | Q(last_failure__at__lt=asked_at), not_before__gt=now).update(not_before=None)
    token.filter(not_before=None, last_failure__kind__in=_PASSING, last_failure__at__lt=asked_at).update(
        last_failure=None
    )


def begin(waba: Waba, error: GraphError) -> None:
    """Note what a question that a person asked was told: how long to leave alone what the answer names."""
    if error.kind != "throttled":
        return
    now = database_clock.now()
    turn = pace.after_failure(
        error, failures_in_a_row=1, now=now, interval=pace.LONGEST_WAIT, is_of_the_app=pace.is_of_the_token(error)
    )
    if turn.not_before is not None:
        Waba.objects.filter(pk=waba.pk).update(not_before=turn.not_before)
