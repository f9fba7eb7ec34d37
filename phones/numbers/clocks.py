"""Spans of time about a number, and the questions they answer: lapsed, passed, pressing, stale. Pure.

Each span stands here once. What follows for a number is decided in `phones.numbers.lifecycle`; the same questions as
conditions of the database are in `phones.numbers.conditions`. The clocks that only a pre-verified number has are in
`phones.pool.clocks`, the limits on how often something is sent in `phones.actions.guards`.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

# Meta's (graph-api.md 3.1, 4.1, 5, 7).
SIGNUP_WINDOW = timedelta(days=14)
PREVERIFIED_WINDOW = timedelta(days=90)
NEW_NAME_WINDOW = timedelta(days=14)
CODE_LIFE = timedelta(minutes=10)

# Ours. Codes are counted over Meta's window, and a minute is left for each to arrive.
CODE_WINDOW = timedelta(hours=72)
CODE_PAUSE = timedelta(seconds=60)
PRESSING = timedelta(days=3)
NEAR = timedelta(days=7)
# A registration that Meta took shows within seconds; this long the desk sends no second one.
SHOWS_WITHIN = timedelta(hours=24)
# A value older than this may be wrong by now: it is muted, and nothing of it is shown in green.
STALE_AFTER = timedelta(hours=24)
# `health_status` is read once a day. A trouble that it named longer ago than this may be over, which is not known.
HEALTH_EVERY = timedelta(hours=24)
HEALTH_HOLDS_FOR = timedelta(hours=72)
# What was done to a number longer ago decides nothing, but for a registration: the longest of Meta's limits is over.
RECORDS_COUNT_FOR = timedelta(days=30)
# What an event reported and Graph has no field for: how long it stands, and how soon Graph shows that it is over.
REPORT_HOLDS_FOR = timedelta(days=30)
GRAPH_FOLLOWS_WITHIN = timedelta(hours=24)


def has_passed(deadline: datetime | None, *, now: datetime) -> bool:
    """Whether the time is up; never where there is no deadline."""
    return deadline is not None and deadline <= now


def is_pressing(deadline: datetime | None, *, now: datetime) -> bool:
    """Whether the time is not up yet, but soon is."""
    return deadline is not None and now < deadline < now + PRESSING


def is_near(deadline: datetime | None, *, now: datetime) -> bool:
    """Whether the time is not up yet, but is within the week."""
    return deadline is not None and now < deadline < now + NEAR


def is_stale(read_at: datetime | None, *, now: datetime) -> bool:
    """Whether something was read too long ago to be trusted; also when it never was."""
    return read_at is None or read_at < now - STALE_AFTER


def is_code_good(sent_at: datetime | None, *, now: datetime) -> bool:
    """Whether a one-time code that was sent then can still be typed."""
    return sent_at is not None and sent_at > now - CODE_LIFE


def code_pause_until(sent: Iterable[datetime], *, now: datetime) -> datetime | None:
    """Until when the last of these codes has to be given time to arrive; None when the next may be asked for."""
    last = max(sent, default=None)
    return last + CODE_PAUSE if last is not None and not has_passed(last + CODE_PAUSE, now=now) else None
