"""A book, or one client of it, over time: stages, quality, registrations, deadlines ahead, and how signups go."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients import roles
from phones.choices import NOT_RETURNED, NOT_WORKED_OUT, QUALITY_RATING, STAGE, Status, Tone
from phones.numbers.words import describe
from phones.pictures.daily import IN_TIME, MISSED, OPEN, QUALITY, SIGNUP, counts_of
from phones.pictures.daily import STAGE as STAGE_FIELD
from phones.pictures.deadlines import deadlines_of
from phones.pictures.series import Series, series_of
from phones.pictures.signups import signups_of
from phones.views.no_role import NO_ROLE
from phones.views.request import DeskRequest
from phones.views.whose_book import Book, book_named
from portal.web.addresses import row_key

_OUTCOMES = {
    IN_TIME: ("Registered in time", Tone.OK, "Meta takes no registration after the days are over."),
    OPEN: ("Still to register", Tone.ACT, "Their days are not over yet."),
    MISSED: ("Missed", Tone.BAD, "The days to register them have passed."),
}


@dataclass(frozen=True, slots=True)
class LinkedSeries:
    """One row of a picture, and the list of the numbers that it counts now; no address where there is none."""

    series: Series
    address: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Rows that were counted at the same times, which are `times`, the oldest first."""

    key: str
    title: str
    said: str
    times: list[str]
    rows: list[LinkedSeries]


@require_safe
def over_time(request: DeskRequest) -> HttpResponse:
    if roles.role_of(request.user) is None:
        return render(request, "pictures/book.html", {"empty": NO_ROLE})
    book = _book_of(request)
    whose = None if book.is_everybodys else book.clients()
    counted = counts_of(whose)
    days = [f"{day:%-d %b}" for day in counted.days]
    pictures = [
        Picture("stages", "Numbers by stage", "", days, _rows(STAGE_FIELD, STAGE, counted.of(STAGE_FIELD), days, book)),
        Picture("quality", "Quality", "", days, _rows(QUALITY, QUALITY_RATING, counted.of(QUALITY), days, book)),
    ]
    context = {
        "book": book,
        "pictures": pictures if counted.days else [],
        "known_from": counted.known_from,
        "registrations": _registrations({value: some[-1] for value, some in counted.of(SIGNUP).items()}),
        "weeks": [
            [cell and (cell, book.list_address([("register_by", cell.day.isoformat())])) for cell in week]
            for week in deadlines_of(book.numbers())
        ],
        "signups": signups_of(whose),
    }
    return render(request, "pictures/book.html", context)


def _book_of(request: DeskRequest) -> Book:
    """The book, or the one client, that the address names; a foreign client is as unknown as one that is not there."""
    if "client" not in request.GET:
        return book_named(request.GET.get("book", ""), request.user)
    key = row_key(request.GET["client"])
    client = Book(request.user).clients().filter(pk=key).first() if key is not None else None
    note = "" if client else "You have no such client. Here is the whole book."
    return Book(request.user, note=note, client=client)


def _rows(
    field: str, known: Iterable[str], counts: Mapping[str, Sequence[int]], days: Sequence[str], book: Book
) -> list[LinkedSeries]:
    """A row for each value that was counted on any of the days, in the order of the table of its words.

    Values with the same words are one row.
    """
    alike: dict[str, list[str]] = {}
    order = [value for value in known if value in counts] + [value for value in counts if value not in set(known)]
    for value in order:
        alike.setdefault(_words(field, value).label, []).append(value)
    rows = []
    for values in alike.values():
        words = _words(field, values[0])
        summed = [sum(day) for day in zip(*(counts[value] for value in values), strict=True)]
        series = series_of(words.label, summed, days, tone=words.tone.value, meaning=words.meaning)
        rows.append(LinkedSeries(series, book.list_address([(field, value or "-") for value in values])))
    return rows


def _words(field: str, value: str) -> Status:
    if value:
        return describe(field, value)
    return NOT_WORKED_OUT if field == STAGE_FIELD else NOT_RETURNED


def _registrations(counts: Mapping[str, int]) -> Picture | None:
    """Numbers by the week of their signup, and whether they were registered in time, as counted last."""
    weeks = sorted({value.partition(":")[0] for value, count in counts.items() if count})
    if not weeks:
        return None
    first, last = datetime.date.fromisoformat(weeks[0]), datetime.date.fromisoformat(weeks[-1])
    mondays = [first + datetime.timedelta(days=each) for each in range(0, (last - first).days + 1, 7)]
    times = [f"{monday:%-d %b}" for monday in mondays]
    rows = [
        LinkedSeries(
            series_of(
                label, [counts.get(f"{monday}:{outcome}", 0) for monday in mondays], times, tone=tone, meaning=meaning
            )
        )
        for outcome, (label, tone, meaning) in _OUTCOMES.items()
    ]
    said = "By the week in which they signed up, named by its Monday, as far as Meta says when that was."
    return Picture("registrations", "Registered in time, or missed", said, times, rows)
