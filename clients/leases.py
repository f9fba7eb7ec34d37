"""Holding rows: a worker takes a row by a conditional UPDATE, and whatever it writes later is fenced by its token.

Portable to SQLite, where SELECT … FOR UPDATE locks nothing. A row whose worker died is free when its lease is over.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection, models, transaction
from django.db.models import Q

from portal import database_clock

Row = TypeVar("Row", bound=models.Model)

LET_GO: dict[str, Any] = {"lease_token": None, "lease_until": None}


# A lease that ends later than any that is given was written by a wrong clock.
LONGEST = timedelta(hours=1)


def free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now) | Q(lease_until__gt=now + LONGEST)


def take(rows: models.QuerySet[Any], *, holder: uuid.UUID, span: timedelta, **columns: Any) -> int:
    """Hold those of `rows` that are free, for `span`, and write `columns` with it; how many that were.

    The condition stands in the UPDATE itself: of two workers with the same candidates one gets each row. A row that
    somebody has locked is left out, and taken the next time.
    """
    now = database_clock.now()
    with transaction.atomic():
        mine = unlocked(rows.filter(free(now))).filter(free(now))
        return mine.update(lease_token=holder, lease_until=now + span, **columns)


def renew(rows: models.QuerySet[Any], *, holder: uuid.UUID, span: timedelta) -> int:
    """Hold what `holder` has of `rows` for another `span`; how many that are."""
    with transaction.atomic():
        mine = unlocked(rows.filter(lease_token=holder)).filter(lease_token=holder)
        return mine.update(lease_until=database_clock.now() + span)


def wait_for_no_row_for_long() -> None:
    """Have this transaction give up soon on a row that somebody has locked: the others are written meanwhile."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 1000")


def unlocked(rows: models.QuerySet[Row]) -> models.QuerySet[Row]:
    """Those of `rows` that nobody else has locked, to be written at once inside a transaction.

    A transaction that was forgotten somewhere holds up the row that it has touched, and nothing else. SQLite locks no
    rows.
    """
    if not connection.features.has_select_for_update_skip_locked:
        return rows.order_by()
    table = rows.model._base_manager
    named = table.filter(pk__in=rows.order_by().values("pk"))
    return table.filter(pk__in=named.select_for_update(skip_locked=True, no_key=True).values("pk"))
