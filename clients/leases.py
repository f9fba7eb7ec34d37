"""Holding rows: a worker takes a row by a conditional UPDATE, and whatever it writes later is fenced by its token.

Portable to SQLite, where SELECT … FOR UPDATE locks nothing. A row whose worker died is free when its lease is over.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q

from portal import database_clock

LET_GO: dict[str, Any] = {"lease_token": None, "lease_until": None}


# A lease that ends later than any that is given was written by a wrong clock.
LONGEST = timedelta(hours=1)


def free(now: datetime) -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=now) | Q(lease_until__gt=now + LONGEST)


def take(rows: models.QuerySet[Any], *, holder: uuid.UUID, span: timedelta, **columns: Any) -> int:
    """Hold those of `rows` that are free, for `span`, and write `columns` with it; how many that were.

    The condition stands in the UPDATE itself: of two workers with the same candidates one gets each row.
    """
    now = database_clock.now()
    return rows.filter(free(now)).order_by().update(lease_token=holder, lease_until=now + span, **columns)


def renew(rows: models.QuerySet[Any], *, holder: uuid.UUID, span: timedelta) -> int:
    """Hold what `holder` has of `rows` for another `span`; how many that are."""
    return rows.filter(lease_token=holder).update(lease_until=database_clock.now() + span)
