"""Which figures mean that something is wrong, and what to do then. Pure: no rows.

Everything a person is told here is also an alert in `deploy/monitoring/alerts.yaml`, by the same name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from phones.choices import Tone
from phones.figures.figure import Figure

MINUTE, HOUR = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong: what, and what whoever runs the desk does about it."""

    name: str
    tone: Tone
    title: str
    what_to_do: str


def troubles(figures: Sequence[Figure], *, tick_seconds: float, interval_minutes: float) -> list[Trouble]:
    """What is wrong, worst first; empty when all is well."""
    known = {figure.name: figure for figure in figures}
    checks = (
        _silent_schedule(known, tick_seconds),
        _dead_tokens(known),
        _late_readings(known, interval_minutes),
        _late_events(known),
        _long_waits(known),
        _lost_answers(known),
        _failures(known),
        _unclear_events(known),
    )
    found = [trouble for trouble in checks if trouble]
    return sorted(found, key=lambda trouble: trouble.tone != Tone.BAD)


def _silent_schedule(known: Mapping[str, Figure], tick_seconds: float) -> Trouble | None:
    ages = [value for labels, value in known["heartbeat_age_seconds"].values.items() if ("work", "tick") in labels]
    if ages and max(ages) < 3 * tick_seconds + MINUTE:
        return None
    since = f"for {_span(ages[0])}" if ages else "since this desk was set up"
    return Trouble(
        "schedule_silent",
        Tone.BAD,
        f"Nothing has been scheduled {since}",
        "Start the scheduler (celery -A portal beat) and a worker, or see whether they reach Redis. "
        "Their last lines say what stopped them.",
    )


def _dead_tokens(known: Mapping[str, Figure]) -> Trouble | None:
    dead = known["tokens"].of(state="dead")
    if not dead:
        return None
    what = "1 token is refused" if dead == 1 else f"{dead:,.0f} tokens are refused"
    return Trouble("tokens_dead", Tone.BAD, f"{what} by Meta", "Make a new one at Meta and store it: Clients → Tokens.")


def _late_readings(known: Mapping[str, Figure], interval_minutes: float) -> Trouble | None:
    late, due = known["longest_overdue_seconds"].value or 0, known["wabas_due"].value or 0
    if late <= 2 * interval_minutes * MINUTE + 2 * MINUTE:
        return None
    return Trouble(
        "readings_late",
        Tone.WARN,
        f"Readings are late: {due:,.0f}, the first by {_span(late)}",
        "Start more workers, or raise SYNC_INTERVAL_MINUTES: the work is more than these can do.",
    )


def _late_events(known: Mapping[str, Figure]) -> Trouble | None:
    late, waiting = known["longest_waiting_event_seconds"].value or 0, known["events_waiting"].value or 0
    if late <= 2 * MINUTE:
        return None
    return Trouble(
        "events_late",
        Tone.BAD if late > HOUR else Tone.WARN,
        f"Events of Meta wait: {waiting:,.0f}, the first for {_span(late)}",
        "No worker takes them. Start one; nothing is lost meanwhile.",
    )


def _long_waits(known: Mapping[str, Figure]) -> Trouble | None:
    wait, tokens = known["longest_wait_seconds"].value or 0, known["tokens_waiting"].value or 0
    wabas = known["wabas"].of(state="waiting")
    if wait < HOUR / 4 and not tokens:
        return None
    whom = f"{wabas:,.0f} WABAs" + (f" and {tokens:,.0f} tokens" if tokens else "")
    return Trouble(
        "meta_asks_to_wait",
        Tone.WARN,
        f"Meta wants {whom} left alone, the longest for {_span(wait)}",
        "Its rate limits are used up. Let fewer programs use the app, or raise SYNC_INTERVAL_MINUTES.",
    )


def _lost_answers(known: Mapping[str, Figure]) -> Trouble | None:
    lost = known["open_work"].of(work="action", state="unknown")
    if not lost:
        return None
    what = "The answer to 1 action was lost" if lost == 1 else f"The answers to {lost:,.0f} actions were lost"
    return Trouble("answers_lost", Tone.WARN, what, "The desk reads what came of them and sends nothing again.")


def _failures(known: Mapping[str, Figure]) -> Trouble | None:
    failures = known["failed_readings_last_hour"].values
    total = sum(failures.values())
    if not total:
        return None
    worst = max(failures, key=lambda labels: failures[labels])
    kind = dict(worst)["kind"].replace("_", " ")
    what = "1 reading" if total == 1 else f"{total:,.0f} readings"
    return Trouble(
        "readings_fail",
        Tone.WARN,
        f"{what} failed within the last hour, most with “{kind}”",
        "Syncs → With failed readings says of which WABAs, why and whose move it is.",
    )


def _unclear_events(known: Mapping[str, Figure]) -> Trouble | None:
    unclear = known["events_unclear_last_hour"].value or 0
    if not unclear:
        return None
    what = "1 event" if unclear == 1 else f"{unclear:,.0f} events"
    return Trouble(
        "events_unclear",
        Tone.WARN,
        f"{what} of the last hour could not be understood",
        "Look at them under Events. Meta may have changed something: look for a newer version of the desk.",
    )


def _span(seconds: float) -> str:
    if seconds < 2 * MINUTE:
        return f"{seconds:.0f} s"
    if seconds < 2 * HOUR:
        return f"{seconds / MINUTE:.0f} min"
    return f"{seconds / HOUR:.0f} h" if seconds < 48 * HOUR else f"{seconds / HOUR / 24:.0f} days"
