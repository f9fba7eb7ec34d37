"""The counts of each client as intervals: a row from the day on which a count began to hold until it changed.

Most counts of a client hold for weeks: rows for each day would be many times as many, to keep and to add up on a page.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from phones.models import ClientCount
from portal.web.keys import OneOf

_BATCH = 1_000
# Clients whose counts of each day are carried over at a time: some hundred thousand rows.
_CARRIED = 100

# A client, a field and a value of it.
Counted = tuple[int, str, str]


def keep(counts: Mapping[Counted, int], today: datetime.date) -> None:
    """Write which counts hold from `today` on, in place of what was said of today before."""
    _take_back(today)
    held: Counter[Counted] = Counter()
    rows: dict[Counted, list[int]] = defaultdict(list)
    still = ClientCount.objects.filter(until=ClientCount.STILL).order_by()
    for key, client, name, value, numbers in still.values_list("pk", "client_id", "field", "value", "numbers"):
        held[client, name, value] += numbers
        rows[client, name, value].append(key)
    changed = [counted for counted in {**held, **counts} if held[counted] != counts.get(counted, 0)]
    ended = [key for counted in changed for key in rows.get(counted, ())]
    ClientCount.objects.filter(OneOf(ended)).update(until=today)
    ClientCount.objects.bulk_create(
        [
            ClientCount(client_id=client, field=name, value=value, numbers=numbers, since=today)
            for client, name, value in changed
            if (numbers := counts.get((client, name, value), 0))
        ],
        batch_size=_BATCH,
    )


def _take_back(today: datetime.date) -> None:
    """Have the counts of yesterday hold again: the last count of a day is the one that stays.

    Likewise what was written by a clock that was ahead.
    """
    ClientCount.objects.filter(since__gte=today).delete()
    ClientCount.objects.filter(until__gte=today, until__lt=ClientCount.STILL).update(until=ClientCount.STILL)


def held_on(day: datetime.date) -> Q:
    """The condition "the count held on `day`"."""
    return Q(since__lte=day, until__gt=day)


def carry_over(apps: Any, _schema_editor: Any) -> None:
    """Make intervals of the counts of each day that clients have, some clients at a time, those without intervals.

    So it goes on where it was interrupted, and leaves alone what was counted since.
    """
    keys = list(apps.get_model("clients", "Client").objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), _CARRIED):
        some = keys[start : start + _CARRIED]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_CARRY_OVER, {"still": ClientCount.STILL, "first": some[0], "last": some[-1]})


# Days in a row on which a count was the same have the same `run`: their place among the days of the count goes up as
# their place among the days that were counted.
_CARRY_OVER = """
    INSERT INTO phones_clientcount (client_id, field, value, numbers, since, until)
    WITH days AS (
        SELECT day, ROW_NUMBER() OVER (ORDER BY day) AS place, LEAD(day) OVER (ORDER BY day) AS next
        FROM (SELECT DISTINCT day FROM phones_dailycount WHERE client_id IS NULL) AS counted
    ), counts AS (
        SELECT client_id, field, value, numbers, days.day, days.next, days.place - ROW_NUMBER() OVER (
            PARTITION BY client_id, field, value, numbers ORDER BY days.day
        ) AS run
        FROM phones_dailycount JOIN days ON days.day = phones_dailycount.day
        WHERE client_id BETWEEN %(first)s AND %(last)s AND client_id NOT IN (
            SELECT client_id FROM phones_clientcount WHERE client_id BETWEEN %(first)s AND %(last)s
        )
    )
    SELECT client_id, field, value, numbers, MIN(day), MAX(COALESCE(next, %(still)s)) FROM counts
    GROUP BY client_id, field, value, numbers, run
"""
