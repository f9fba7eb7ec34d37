"""When a morning's mail is due and when it is quiet, by the clock on a person's own wall."""

from datetime import UTC, date, datetime, time, timedelta

from phones.alert_choices import DigestDays
from phones.alerts.clock import digest_due, is_quiet, zone_of

BERLIN = zone_of("Europe/Berlin")


def days_due(begins: datetime, hours: int, at: time, days: str = DigestDays.DAILY) -> list[date]:
    """The days that a look every ten minutes finds due, each once."""
    looks = (begins + timedelta(minutes=10 * look) for look in range(hours * 6))
    return list(dict.fromkeys(day for now in looks if (day := digest_due(now=now, zone=BERLIN, at=at, days=days))))


def test_each_morning_is_due_once_when_the_clocks_are_put_forward_over_it_and_back() -> None:
    spring, autumn = datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)

    assert days_due(spring, 48, time(2, 30)) == [date(2026, 3, 28), date(2026, 3, 29)]
    assert days_due(autumn, 47, time(2, 30)) == [date(2026, 10, 24), date(2026, 10, 25)]
    # An hour that no clock shows: the first moment after it.
    assert digest_due(now=datetime(2026, 3, 29, 0, 59, tzinfo=UTC), zone=BERLIN, at=time(2, 30), days="daily") is None
    assert digest_due(now=datetime(2026, 3, 29, 1, 0, tzinfo=UTC), zone=BERLIN, at=time(2, 30), days="daily")


def test_a_morning_that_was_missed_is_due_for_the_rest_of_its_day() -> None:
    late = datetime(2026, 11, 27, 20, tzinfo=UTC)

    assert digest_due(now=late, zone=BERLIN, at=time(7), days=DigestDays.DAILY) == date(2026, 11, 27)
    assert digest_due(now=late + timedelta(hours=5), zone=BERLIN, at=time(7), days=DigestDays.DAILY) is None


def test_weekends_are_left_out_where_that_is_wanted() -> None:
    friday = datetime(2026, 11, 27, tzinfo=UTC)

    assert [day.day for day in days_due(friday, 96, time(7), DigestDays.WEEKDAYS)] == [27, 30]
    assert days_due(friday, 96, time(7), DigestDays.NEVER) == []


def test_quiet_hours_may_run_past_midnight() -> None:
    def quiet(hour: int, begins: time | None, ends: time | None) -> bool:
        return is_quiet(now=datetime(2026, 11, 27, hour, tzinfo=UTC), zone=BERLIN, begins=begins, ends=ends)

    assert [hour for hour in range(24) if quiet(hour, time(22), time(7))] == [0, 1, 2, 3, 4, 5, 21, 22, 23]
    assert [hour for hour in range(24) if quiet(hour, time(12), time(14))] == [11, 12]
    assert not any(quiet(hour, None, None) for hour in range(24))


def test_a_time_zone_that_there_is_not_falls_back() -> None:
    assert zone_of("Europe/Atlantis").key == "UTC"
    assert zone_of("../etc/passwd", otherwise="Asia/Tokyo").key == "Asia/Tokyo"
