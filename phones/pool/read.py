"""Reads the partner's pool from Meta into the tables: the list whole or not at all, one number, and who took which.

Reads only. A number that a client took is gone from the pool and has a new id on the client's WABA; what joins the two
is the phone number itself.
Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-verified-numbers
"""

import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from django.db import transaction
from django.db.models import F, Q

from clients.access import ACTION_SECONDS, POOL_SECONDS, NoTokenError, graph_client, meter, token_now
from clients.credentials import environment_credential
from clients.models import Credential, SyncFailure, Waba
from phones.models import Heartbeat, Listing, PhoneNumber, PreverifiedNumber, PreverifiedShare
from phones.numbers import conditions
from phones.numbers.search import digits_of
from phones.querysets import PhoneNumberQuerySet
from portal import database_clock
from portal.graph import GraphError, Meter, NotVisible, PreverifiedReading

log = structlog.get_logger(__name__)

# The heartbeats that keep when the pool was last read whole, and when that last failed.
READ, FAILED = "pool", "pool-failed"
# Graph has no list of shares: each number is asked, those of a big pool by turns.
MOST_ASKED_FOR_PARTNERS = 40
TURNS = 24
AGAIN_AFTER = datetime.timedelta(minutes=2)
# Numbers that are looked for at once.
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Access:
    """What the pool is asked with: whose it is, and an opened token."""

    credential: Credential
    business_id: str
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PoolRead:
    """What came of reading the pool. With a `failure` nothing was changed by it."""

    seen: int = 0
    added: int = 0
    missing: int = 0
    claimed: int = 0
    failure: SyncFailure | None = None


@dataclass(frozen=True, slots=True)
class NumberRead:
    """What came of reading one number. `knows_partners`: the businesses it is shared with were read too."""

    failure: SyncFailure | None = None
    knows_partners: bool = False


@dataclass(frozen=True, slots=True)
class LastRead:
    """How old the desk's picture of the pool is. `failure` is set when the latest try failed."""

    at: datetime.datetime | None
    failure: SyncFailure | None


def access(*, at: datetime.datetime) -> Access | SyncFailure:
    """The environment's system user token and its business; else why Meta can't be asked now (unsaved)."""
    credential = environment_credential()
    try:
        token = token_now(credential, at=at, even_if_refused=True)
    except NoTokenError as error:
        failure = error.failure(at=at)
        failure.credential = credential
        return failure
    if credential is None or not credential.business_id:
        return SyncFailure(kind="no_token", at=at)
    return Access(credential, credential.business_id, token)


def read_pool(*, seconds: float = POOL_SECONDS) -> PoolRead:
    """Read the whole pool within `seconds`, store it, and recognise what was claimed. Never raises for what Meta says.

    Who the numbers are shared with is asked behind that, as far as the time goes.
    """
    asked_at = database_clock.now()
    may = access(at=asked_at)
    if isinstance(may, SyncFailure):
        return _failed(may)
    pool_meter = meter(seconds)
    try:
        readings = graph_client().preverified_numbers(may.business_id, token=may.token, meter=pool_meter)
    except GraphError as error:
        failure = SyncFailure.of(error, at=asked_at)
        failure.credential = may.credential
        return _failed(failure)
    added, missing = store(readings, asked_at=asked_at)
    Heartbeat.objects.update_or_create(name=READ, defaults={"at": asked_at})
    claimed = recognise_claims()
    _read_partners(may, added, pool_meter)
    return PoolRead(len(readings), len(added), missing, claimed)


def read_number(number: PreverifiedNumber) -> NumberRead:
    """Read one number and its partners. When Meta shows it no more, the whole list decides what became of it."""
    asked_at = database_clock.now()
    may = access(at=asked_at)
    if isinstance(may, SyncFailure):
        return NumberRead(may)
    number_meter = meter()
    try:
        reading = graph_client().preverified_number(number.preverified_id, token=may.token, meter=number_meter)
    except NotVisible:
        return NumberRead(read_pool(seconds=ACTION_SECONDS).failure)
    except GraphError as error:
        return NumberRead(SyncFailure.of(error, at=asked_at))
    _store_one(reading, asked_at)
    try:
        _ask_for_partners(may, number, number_meter)
    except GraphError as error:
        log.warning("Who a pool number is shared with could not be read.", number=number.pk, error=str(error))
        return NumberRead()
    return NumberRead(knows_partners=True)


def last_read() -> LastRead:
    """When the pool was last read whole, and why it could not be since."""
    beats = {beat.name: beat.at for beat in Heartbeat.objects.filter(name__in=[READ, FAILED])}
    read_at, failed_at = beats.get(READ), beats.get(FAILED)
    failure = None
    if failed_at is not None and (read_at is None or failed_at > read_at):
        failure = SyncFailure.objects.filter(run=None, waba=None, at=failed_at).first()
    return LastRead(read_at, failure)


def is_due() -> bool:
    """Whether the pool should be read before its hour: it never was, or a number of it has appeared at a client's."""
    last = last_read()
    if last.at is None:
        never_tried = last.failure is None
        return never_tried and Credential.objects.filter(from_environment=True).exclude(token_sealed="").exists()
    tried_at = last.failure.at if last.failure is not None else last.at
    if database_clock.now() - tried_at < AGAIN_AFTER:
        return False
    waiting = list(PreverifiedNumber.objects.in_pool().exclude(digits="").values_list("digits", flat=True))
    listed = _on_wabas().filter(first_seen_at__gt=last.at)
    return any(
        listed.filter(conditions.has_any_digits(waiting[start : start + _CHUNK])).exists()
        for start in range(0, len(waiting), _CHUNK)
    )


@transaction.atomic
def store(
    readings: Sequence[PreverifiedReading], *, asked_at: datetime.datetime
) -> tuple[list[PreverifiedNumber], int]:
    """Take over a whole list that was asked for at `asked_at`: the numbers that are new, and how many are missing.

    A row that was read, deleted or found missing later than that is left alone.
    """
    rows = {row.preverified_id: row for row in PreverifiedNumber.objects.select_for_update().order_by("pk")}
    added = []
    for reading in readings:
        row = rows.get(reading.preverified_id)
        if row is None:
            added.append(_make(reading, asked_at))
        else:
            _take_over(row, reading, asked_at)
    listed = {reading.preverified_id for reading in readings}
    gone = [
        row.pk
        for row in rows.values()
        if row.preverified_id not in listed
        and row.missing_since is None
        and row.deleted_at is None
        and row.claimed_at is None
        and max(row.synced_at, row.added_at or row.synced_at) < asked_at
    ]
    PreverifiedNumber.objects.filter(pk__in=gone).update(missing_since=asked_at)
    return added, len(gone)


@transaction.atomic
def _store_one(reading: PreverifiedReading, asked_at: datetime.datetime) -> None:
    row = PreverifiedNumber.objects.select_for_update().get(preverified_id=reading.preverified_id)
    _take_over(row, reading, asked_at)


def _make(reading: PreverifiedReading, asked_at: datetime.datetime) -> PreverifiedNumber:
    new = {**_columns(reading), "first_seen_at": asked_at, "synced_at": asked_at}
    # An addition from the desk may write the same row at this moment.
    row, is_new = PreverifiedNumber.objects.get_or_create(preverified_id=reading.preverified_id, defaults=new)
    if not is_new:
        _take_over(row, reading, asked_at)
    return row


def _take_over(row: PreverifiedNumber, reading: PreverifiedReading, asked_at: datetime.datetime) -> None:
    """Write what was read onto its row. What is listed is in the pool, whatever was thought of it before."""
    known = (row.synced_at, row.missing_since, row.deleted_at, row.claimed_at)
    if not all(database_clock.is_older(at, asked_at) for at in known) or asked_at in known:
        return
    for name, value in _columns(reading).items():
        setattr(row, name, value)
    row.synced_at = asked_at
    if row.claimed_at is not None:
        row.claimed_at = row.claimed_by = row.number = None
    row.missing_since = row.deleted_at = None
    row.save()


def _columns(reading: PreverifiedReading) -> dict[str, object]:
    """The columns of what was read. The number behind an id never changes, so it is kept when Graph leaves it out."""
    columns: dict[str, object] = {
        "code_verification_status": reading.code_verification_status,
        "code_verification_time": reading.code_verification_time,
        "verification_expiry_time": reading.verification_expiry_time,
        "owner_business_id": reading.owner_business_id,
        "owner_business_name": reading.owner_business_name,
    }
    if reading.phone_number:
        columns["phone_number"] = reading.phone_number[:32]
        columns["digits"] = digits_of(reading.phone_number)[:32]
    return columns


def _failed(failure: SyncFailure) -> PoolRead:
    failure.save()
    Heartbeat.objects.update_or_create(name=FAILED, defaults={"at": failure.at})
    return PoolRead(failure=failure)


def _read_partners(may: Access, added: Sequence[PreverifiedNumber], meter: Meter) -> None:
    """Ask who shares the new numbers, those known to be shared, and by turns the others, until time is up."""
    turn = int(time.time() // 3600) % TURNS
    here = PreverifiedNumber.objects.in_pool()
    wanted = here.filter(Q(pk__in=[row.pk for row in added]) | Q(shares__isnull=False)).distinct().order_by("pk")
    asked = list(wanted[:MOST_ASKED_FOR_PARTNERS])
    in_turn = here.alias(turn=F("pk") % TURNS).filter(turn=turn).exclude(pk__in=[row.pk for row in asked])
    asked += list(in_turn.order_by("pk")[: MOST_ASKED_FOR_PARTNERS - len(asked)])
    for number in asked:
        try:
            _ask_for_partners(may, number, meter)
        except NotVisible:
            continue
        except GraphError as error:
            log.warning("Who the pool's numbers are shared with could not be read.", error=str(error))
            return


def _ask_for_partners(may: Access, number: PreverifiedNumber, meter: Meter) -> None:
    """Write down which businesses a number is shared with. Raises GraphError."""
    businesses = dict(graph_client().preverified_partners(number.preverified_id, token=may.token, meter=meter))
    now = database_clock.now()
    with transaction.atomic():
        locked = PreverifiedNumber.objects.select_for_update().get(pk=number.pk)
        locked.shares.exclude(business_id__in=businesses).delete()
        for business_id, name in businesses.items():
            PreverifiedShare.objects.update_or_create(
                number=locked,
                business_id=business_id,
                defaults={"business_name": name},
                create_defaults={"business_name": name, "since": now},
            )


def recognise_claims() -> int:
    """Find the numbers that left the pool for a client's WABA, and join them with what they are there; how many."""
    gone = PreverifiedNumber.objects.filter(missing_since__isnull=False, deleted_at=None, claimed_at=None).exclude(
        digits=""
    )
    return sum(_recognise(pk) for pk in list(gone.values_list("pk", flat=True)))


@transaction.atomic
def _recognise(pk: int) -> bool:
    row = PreverifiedNumber.objects.select_for_update(of=("self",)).select_related("reserved_for").get(pk=pk)
    if row.missing_since is None or row.deleted_at is not None or row.claimed_at is not None:
        return False
    link = row.reserved_for
    # It got its new id when it was claimed, so the desk saw that later than it saw the number in the pool.
    found = _on_wabas().filter(conditions.has_digits(row.digits), first_seen_at__gte=row.first_seen_at).order_by("-pk")
    theirs = None if link is None else found.on(Waba.objects.filter(client=link.client_id)).first()
    number = theirs or found.first()
    if number is None:
        return False
    row.number = number
    row.claimed_by = link if theirs is not None else None
    moments = (number.signup_at, number.last_onboarded_time)
    row.claimed_at = next((at for at in moments if at is not None and at >= row.first_seen_at), number.first_seen_at)
    row.reserved_for = row.reserved_at = None
    row.save()
    log.info("A number of the pool was claimed.", number=row.pk, phone_number_id=number.phone_number_id)
    return True


def _on_wabas() -> PhoneNumberQuerySet:
    """The numbers that a WABA lists now."""
    listed = Listing.objects.current().filter(missing_since=None)
    return PhoneNumber.objects.filter(missing_since=None, pk__in=listed.values("number"))
