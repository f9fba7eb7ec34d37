"""How a number takes calls: what Meta's settings say of it, the rules for call hours, and their spelling. Pure.

Meta writes a time as 0930; people read and write 09:30.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/calling/call-settings
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from itertools import groupby, pairwise
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

DAYS = {
    "MONDAY": "Monday",
    "TUESDAY": "Tuesday",
    "WEDNESDAY": "Wednesday",
    "THURSDAY": "Thursday",
    "FRIDAY": "Friday",
    "SATURDAY": "Saturday",
    "SUNDAY": "Sunday",
}
_PLACES = {day: place for place, day in enumerate(DAYS)}
ON, OFF = "ENABLED", "DISABLED"
SHOWN, HIDDEN = "DEFAULT", "DISABLE_ALL"
# As Meta's reference has it where its guide has another word.
_OTHER_WORDS = {"VISIBLE": SHOWN, "HIDDEN": HIDDEN}
MOST_SPANS, MOST_HOLIDAYS = 2, 20
NO_HOURS: Mapping[str, Any] = {"status": OFF}
BY_DEFAULT: Mapping[str, Any] = {
    "status": OFF,
    "call_icon_visibility": SHOWN,
    "callback_permission_status": OFF,
    "call_hours": NO_HOURS,
}
LABELS = {
    "status": "calls",
    "call_icon_visibility": "call button",
    "callback_permission_status": "permission to call back",
    "call_hours": "call hours",
}
_SPAN = re.compile(r"([0-2]?[0-9]):?([0-5][0-9])\s*[-–—]\s*([0-2]?[0-9]):?([0-5][0-9])")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[\s:]+(.+)")

Span = tuple[str, str]
"""Two times of one day as Meta writes them, `("0900", "1730")`."""


def said_in(settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the settings of a number say of calls; None where they say nothing."""
    calling = settings.get("calling")
    if not calling:
        return None
    said = {**BY_DEFAULT, **calling}
    words = {name: _word(said[name]) for name in BY_DEFAULT if name != "call_hours"}
    return {**words, "call_hours": _hours_in(said["call_hours"])}


def _word(said: object) -> str:
    word = str(said).upper()
    return _OTHER_WORDS.get(word, word)


def _hours_in(said: Mapping[str, Any]) -> dict[str, Any]:
    """Call hours in one order, with four digits a time."""
    status = str(said.get("status", OFF)).upper()
    week = [
        day_entry(str(entry.get("day_of_week", "")).upper(), _span(entry, "open_time", "close_time"))
        for entry in said.get("weekly_operating_hours") or ()
    ]
    holidays = [
        holiday_entry(str(entry.get("date", "")), _span(entry, "start_time", "end_time"))
        for entry in said.get("holiday_schedule") or ()
    ]
    if not week:
        return {**said, "status": status, **({"holiday_schedule": holidays} if holidays else {})}
    return hours(status, str(said.get("timezone_id", "")), week, holidays)


def _span(entry: Mapping[str, Any], begin: str, end: str) -> Span:
    return str(entry.get(begin, "")).zfill(4), str(entry.get(end, "")).zfill(4)


def day_entry(day: str, span: Span) -> dict[str, str]:
    return {"day_of_week": day, "open_time": span[0], "close_time": span[1]}


def holiday_entry(day: str, span: Span) -> dict[str, str]:
    return {"date": day, "start_time": span[0], "end_time": span[1]}


def hours(
    status: str, zone: str, week: Iterable[Mapping[str, str]], holidays: Iterable[Mapping[str, str]]
) -> dict[str, Any]:
    """Call hours as Meta takes them, the whole of them, in one order."""
    return {
        "status": status,
        "timezone_id": zone,
        "weekly_operating_hours": sorted(
            map(dict, week), key=lambda entry: (_PLACES.get(entry["day_of_week"], 0), entry["open_time"])
        ),
        "holiday_schedule": sorted(map(dict, holidays), key=lambda entry: (entry["date"], entry["start_time"])),
    }


def same_hours(one: Mapping[str, Any], other: Mapping[str, Any], *, now: datetime) -> bool:
    """Whether calls are taken at the same times from `now` on: hours that are off are no hours, past days are over."""
    if one.get("status") != ON or other.get("status") != ON:
        return one.get("status") == other.get("status")
    return _from_now_on(one, now) == _from_now_on(other, now)


def _from_now_on(said: Mapping[str, Any], now: datetime) -> list[Any]:
    return [said.get("timezone_id"), said.get("weekly_operating_hours"), holidays_to_come(said, now=now)]


def holidays_to_come(said: Mapping[str, Any], *, now: datetime) -> list[dict[str, str]]:
    """The days with other hours that are not over: Meta refuses those that are."""
    today = today_in(str(said.get("timezone_id", "")), now).isoformat()
    return [entry for entry in said.get("holiday_schedule") or () if entry["date"] >= today]


def today_in(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone) if zone in zones() else UTC).date()


@cache
def zones() -> frozenset[str]:
    """The time zones that there are, by name."""
    return frozenset(available_timezones())


def spans_of_day(said: Mapping[str, Any], day: str) -> list[Span]:
    return [
        (entry["open_time"], entry["close_time"])
        for entry in said.get("weekly_operating_hours") or ()
        if entry["day_of_week"] == day
    ]


def spans_in_words(spans: Sequence[Span]) -> str:
    """Like 09:00-12:00, 13:30-18:00."""
    return ", ".join(f"{begin[:2]}:{begin[2:]}-{end[:2]}:{end[2:]}" for begin, end in spans)


def holidays_in_words(entries: Sequence[Mapping[str, str]]) -> str:
    """A line for each day, like 2026-12-24 09:00-12:00."""
    days = groupby(entries, key=lambda entry: entry["date"])
    return "\n".join(
        f"{day} {spans_in_words([(entry['start_time'], entry['end_time']) for entry in of_day])}"
        for day, of_day in days
    )


def in_words(said: Mapping[str, Any]) -> str:
    """Call hours in one line; empty where it is not known which."""
    days = [f"{label} {spans_in_words(spans)}" for day, label in DAYS.items() if (spans := spans_of_day(said, day))]
    others = len({entry["date"] for entry in said.get("holiday_schedule") or ()})
    more = [f"other hours on {others} {'day' if others == 1 else 'days'}"] if others else []
    return "; ".join([*days, *more, str(said.get("timezone_id", ""))]) if days else ""


def spans_in(text: str) -> list[Span]:
    """The times of one day that a person wrote. Raises ValueError with a sentence about what Meta would not take."""
    found = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        match = _SPAN.fullmatch(part)
        if match is None:
            raise ValueError("Times are written like 09:00-12:00, 13:30-18:00.")
        begin, end = f"{match[1].zfill(2)}{match[2]}", f"{match[3].zfill(2)}{match[4]}"
        if max(begin, end) > "2359":
            raise ValueError("A day ends at 23:59.")
        if begin >= end:
            raise ValueError("Each time begins before it ends; what goes past midnight is written on two days.")
        found.append((begin, end))
    found.sort()
    if len(found) > MOST_SPANS:
        raise ValueError("Meta takes at most two times a day.")
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise ValueError("These times overlap.")
    return found


def holidays_in(text: str, *, today: date) -> list[dict[str, str]]:
    """The days with other hours that a person wrote, a line each. Raises ValueError likewise."""
    found: dict[str, list[Span]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _DATE.fullmatch(line)
        if match is None:
            raise ValueError("A line for each day, like 2026-12-24 09:00-12:00.")
        try:
            day = date.fromisoformat(match[1])
        except ValueError:
            raise ValueError(f"{match[1]} is no day.") from None
        if day < today:
            raise ValueError(f"{match[1]} is over: Meta takes days to come only.")
        if match[1] in found:
            raise ValueError(f"{match[1]} stands there twice: write its times into one line.")
        found[match[1]] = spans_in(match[2])
    entries = [holiday_entry(day, span) for day, spans in found.items() for span in spans]
    if len(entries) > MOST_HOLIDAYS:
        raise ValueError(f"Meta takes at most {MOST_HOLIDAYS} times on days with other hours.")
    return entries
