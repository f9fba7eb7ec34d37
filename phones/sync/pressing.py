"""Which WABAs are read more often, and first of many: those with a number on which something is about to happen.

A registration deadline within the week, a code, a name or a registration that is under way, or a fact that changed
within the last hours. They are due again after half of the interval, as long as Meta's quotas allow; and since those
that are due longest are taken first, they are also read before others where many wait.
"""

import datetime
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from clients import leases
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
    number = PhoneNumber.objects.filter(_is_pressing(now), waba=OuterRef("pk"))
    change = Change.objects.filter(_is_recent(now), waba=OuterRef("pk"))
    rows = Waba.objects.filter(Q(Exists(number)) | Q(Exists(change)), pk__in=wabas)
    rows.update(next_sync_at=now + pace.spread(interval / 2))


def read_first(wabas: QuerySet[Waba], *, now: datetime.datetime) -> None:
    """Of all these, which are due now, have those read first. Found along indexes, for there may be many thousands."""
    numbers = PhoneNumber.objects.filter(_is_pressing(now)).order_by().values("waba")
    changes = Change.objects.filter(_is_recent(now)).order_by().values("waba")
    rows = wabas.filter(Q(pk__in=numbers) | Q(pk__in=changes))
    leases.unlocked(rows).update(next_sync_at=now - AHEAD)


def _is_pressing(now: datetime.datetime) -> Q:
    has_deadline = Q(registration_deadline__gt=now, registration_deadline__lt=now + clocks.NEAR)
    is_under_way = Q(stage__in=_UNDER_WAY, stage_since__gt=now - UNDER_WAY_FOR)
    return has_deadline | is_under_way | Q(name_status=_IN_REVIEW) | Q(new_name_status=_IN_REVIEW)


def _is_recent(now: datetime.datetime) -> Q:
    return Q(kind=ChangeKind.FIELD, at__gt=now - RECENT)
