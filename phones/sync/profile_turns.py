"""The turns of the profile lane in the database: which numbers are read next, who reads them, what was used up."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Min, Q, QuerySet

from clients import leases
from clients.access import NoTokenError, token_now
from clients.models import Waba
from phones.models import PhoneNumber, ProfileQuota, ProfileTurn, TokenPart, WabaDetails
from phones.numbers import conditions
from phones.sync import pace, told_use
from phones.sync.write_traits import interval
from portal import database_clock
from portal.graph import Meter
from portal.rows import row_or_none

HOUR = datetime.timedelta(hours=1)
# What is due soon is read with what is due, so that a WABA comes up seldom.
BETWEEN = datetime.timedelta(minutes=10)
# When a number is tried again whose reader died, or whose reading failed for a reason that may pass.
AFTER_LOSS = datetime.timedelta(hours=1)
# Turns of one WABA that a worker fetches at once.
MOST_TURNS = 200
MOST_NEW = 5_000
# How long one round of calls may take, beside what leases last anyway.
ROUND_SECONDS = 20


@dataclass(slots=True)
class HeldWaba:
    """A WABA in the hands of this worker, with the turns that are due: its own, then its numbers', the oldest first."""

    quota: ProfileQuota
    token: str
    was_due_at: datetime.datetime
    calls_left: int
    turns: list[ProfileTurn | WabaDetails] = field(default_factory=list)
    told: int | None = None
    """How much of the WABA's quota is used, as Meta last told this worker; `told_of_app`: of the app's."""
    told_of_app: int | None = None

    @property
    def waba(self) -> Waba:
        return self.quota.waba


def gather() -> bool:
    """Give WABAs that are new a turn, and say whether one is due."""
    now = database_clock.now()
    new = Waba.objects.filter(profile_quota=None).order_by("pk").values_list("pk", flat=True)[:MOST_NEW]
    ProfileQuota.objects.bulk_create([ProfileQuota(waba_id=pk, next_read_at=now) for pk in new], ignore_conflicts=True)
    return due(now).exists()


def is_due() -> bool:
    return due(database_clock.now()).exists()


def take(holder: uuid.UUID, limit: int) -> list[HeldWaba]:
    """Up to `limit` WABAs whose turn it is, now held by `holder`: those that are due longest."""
    now = database_clock.now()
    found = dict(due(now).order_by("next_read_at", "pk").values_list("pk", "next_read_at")[:limit])
    mine = ProfileQuota.objects.filter(pk__in=list(found), next_read_at__lte=now)
    leases.take(mine, holder=holder, span=_span(), next_read_at=now + BETWEEN)
    held = ProfileQuota.objects.filter(pk__in=list(found), lease_token=holder).select_related("waba__credential")
    opened = [_opened(quota, found[quota.pk], holder, now) for quota in held]
    return [each for each in opened if each is not None]


def renew(holder: uuid.UUID) -> None:
    leases.renew(ProfileQuota.objects.all(), holder=holder, span=_span())


def is_held(waba: int, holder: uuid.UUID) -> bool:
    return ProfileQuota.objects.filter(pk=waba, lease_token=holder, lease_until__gt=database_clock.now()).exists()


def put_off(turns: Collection[ProfileTurn | WabaDetails]) -> None:
    """Write down that these are tried: should their reader die of one, the others are read before it."""
    now = database_clock.now()
    for model in (ProfileTurn, WabaDetails):
        if keys := [turn.pk for turn in turns if isinstance(turn, model)]:
            model.objects.filter(pk__in=keys).update(tried_at=now, next_read_at=now + AFTER_LOSS)


def has_room(held: HeldWaba, meter: Meter) -> bool:
    """Count the calls of one reading; whether the lane may go on with this WABA in this hour."""
    quota, used = held.quota, meter.usage
    held.calls_left -= meter.calls
    quota.calls += meter.calls
    if (used.object_percent or used.app_is_told) and quota.ceiling_percent is None:
        quota.ceiling_percent = pace.profile_ceiling(used.worst_percent())
    ProfileQuota.objects.filter(pk=quota.pk).update(
        calls=quota.calls, ceiling_percent=quota.ceiling_percent, hour_began_at=quota.hour_began_at
    )
    if (told := told_use.of_objects(meter)) is not None:
        held.told = told
    if (told := told_use.of_app(meter)) is not None:
        held.told_of_app = told
    is_below = quota.ceiling_percent is None or used.worst_percent() < quota.ceiling_percent
    return is_below and held.calls_left > 0


def _note_told(held: HeldWaba) -> None:
    """Keep what Meta told of the quota, where nobody has the WABA's row locked."""
    now = database_clock.now()
    if told := told_use.columns({held.quota.pk: held.told}, at=now):
        with transaction.atomic():
            leases.unlocked(Waba.objects.filter(pk=held.quota.pk)).update(**told)
    if held.waba.credential_id is not None:
        told_use.note_app({held.waba.credential_id: held.told_of_app}, at=now)


def finish(held: HeldWaba, holder: uuid.UUID) -> None:
    """Let go of a WABA of which all that is due is read: its next turn is its own next, or that of a number."""
    _note_told(held)
    of_numbers = _turns_of(held.quota.pk).aggregate(at=Min("next_read_at"))["at"]
    own = WabaDetails.objects.filter(pk=held.quota.pk).values_list("next_read_at", flat=True).first()
    next_at = min((at for at in (of_numbers, own) if at is not None), default=database_clock.now() + interval())
    _let_go([held.quota.pk], holder, next_read_at=max(next_at, database_clock.now() + BETWEEN))


def give_back(held: HeldWaba, holder: uuid.UUID) -> None:
    """Let go of a WABA with numbers left to read: it keeps its place in the row."""
    _note_told(held)
    _let_go([held.quota.pk], holder, next_read_at=held.was_due_at)


@transaction.atomic
def end_rests(number: PhoneNumber, parts: Collection[str]) -> None:
    """Have the lane ask for these parts again, which Meta has just answered to a person: it is not refused any more."""
    turn = row_or_none(ProfileTurn.objects.select_for_update().filter(number=number).exclude(rests={}))
    if turn is not None:
        rests = {part: until for part, until in turn.rests.items() if part not in parts}
        ProfileTurn.objects.filter(pk=turn.pk).update(rests=rests)
    end_leaving_out(number.waba, parts)


def end_leaving_out(waba: Waba, parts: Collection[str]) -> None:
    """Likewise where these parts are left out for the token of a WABA."""
    left_out = TokenPart.objects.filter(credential=waba.credential_id, part__in=parts)
    left_out.filter(left_out_until__isnull=False).update(
        answered_at=database_clock.now(), refused_in_a_row=0, left_out_until=None
    )


def leave_alone(wabas: Collection[int], *, until: datetime.datetime) -> None:
    """Read nothing in this lane on these WABAs (keys) before `until`."""
    ProfileQuota.objects.filter(pk__in=wabas).update(not_before=until)


def of_token(waba: Waba) -> list[int]:
    """The WABAs (keys) that are read with the same token."""
    return list(Waba.objects.filter(credential=waba.credential_id).values_list("pk", flat=True))


def due(now: datetime.datetime) -> QuerySet[ProfileQuota]:
    may_ask = Q(not_before=None) | Q(not_before__lte=now)
    wabas = Waba.objects.readable(now).filter(unshared_since=None)
    return ProfileQuota.objects.filter(may_ask, leases.free(now), next_read_at__lte=now, waba__in=wabas)


def _turns_of(waba: int) -> QuerySet[ProfileTurn]:
    return ProfileTurn.objects.filter(number__waba=waba, number__missing_since=None)


def _opened(
    quota: ProfileQuota, was_due_at: datetime.datetime, holder: uuid.UUID, now: datetime.datetime
) -> HeldWaba | None:
    """A held WABA with its due turns; None where Meta can't be asked, after which it is not held any more."""
    try:
        token = token_now(quota.waba.credential, quota.waba, at=now)
    except NoTokenError as error:
        _let_go([quota.pk], holder, next_read_at=error.retry_at or now + interval())
        return None
    numbers = PhoneNumber.objects.filter(waba=quota.pk, missing_since=None)
    new = numbers.filter(profile_turn=None).values_list("pk", flat=True)
    turns = [ProfileTurn(number_id=pk, next_read_at=now) for pk in new]
    ProfileTurn.objects.bulk_create(turns, ignore_conflicts=True)
    if quota.hour_began_at is None or not now - HOUR < quota.hour_began_at <= now:
        quota.hour_began_at, quota.calls, quota.ceiling_percent = now, 0, None
    most = pace.profile_calls_an_hour(has_registered=numbers.filter(conditions.IS_REGISTERED).exists())
    due = _turns_of(quota.pk).filter(next_read_at__lte=now + BETWEEN).order_by("next_read_at", "pk")
    held = HeldWaba(quota, token, was_due_at, most - quota.calls)
    held.turns = [*_own_turn(quota, now), *due.select_related("number")[:MOST_TURNS]]
    return held


def _own_turn(quota: ProfileQuota, now: datetime.datetime) -> list[WabaDetails]:
    """The turn of the WABA's own details, where it is due."""
    row, _ = WabaDetails.objects.get_or_create(waba=quota.waba, defaults={"next_read_at": now})
    row.waba = quota.waba
    return [row] if row.next_read_at <= now + BETWEEN else []


def _let_go(wabas: Collection[int], holder: uuid.UUID, **columns: datetime.datetime) -> None:
    ProfileQuota.objects.filter(pk__in=wabas, lease_token=holder).update(**columns, **leases.LET_GO)


def _span() -> datetime.timedelta:
    return datetime.timedelta(seconds=settings.SYNC_LEASE_SECONDS + ROUND_SECONDS)
