"""One number as of a day: its facts as the desk knew them at the end of it, beside what they are now."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from phones.changes.as_of import facts_then, is_listed_then
from phones.choices import ChangeKind, Status
from phones.models import Change, PhoneNumber
from phones.numbers.words import describe_registration
from phones.sync.plan import FACTS
from phones.views.addressed_row import visible_number
from phones.views.facts import Fact, fact_of
from phones.views.request import DeskRequest

# More lines than a number gets in years.
LINES_READ = 5_000
_OF_PLACE = (ChangeKind.ADDED, ChangeKind.LISTED, ChangeKind.MISSING, ChangeKind.BACK, ChangeKind.GONE)
# A dictionary of addresses says nothing in a line.
_SHOWN = tuple(name for name in FACTS if name != "webhook_configuration")


@dataclass(frozen=True, slots=True)
class ThenAndNow:
    """One fact then and now. `until` is when it changed next; None while it is the same."""

    then: Fact
    now: Fact
    until: datetime | None

    @property
    def is_again_the_same(self) -> bool:
        return self.until is not None and self.then.raw == self.now.raw


@require_safe
def as_of(request: DeskRequest, phone_number_id: str) -> HttpResponse:
    number = visible_number(request.user, phone_number_id)
    day, note = _day_of(request.GET.get("day", ""))
    moment = min(_end_of(day), timezone.now())
    context = {
        "number": number,
        "day": day,
        "note": note,
        "moment": moment,
        "today": timezone.localdate(),
        "is_before_all": moment < number.first_seen_at,
    }
    if not context["is_before_all"]:
        context |= _then(number, moment)
    return render(request, "number/as_of.html", context)


def _then(number: PhoneNumber, moment: datetime) -> dict[str, object]:
    """What was known at `moment`. Two statements."""
    history = Change.objects.filter(number=number)
    later = history.filter(at__gt=moment, kind=ChangeKind.FIELD).order_by("at", "pk")[:LINES_READ]
    placed = history.filter(at__lte=moment, kind__in=_OF_PLACE).order_by("-at", "-pk").first()
    found = facts_then({name: getattr(number, name) for name in FACTS}, later)
    columns = {name: _as_column(name, fact.value) for name, fact in found.items()}
    before = PhoneNumber(phone_number_id=number.phone_number_id, first_seen_at=moment, **columns)
    registration: Status = describe_registration(before)
    return {
        "registration": registration,
        "registration_now": describe_registration(number),
        "facts": [ThenAndNow(fact_of(before, name), fact_of(number, name), found[name].until) for name in _SHOWN],
        "is_listed": is_listed_then(placed),
        "placed_at": placed.at if placed else None,
    }


def _as_column(name: str, value: object) -> object:
    """A value of history as the column has it: times are text there."""
    return parse_datetime(value) if name.endswith("_time") and isinstance(value, str) else value


def _day_of(text: str) -> tuple[date, str]:
    """The day that the address asks for, and what it got wrong; yesterday where it asks for none."""
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    if not text:
        return yesterday, ""
    try:
        day = date.fromisoformat(text)
        _end_of(day)
    except (ValueError, OverflowError):
        return yesterday, f"“{text[:50]}” is no day. A day is written like {today.isoformat()}."
    return (day, "") if day <= today else (yesterday, "That day has not come yet.")


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
