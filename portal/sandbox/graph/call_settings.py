"""The part ``calling`` of a number's settings: what may be set, and the rules for call hours.

From Meta's guide to call settings. Its texts of refusals are not published: code 100 with a sentence is this server's
choice. SIP, codecs and countries are not built. Meta also wants an app that asks for the field ``calls`` (138018),
which is not looked at here.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from portal.sandbox.graph import errors
from portal.sandbox.graph.errors import GraphError
from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import number_value
from portal.sandbox.world.world import Number

DEFAULTS: Values = {
    "status": "DISABLED",
    "call_icon_visibility": "DEFAULT",
    "callback_permission_status": "DISABLED",
}
_WORDS = {
    "status": ("ENABLED", "DISABLED"),
    "call_icon_visibility": ("DEFAULT", "DISABLE_ALL"),
    "callback_permission_status": ("ENABLED", "DISABLED"),
}
_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOST_SPANS, MOST_HOLIDAYS = 2, 20
_TOO_SMALL = frozenset({"TIER_50", "TIER_250", "TIER_1K"})


def changed(number: Number, given: object, *, now: float) -> Values:
    """What ``calling`` is once ``given`` was set. Raises GraphError, 138015 for a number that may take no calls."""
    if not isinstance(given, dict) or not given or not given.keys() <= {*_WORDS, "call_hours"}:
        raise errors.bad_parameter(f"Param calling must be an object of {', '.join([*_WORDS, 'call_hours'])}")
    for name, allowed in _WORDS.items():
        if name in given and given[name] not in allowed:
            raise errors.bad_parameter(f"Invalid {name}: it must be one of {', '.join(allowed)}")
    if "call_hours" in given:
        given = {**given, "call_hours": _hours(given["call_hours"], now)}
    limit = number_value(number, "whatsapp_business_manager_messaging_limit")
    if given.get("status") == "ENABLED" and limit in _TOO_SMALL:
        text = "The messaging limit of this number has to be 2000 or more"
        raise GraphError(138015, "(#138015) Calling cannot be enabled", details=text)
    return {**_kept(number), **given}


def _kept(number: Number) -> Values:
    settings = number.own.get("settings")
    calling = settings.get("calling") if isinstance(settings, dict) else None
    return {**DEFAULTS, **(calling if isinstance(calling, dict) else {})}


def _hours(given: object, now: float) -> Values:
    """Call hours that may be set. Holidays that are not given are none."""
    if not isinstance(given, dict) or given.get("status") not in {"ENABLED", "DISABLED"}:
        raise errors.bad_parameter("Invalid status in call_hours")
    known = {"status", "timezone_id", "weekly_operating_hours", "holiday_schedule"}
    if not given.keys() <= known:
        raise errors.bad_parameter("Invalid schedule for call_hours")
    if given["status"] == "DISABLED" and given.keys() == {"status"}:
        return {"status": "DISABLED"}
    zone = given.get("timezone_id")
    if not isinstance(zone, str) or zone not in available_timezones():
        raise errors.bad_parameter("Timezone is invalid in call_hours")
    week = _entries(given.get("weekly_operating_hours"), "day_of_week", "open_time", "close_time")
    if not week:
        raise errors.bad_parameter("weekly_operating_hours in call_hours cannot be empty")
    if not all(entry["day_of_week"] in _DAYS for entry in week):
        raise errors.bad_parameter("Invalid day_of_week in weekly_operating_hours")
    _check_spans(week, "day_of_week", "open_time", "close_time")
    holidays = _entries(given.get("holiday_schedule", []), "date", "start_time", "end_time")
    if len(holidays) > MOST_HOLIDAYS:
        raise errors.bad_parameter(f"More than {MOST_HOLIDAYS} entries not allowed in holiday_schedule")
    today = datetime.fromtimestamp(now, ZoneInfo(zone)).date()
    for entry in holidays:
        if _day(entry["date"]) < today:
            raise errors.bad_parameter("Holiday given in call_hours is a past date")
    _check_spans(holidays, "date", "start_time", "end_time")
    return {**given, "holiday_schedule": holidays}


def _entries(given: object, *names: str) -> list[dict[str, str]]:
    """A list of objects with just these texts."""
    if not isinstance(given, list):
        raise errors.bad_parameter("Invalid schedule for call_hours")
    for entry in given:
        if not isinstance(entry, dict) or entry.keys() != {*names} or not _are_texts(entry):
            raise errors.bad_parameter("Invalid schedule for call_hours")
    return given


def _are_texts(entry: Mapping[str, object]) -> bool:
    return all(isinstance(value, str) for value in entry.values())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text if _DATE.fullmatch(text) else "")
    except ValueError:
        raise errors.bad_parameter("Date format in holiday_schedule for call_hours is invalid") from None


def _check_spans(entries: list[dict[str, str]], day: str, begin: str, end: str) -> None:
    """Raise GraphError unless each is a span of a day, no day has too many, and none overlap."""
    for entry in entries:
        if not (_TIME.fullmatch(entry[begin]) and _TIME.fullmatch(entry[end]) and entry[begin] < entry[end]):
            raise errors.bad_parameter(f"{begin} must be before {end}, both in 24 hour format")
    for which in {entry[day] for entry in entries}:
        spans = sorted((entry[begin], entry[end]) for entry in entries if entry[day] == which)
        if len(spans) > MOST_SPANS:
            raise errors.bad_parameter(f"More than {MOST_SPANS} entries not allowed in weekly_operating_hours schedule")
        if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
            raise errors.bad_parameter("Overlapping schedule in call_hours is not allowed")
