"""Which WABAs are read more often, and first of many: those with a number on which something is about to happen.

A registration deadline within the week, a code, a name or a registration that is under way, or a fact that changed
within the last hours. They are due again after half of the interval, as long as Meta's quotas allow; and since those
that are due longest are taken first, they are also read before others where many wait.
"""

import datetime
from collections.abc import Collection

from django.db.models import Case, DateTimeField, Q, Value, When

from clients.models import Waba
from phones.choices import ChangeKind
from phones.models import Change, PhoneNumber
from phones.numbers import clocks
from phones.numbers.lifecycle import Stage
from phones.sync import pace

# Nobody waits any more for what has been under way for longer.
UNDER_WAY_FOR = clocks.SIGNUP_WINDOW
# What changed once often changes again soon: a status, a quality, a name.
RECENT = datetime.timedelta(hours=3)
# Enough to be ahead of all others that are due at the same moment, and too little to count as late.
AHEAD = datetime.timedelta(seconds=1)
_UNDER_WAY = [stage.value for stage in (Stage.NEEDS_CODE, Stage.NAME_BLOCKS, Stage.READY, Stage.REGISTERING)]
_IN_REVIEW = "PENDING_REVIEW"


def read_earlier(wabas: Collection[int], *, now: datetime.datetime, interval: datetime.timedelta) -> None:
    """Have those of these WABAs (keys), which were just read and are not busy, read again after half an interval."""
    numbers = PhoneNumber.objects.filter(_is_pressing(now), waba__in=wabas).order_by().values("waba")
    changes = Change.objects.filter(_is_recent(now), waba__in=wabas).order_by().values("waba")
    rows = Waba.objects.filter(Q(pk__in=numbers) | Q(pk__in=changes), pk__in=wabas)
    rows.update(next_sync_at=now + pace.spread(interval / 2))


def turn_of_many(now: datetime.datetime) -> Case:
    """The turn of each of many WABAs that are to be read now, for an UPDATE: of these WABAs a moment earlier.

    They are found along indexes, once for all that are written.
    """
    numbers = PhoneNumber.objects.filter(_is_pressing(now)).order_by().values("waba")
    changes = Change.objects.filter(_is_recent(now)).order_by().values("waba")
    first = When(Q(pk__in=numbers) | Q(pk__in=changes), then=Value(now - AHEAD))
    return Case(first, default=Value(now), output_field=DateTimeField())


def _is_pressing(now: datetime.datetime) -> Q:
    has_deadline = Q(registration_deadline__gt=now, registration_deadline__lt=now + clocks.NEAR)
    is_under_way = Q(stage__in=_UNDER_WAY, stage_since__gt=now - UNDER_WAY_FOR)
    is_in_review = Q(name_status=_IN_REVIEW) | Q(new_name_status=_IN_REVIEW)
    return Q(gone_at=None) & (has_deadline | is_under_way | is_in_review)


def _is_recent(now: datetime.datetime) -> Q:
    return Q(kind=ChangeKind.FIELD, at__gt=now - RECENT)
