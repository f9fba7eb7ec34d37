"""How many numbers of a list have each value that its filters offer, for the panel. Not where it would be dear."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Count

from phones.choices import STATUSES
from phones.listing.counts import COUNTED
from phones.listing.selection import NumberList
from phones.listing.value_filters import NOT_RETURNED
from phones.numbers.lifecycle import Facts
from phones.numbers.words import registered_word, trait_word
from phones.trait_choices import TRAIT_COLUMNS, TRAITS
from portal.web.counts import counts_of

REGISTERED = "registered"
_OF_REGISTERED = ("status", "platform_type")
# More filters than these, each with a value chosen, are not counted without their own choice.
_MOST_WIDENED = 3


def count_values(numbers: NumberList) -> dict[str, Counter[str]] | None:
    """For each filter by value how many numbers of the list have which; None where the list is too long to count.

    A filter's own choice does not narrow its counts: they say what would be found if something else were chosen.
    """
    chosen = [name for name in (*STATUSES, *TRAITS, REGISTERED) if numbers.address.values(name)]
    widened = {name: _without(numbers, name) for name in chosen[:_MOST_WIDENED]}
    lists = {"": numbers, **widened}
    most = numbers.filters.counted_at_most or COUNTED
    lengths = counts_of({name: each.filters.qs for name, each in lists.items()}, limit=most)
    if not lengths[""].is_complete:
        return None
    found = _counted(numbers, [*STATUSES, *TRAITS])
    for name in chosen:
        if name in widened and lengths[name].is_complete:
            found[name] = _counted(widened[name], _OF_REGISTERED if name == REGISTERED else [name])[name]
        else:
            del found[name]
    return found


def _without(numbers: NumberList, name: str) -> NumberList:
    data = numbers.data.copy()
    data.pop(name, None)
    return NumberList(data, numbers.person)


def _counted(numbers: NumberList, fields: Iterable[str]) -> dict[str, Counter[str]]:
    """The numbers by the values of `fields`: one statement, which gives one row for each combination."""
    names = list(fields)
    found: dict[str, Counter[str]] = {name: Counter() for name in names}
    registered: Counter[str] = Counter()
    columns = [TRAIT_COLUMNS.get(name, name) for name in names]
    rows: Iterable[tuple[Any, ...]] = numbers.filters.qs.order_by().values_list(*columns).annotate(Count("pk"))
    for *values, count in rows:
        for name, value in zip(names, values, strict=True):
            found[name][trait_word(value) if name in TRAITS else value or NOT_RETURNED] += count
        if set(_OF_REGISTERED) <= set(names):
            status, platform = (values[names.index(name)] for name in _OF_REGISTERED)
            registered[registered_word(Facts(status=status, platform_type=platform))] += count
    return {**found, REGISTERED: registered}
