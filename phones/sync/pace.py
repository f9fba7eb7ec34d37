"""When to read again: after a success, and after each kind of failure. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from clients.explanations import OF_THE_SETTINGS

if TYPE_CHECKING:
    from portal.graph import GraphError

# First wait after a failure that may pass by itself; doubled with every further one, up to the regular interval.
FIRST_RETRY = timedelta(seconds=30)
# Where the answer names no wait.
UNTOLD_WAIT = timedelta(minutes=15)
# However long Meta says to wait, and whatever says so: after this one reading finds out whether it still holds.
LONGEST_WAIT = timedelta(hours=1)
# Scheduled reading stays below half of what Meta allows for a WABA, so that people and actions have the rest.
BUSY_PERCENT = 50
BUSY_INTERVAL = timedelta(hours=1)
# Calls an hour that Meta grants our app for one WABA: with a number that is registered, and without any.
# Source: https://developers.facebook.com/docs/graph-api/overview/rate-limiting/
CALLS_AN_HOUR, CALLS_OF_NEW_WABA = 5_000, 200
# So many WABAs refused one after the other, and none read in between: it is the token's limit and not theirs.
SEVERAL = 3
# Kinds that end by themselves. For the others a person has to act, and asking often only burns quota.
PASSING = frozenset({"transient", "too_much_data", "unreachable", "deadline_exceeded", "bad_answer"})


@dataclass(frozen=True, slots=True)
class NextReading:
    """When a WABA's next turn is, and what its failure means for the token it was read with."""

    next_sync_at: datetime
    not_before: datetime | None = None
    credential_not_before: datetime | None = None
    credential_is_dead: bool = False


def spread(interval: timedelta) -> timedelta:
    """`interval`, give or take a tenth, so that WABAs read together drift apart."""
    return interval * random.uniform(0.9, 1.1)  # noqa: S311 - spreads load, keeps no secret


def retry_after(failures_in_a_row: int, *, interval: timedelta) -> timedelta:
    """How long to wait after the so many-th failure (from 1) that may pass by itself."""
    doublings = min(max(failures_in_a_row - 1, 0), 20)
    return min(interval, FIRST_RETRY * (1 << doublings))


def after_success(*, now: datetime, interval: timedelta, used_percent: int) -> datetime:
    """When a WABA is due after a complete reading that left `used_percent` of its quota used."""
    if used_percent >= BUSY_PERCENT:
        interval = max(interval, BUSY_INTERVAL)
    return now + spread(interval)


def profile_calls_an_hour(*, has_registered: bool) -> int:
    """How many calls the profile lane makes for a WABA within an hour: half of what scheduled reading leaves."""
    quota = CALLS_AN_HOUR if has_registered else CALLS_OF_NEW_WABA
    return quota * BUSY_PERCENT // 100 // 2


def profile_ceiling(used_percent: int) -> int:
    """The use of a quota at which the profile lane stops, where it found `used_percent` of it used.

    It takes half of what is left below the bound of scheduled reading, so that it never brings the sync to that bound.
    """
    return used_percent + max(BUSY_PERCENT - used_percent, 0) // 2


def is_of_the_token(error: GraphError) -> bool:
    """Whether whatever else is asked with the same token is in vain, too: for now, or until it is put right."""
    if error.kind == "throttled":
        return bool(getattr(error, "is_apps_limit", False))
    return error.kind == "token_dead" or error.kind in OF_THE_SETTINGS


def may_be_apps_limit(error: GraphError | None) -> bool:
    """Whether Meta's code stands for the app's budget of calls, whether or not that is what is used up."""
    return error is not None and error.kind == "throttled" and getattr(error, "scope", "") == "app"


def after_failure(
    error: GraphError, *, failures_in_a_row: int, now: datetime, interval: timedelta, is_of_the_app: bool = False
) -> NextReading:
    """When a WABA is due after `error`, the `failures_in_a_row`th (from 1) without a success between.

    `is_of_the_app`: it is the app's budget of calls that is used up, not the WABA's, so that its token has to wait.
    """
    if error.kind == "throttled":
        until = now + min(error.retry_after or UNTOLD_WAIT, LONGEST_WAIT)
        return (
            NextReading(until, credential_not_before=until) if is_of_the_app else NextReading(until, not_before=until)
        )
    if error.kind in OF_THE_SETTINGS:
        until = now + UNTOLD_WAIT
        return NextReading(until, credential_not_before=until)
    if error.kind == "token_dead":
        return NextReading(now + spread(interval), credential_is_dead=True)
    if error.kind in PASSING:
        asked_for = min(error.retry_after or timedelta(), LONGEST_WAIT)
        return NextReading(now + max(asked_for, retry_after(failures_in_a_row, interval=interval)))
    return NextReading(now + spread(interval))
