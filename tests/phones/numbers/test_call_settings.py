"""How call hours are written, read and compared."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from phones.numbers import call_settings as calls

NOW = datetime(2026, 11, 28, 23, 30, tzinfo=UTC)
TODAY = date(2026, 11, 28)
MONDAY = calls.day_entry("MONDAY", ("0900", "1200"))


def test_times_of_a_day_are_read_as_people_write_them() -> None:
    assert calls.spans_in("13:30 – 18:00, 9:00-12:00") == [("0900", "1200"), ("1330", "1800")]
    assert calls.spans_in_words(calls.spans_in("0900-1200")) == "09:00-12:00"
    assert calls.spans_in("  ") == []


@pytest.mark.parametrize("week", [[], [{"day_of_week": "MONDAY", "open_time": "0900", "close_time": "1200"}]])
def test_a_day_with_other_hours_that_lacks_its_date_is_passed_over(week: list[dict[str, str]]) -> None:
    call_hours = {"status": "ENABLED", "weekly_operating_hours": week, "holiday_schedule": [{"start_time": "900"}]}
    said = calls.said_in({"calling": {"status": "ENABLED", "call_hours": call_hours}})
    assert said is not None
    assert calls.holidays_to_come(said["call_hours"], now=NOW) == []
    assert calls.in_words(said["call_hours"]) is not None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("nine to five", "Times are written like"),
        ("25:00-26:00", "A day ends at 23:59"),
        ("18:00-02:00", "goes past midnight"),
        ("09:00-12:00, 11:00-14:00", "overlap"),
        ("09:00-10:00, 11:00-12:00, 13:00-14:00", "at most two times a day"),
    ],
)
def test_times_that_meta_would_not_take_say_why(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        calls.spans_in(written)


def test_days_with_other_hours_have_a_line_each() -> None:
    text = "2026-12-24 09:00-12:00, 13:00-14:00\n\n2026-12-31: 09:00-12:00"

    found = calls.holidays_in(text, today=TODAY)

    assert [entry["date"] for entry in found] == ["2026-12-24", "2026-12-24", "2026-12-31"]
    assert calls.holidays_in_words(found) == text.replace("\n\n", "\n").replace("31:", "31")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Christmas", "A line for each day"),
        ("2026-12-24", "A line for each day"),
        ("2026-02-30 09:00-12:00", "is no day"),
        ("2026-11-27 09:00-12:00", "is over"),
        ("2026-12-24 09:00-12:00\n2026-12-24 13:00-14:00", "stands there twice"),
        ("\n".join(f"2026-12-{day:02} 09:00-12:00" for day in range(1, 22)), "at most 20"),
    ],
)
def test_days_that_meta_would_not_take_say_why(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        calls.holidays_in(written, today=TODAY)


def test_what_meta_says_is_understood_however_it_is_spelled() -> None:
    said = {"status": "enabled", "call_hours": {"status": "enabled", "timezone_id": "Europe/Madrid"}}
    said["call_hours"] |= {
        "weekly_operating_hours": [{"day_of_week": "monday", "open_time": "900", "close_time": "1200"}]
    }  # type: ignore[operator] # an object

    found = calls.said_in({"calling": said})

    assert found is not None
    assert (found["status"], found["call_icon_visibility"]) == ("ENABLED", "DEFAULT")
    assert found["call_hours"] == calls.hours("ENABLED", "Europe/Madrid", [MONDAY], [])
    assert (calls.said_in({"calling": {"call_icon_visibility": "hidden"}}) or {})[
        "call_icon_visibility"
    ] == "DISABLE_ALL"
    assert calls.said_in({}) is None
    odd = {"call_hours": {"status": "ENABLED", "weekly_operating_hours": [{"day_of_week": "HOLIDAY"}]}}
    assert calls.said_in({"calling": odd}) is not None


def test_hours_are_the_same_where_calls_are_taken_at_the_same_times_from_now_on() -> None:
    def hours(*days: str, status: str = "ENABLED", zone: str = "Europe/Madrid") -> dict[str, Any]:
        return calls.hours(status, zone, [MONDAY], [calls.holiday_entry(day, ("0900", "1200")) for day in days])

    assert calls.same_hours(hours("2026-11-27"), hours(), now=NOW)
    assert calls.same_hours(hours("2026-11-28"), hours(), now=NOW), "in Madrid it is the next day"
    assert not calls.same_hours(hours("2026-11-28", zone="UTC"), hours(zone="UTC"), now=NOW)
    assert not calls.same_hours(hours(), hours(zone="UTC"), now=NOW)
    assert calls.same_hours(hours(status="DISABLED"), {"status": "DISABLED"}, now=NOW)
    assert not calls.same_hours(hours(), {"status": "DISABLED"}, now=NOW)
