"""What the filters of all lists have in common: every parameter may be repeated, and no value of one is an error."""

import datetime
from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.forms import Field, MultipleHiddenInput
from django.http import QueryDict
from django.utils import timezone

from portal.web.addresses import is_storable, row_key
from portal.web.keyset import Count

Rows = QuerySet[Any, Any]


class _Values(Field):
    """All values of a repeatable parameter, whatever they are; empty ones and repetitions are left out."""

    widget = MultipleHiddenInput

    def clean(self, value: list[str] | None) -> list[str]:
        return [text for text in dict.fromkeys(value or []) if text]


class ListFilter(django_filters.Filter):  # type: ignore[misc] # django-filter has no types
    """A parameter that may be repeated: rows for which `condition` of its values holds. `choices` are known values."""

    field_class = _Values
    parent: Any
    # Whether one choice may stand for several values, with commas between them.
    joins = False

    def __init__(self, field_name: str | None = None, *, label: str = "", choices: Any = ()) -> None:
        super().__init__(field_name, label=label)
        self.choices: dict[str, str] = {str(value): str(words) for value, words in choices}

    def filter(self, rows: Rows, values: list[str]) -> Rows:
        values = self.spelled(values)
        if not values:
            return rows
        condition = self.condition([value for value in values if is_storable(value)])
        found: Rows = rows.none() if condition is None else self.parent.narrow(rows, condition)
        return found

    def condition(self, values: list[str]) -> Q | None:
        """What the storable ones among the given values ask for; None when nothing can match."""
        return Q(**{f"{self.field_name}__in": values}) if values else None

    def words(self, value: str) -> str:
        return self.choices.get(value, value)

    def spelled(self, values: Iterable[str]) -> list[str]:
        """The values one by one, each once."""
        return list(dict.fromkeys(each for value in values for each in (value.split(",") if self.joins else [value])))


class KeyFilter(ListFilter):
    """Rows by the primary key of what they belong to."""

    def condition(self, values: list[str]) -> Q | None:
        keys = [key for key in map(row_key, values) if key is not None]
        return super().condition(keys)  # type: ignore[arg-type] # keys in place of text


class DayFilter(ListFilter):
    """A day in the reader's time zone, as 2026-11-30."""

    def condition(self, values: list[str]) -> Q | None:
        either = Q()
        for value in values:
            try:
                day = datetime.date.fromisoformat(value)
                starts, ends = (
                    timezone.make_aware(datetime.datetime.combine(each, datetime.time.min))
                    for each in (day, day + datetime.timedelta(days=1))
                )
            except (ValueError, OverflowError):
                self.parent.say(f"“{value[:50]}” is no day. A day is written like {timezone.localdate().isoformat()}.")
                continue
            either |= Q(**{f"{self.field_name}__gte": starts, f"{self.field_name}__lt": ends})
        return either or None


class ListFilters(django_filters.FilterSet):  # type: ignore[misc] # django-filter has no types
    """Those of `rows` that an address asks for. `notes` are sentences for the page about values that mean nothing.

    `reads_ahead`: a filter may ask the database for what makes the statement quicker. Not where many lists are counted
    in one statement.
    """

    reads_ahead = True

    def __init__(self, data: QueryDict, rows: Rows, person: Any) -> None:
        super().__init__(data, rows)
        self.person = person
        self.notes: list[str] = []

    @property
    def walked(self) -> Rows:
        """The same rows as `qs`, as they are best read where many match."""
        rows: Rows = self.qs
        return rows

    @property
    def counted_at_most(self) -> int | None:
        """How far matching rows are counted, where that takes longer than usual; None where it does not."""
        return None

    @property
    def known_count(self) -> Count | None:
        """How many rows match, for rows that the database can't count; None where it can."""
        return None

    @property
    def kept_count(self) -> Count | None:
        """How many rows match, where the database keeps that and they are very many; else None."""
        return None

    @property
    def is_narrowed(self) -> bool:
        """Whether the address asks for less than everything."""
        return self.form.is_valid() and any(self.form.cleaned_data.values())

    def narrow(self, rows: Rows, condition: Q) -> Rows:
        return rows.filter(condition)

    def say(self, note: str) -> None:
        """Have the page say `note`, once."""
        if note not in self.notes:
            self.notes.append(note)

    def label_of(self, name: str) -> str:
        return str(self.filters[name].label)
