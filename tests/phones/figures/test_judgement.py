"""What the figures mean: what is wrong, and what to do then."""

import pytest

from phones.figures.figure import Figure, Labels
from phones.figures.judgement import troubles

WELL: dict[str, dict[Labels, float]] = {
    "heartbeat_age_seconds": {(("work", "tick"),): 12.0},
    "wabas": {(("state", "readable"),): 40, (("state", "waiting"),): 0},
    "wabas_due": {(): 3},
    "longest_overdue_seconds": {(): 20},
    "longest_wait_seconds": {(): 0},
    "tokens": {(("state", "working"),): 2},
    "tokens_waiting": {(): 0},
    "failed_readings_last_hour": {},
    "events_unclear_last_hour": {(): 0},
    "events_waiting": {(): 1},
    "longest_waiting_event_seconds": {(): 1},
    "open_work": {(("work", "action"), ("state", "sent")): 1},
}
WRONG: dict[str, tuple[str, dict[Labels, float], str]] = {
    "schedule_silent": ("heartbeat_age_seconds", {(("work", "tick"),): 600}, "Nothing has been scheduled for 10 min"),
    "tokens_dead": ("tokens", {(("state", "dead"),): 1}, "1 token is refused by Meta"),
    "readings_late": ("longest_overdue_seconds", {(): 3 * 3600}, "Readings are late: 3, the first by 3 h"),
    "events_late": ("longest_waiting_event_seconds", {(): 300}, "Events of Meta wait: 1, the first for 5 min"),
    "meta_asks_to_wait": ("longest_wait_seconds", {(): 7200}, "Meta wants 0 WABAs left alone, the longest for 2 h"),
    "answers_lost": (
        "open_work",
        {(("work", "action"), ("state", "unknown")): 2},
        "The answers to 2 actions were lost",
    ),
    "readings_fail": (
        "failed_readings_last_hour",
        {(("kind", "token_dead"),): 3, (("kind", "transient"),): 1},
        "4 readings failed within the last hour, most with “token dead”",
    ),
    "events_unclear": ("events_unclear_last_hour", {(): 1}, "1 event of the last hour could not be understood"),
}


def found(**changed: dict[Labels, float]) -> dict[str, str]:
    figures = [Figure(name, "", values) for name, values in (WELL | changed).items()]
    return {each.name: each.title for each in troubles(figures, tick_seconds=30, interval_minutes=60)}


def test_where_all_is_well_nothing_is_said() -> None:
    assert found() == {}


@pytest.mark.parametrize("name", WRONG)
def test_a_figure_that_is_wrong_is_said_in_words(name: str) -> None:
    figure, values, title = WRONG[name]

    assert found(**{figure: values}) == {name: title}


def test_a_desk_on_which_nothing_was_ever_scheduled_says_so_first() -> None:
    said = list(found(heartbeat_age_seconds={}, events_unclear_last_hour={(): 2}))

    assert said == ["schedule_silent", "events_unclear"]
