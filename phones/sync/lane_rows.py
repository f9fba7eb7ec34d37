"""The rows of WABAs that come in the fast lane: which may be read so, and which of them say nothing new.

A WABA whose answer is the same as the last one is marked as read, together with all such of its page, without being
taken apart. Every other is stored like one that was read by itself. Left alone is what anybody holds, or has read since
the page was asked for.
"""

import datetime
import hashlib
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from clients import leases, waba_facts
from clients.models import Credential, SyncRun, Waba
from phones.models import Listing
from phones.numbers import standing
from phones.sync import (
    claims,
    discovery,
    number_columns,
    pace,
    plan,
    pressing,
    record,
    runs,
    told_use,
    write_ages,
    write_numbers,
)
from phones.sync.claims import Claim
from phones.sync.fast_lane import LEAST_WABAS, EdgePage, FastLane
from phones.sync.fetch import Fetched
from portal import database_clock
from portal.graph import GraphClient, Meter, NumberListing, SharedWaba, payloads, reads
from portal.many_rows import save_columns
from portal.web.keys import OneOf

# After an update of the code that makes rows of an answer, each answer is taken apart once more.
_ROWS_ARE_MADE_BY = [
    *(Path(str(module.__file__)) for module in (waba_facts, discovery, plan, number_columns, write_numbers, payloads)),
    *(
        Path(reads.__path__[0]) / f"{name}.py"
        for name in ("accounts", "businesses", "fields", "numbers", "shared_wabas")
    ),
]
_CODE = hashlib.blake2b(b"".join(path.read_bytes() for path in _ROWS_ARE_MADE_BY), digest_size=8).hexdigest()

# So often an answer that stays the same is taken apart after all, each WABA's at a time of its own: whatever else has
# changed its rows, such as somebody's hand in the database, lasts no longer.
COMPARED_AFTER = datetime.timedelta(days=1)
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def lane_for(credential: Credential, client: GraphClient, token: str) -> FastLane | None:
    """A lane for a walk that begins now, and the mark that WABAs are left to it; None where it is not worth it."""
    now = database_clock.now()
    is_apart = credential.apart_until is not None and credential.apart_until > now
    brings = bool(settings.SYNC_WABAS_A_CALL) and not is_apart and _is_worth_it(credential, now)
    Credential.objects.filter(pk=credential.pk).update(brings_numbers=brings)
    return FastLane(credential, client, token) if brings else None


def _is_worth_it(credential: Credential, now: datetime.datetime) -> bool:
    """Whether many WABAs are due, or none is known yet: how many there are is what the first walk finds."""
    if not Waba.objects.filter(credential=credential).exists():
        return True
    due = claims.fit_for_lane([credential.pk], now).filter(_is_due_soon(now))
    return due[:LEAST_WABAS].count() == LEAST_WABAS


def end(credential: Credential) -> None:
    """From now on nothing is left to the lane of this credential."""
    Credential.objects.filter(pk=credential.pk, brings_numbers=True).update(brings_numbers=False)


def digest_of(one: SharedWaba, *, asked_at: datetime.datetime) -> str:
    """The same for the same answer, while the code is the same and `COMPARED_AFTER` is not over."""
    own_time = datetime.timedelta(seconds=int(one.waba_id) % 86_400)
    return f"{_CODE}{(asked_at - _EPOCH + own_time) // COMPARED_AFTER}-{one.digest}"


@transaction.atomic
def confirm(page: EdgePage, *, credential: Credential, lane: FastLane, run_pk: int | None) -> set[str]:
    """Mark those WABAs of a page as read whose answer is the one that their rows were made of; gives their ids.

    The rows are: since that answer nothing else has read the WABA or one of its numbers, none of these is missing, and
    none keeps a fact that Graph leaves out. Of their numbers only the ages are written, which are locked before they
    are looked at. A WABA that an event reported a trouble of is left out: that it was read may end the trouble.
    """
    assert page.asked_at is not None  # noqa: S101 - a page of this lane has it
    asked_at, now = page.asked_at, database_clock.now()
    leases.wait_for_no_row_for_long()
    said = {one.waba_id: one for one in page.shared if one.raw_numbers is not None}
    is_on_its_edge = Q(unlisted_since=None, unshared_since=None)
    rows = _brought(said, credential=credential, asked_at=asked_at, now=now).filter(is_on_its_edge)
    rows = rows.exclude(answer_digest="").filter(~standing.is_reported(), facts_read_at__lte=F("answered_at"))
    locked = rows.select_for_update(skip_locked=True, no_key=True).order_by("pk")
    same = {
        waba.pk: waba
        for waba in locked.only("waba_id", "answer_digest", "answered_at", "sync_run")
        if waba.answer_digest == digest_of(said[waba.waba_id], asked_at=asked_at)
        and lane.percent_of(waba.waba_id) < pace.BUSY_PERCENT
    }
    numbers = _numbers_of(same)
    same = {pk: same[pk] for pk, here in numbers.items() if len(here) == len(said[same[pk].waba_id].raw_numbers or ())}
    if same:
        write_ages.note_read(list(chain.from_iterable(numbers[pk] for pk in same)), asked_at=asked_at)
        told = {pk: lane.told_of(waba.waba_id) for pk, waba in same.items()}
        _mark_read(same, asked_at, now, told_use.columns(told, at=now))
        _count(same.values(), numbers, run_pk)
    told_use.note_app({credential.pk: told_use.of_app(lane.meter)}, at=now)
    return {waba.waba_id for waba in same.values()}


def take(
    others: Sequence[SharedWaba],
    page: EdgePage,
    *,
    credential: Credential,
    lane: FastLane,
    run_pk: int | None,
    holder: uuid.UUID,
) -> tuple[list[Fetched], dict[int, str]]:
    """Those of `others` that may be stored, now held by `holder`, and the digests of their answers by WABA key."""
    assert page.asked_at is not None  # noqa: S101 - a page of this lane has it
    listings = {one.waba_id: (one, listing) for one in others if (listing := one.listing()) is not None}
    for waba_id in _lacking({waba_id: listing for waba_id, (_one, listing) in listings.items()}):
        del listings[waba_id]
    with transaction.atomic():
        rows = _brought(listings, credential=credential, asked_at=page.asked_at, now=database_clock.now())
        free = rows.select_for_update(skip_locked=True, no_key=True).order_by("pk")
        pks = list(free.values_list("pk", flat=True))
        claims.take_all(Waba.objects.filter(pk__in=pks), holder=holder)
        held = Waba.objects.filter(pk__in=pks, lease_token=holder)
        if run_pk is not None and held.filter(sync_run=None).exists():
            runs.attach(SyncRun.objects.get(pk=run_pk), held.filter(sync_run=None))
        named = list(held.order_by("pk").values_list("pk", "waba_id"))
    fetched, digests = [], {}
    for pk, waba_id in named:
        one, listing = listings[waba_id]
        meter = Meter()  # the calls are counted with the walk's
        meter.usage.app_percent, meter.usage.app_is_told = lane.meter.usage.app_percent, lane.meter.usage.app_is_told
        if (percent := lane.told_of(waba_id)) is not None:
            meter.usage.object_percent[waba_id] = percent
        fetched.append(Fetched(Claim(pk, waba_id, credential.pk), page.asked_at, meter, listing=listing))
        digests[pk] = digest_of(one, asked_at=page.asked_at)
    return fetched, digests


@transaction.atomic
def note_digests(digests: Mapping[int, str], *, asked_at: datetime.datetime) -> None:
    """Keep which answer the rows of these WABAs (keys) were made of, where all of it is stored and nothing newer."""
    rows = Waba.objects.filter(pk__in=digests, last_synced_at=asked_at, facts_read_at=asked_at)
    wabas = list(rows.select_for_update(skip_locked=True, no_key=True).order_by("pk").only("pk"))
    for waba in wabas:
        waba.answer_digest, waba.answered_at = digests[waba.pk], asked_at
    save_columns(wabas, ["answer_digest", "answered_at"])


def _lacking(listings: Mapping[str, NumberListing]) -> set[str]:
    """The WABAs whose listing lacks a number that they had: these are read by themselves before that is believed.

    Meta promises nowhere that a list inside of another is whole, or says where it goes on.
    """
    here = {waba_id: {one.phone_number_id for one in listing.numbers} for waba_id, listing in listings.items()}
    had = Listing.objects.filter(waba__waba_id__in=list(here), gone_at=None)
    known = had.order_by().values_list("waba__waba_id", "number__phone_number_id")
    return {waba_id for waba_id, number_id in known if number_id not in here[waba_id]}


def _is_due_soon(now: datetime.datetime) -> Q:
    """Within half an interval: what comes with the others need not be read by itself a little later."""
    return Q(next_sync_at__lte=now + record.interval() / 2)


def _brought(
    waba_ids: Collection[str], *, credential: Credential, asked_at: datetime.datetime, now: datetime.datetime
) -> QuerySet[Waba]:
    """The WABAs with these ids that an answer from `asked_at` may be stored of."""
    not_tried_since = Q(last_attempt_at=None) | Q(last_attempt_at__lt=asked_at)
    not_read_since = Q(last_synced_at=None) | Q(last_synced_at__lt=asked_at)
    fit = claims.fit_for_lane([credential.pk], now).filter(_is_due_soon(now), leases.free(now))
    return fit.filter(not_tried_since, not_read_since, waba_id__in=list(waba_ids))


def _numbers_of(wabas: Mapping[int, Waba]) -> dict[int, list[int]]:
    """The numbers (keys) that each of these lists, for those of which all numbers are as their last answer said."""
    listed: dict[int, list[int]] = defaultdict(list)
    differs = set()
    known = Listing.objects.filter(OneOf(wabas, "waba"), gone_at=None).order_by()
    for waba, number, missing_since in known.values_list("waba_id", "number_id", "missing_since"):
        listed[waba].append(number)
        if missing_since is not None:
            differs.add(waba)
    # Plain values: there are some hundreds of them a page.
    ages = write_ages.locked({number for numbers in listed.values() for number in numbers})
    read_at = dict(ages.filter(oldest_fact_at=None).values_list("pk", "synced_at"))
    for waba, numbers in listed.items():
        answered_at = wabas[waba].answered_at
        if answered_at is None or not all(number in read_at and read_at[number] <= answered_at for number in numbers):
            differs.add(waba)
    return {waba: numbers for waba, numbers in listed.items() if waba not in differs}


def _mark_read(
    same: Collection[int], asked_at: datetime.datetime, now: datetime.datetime, told: Mapping[str, Any]
) -> None:
    """One UPDATE for all of these WABAs."""
    Waba.objects.filter(pk__in=same).update(
        last_synced_at=asked_at,
        facts_read_at=asked_at,
        answered_at=asked_at,
        last_attempt_at=asked_at,
        not_before=None,
        next_sync_at=pace.after_success(now=now, interval=record.interval(), used_percent=0),
        **told,
        **record.RELEASED,
    )
    pressing.read_earlier(same, now=now, interval=record.interval())


def _count(same: Collection[Waba], numbers: Mapping[int, Sequence[int]], run_pk: int | None) -> None:
    """Add them to the runs that they wait in, and to that of the walk where they wait in none."""
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for waba in same:
        run = waba.sync_run_id or run_pk
        if run is not None:
            sums[run]["wabas"] += waba.sync_run_id is None
            sums[run]["read"] += 1
            sums[run]["numbers"] += len(numbers[waba.pk])
            sums[run]["unchanged"] += len(numbers[waba.pk])
    for run, added in sums.items():
        SyncRun.objects.filter(pk=run).update(**{name: F(name) + count for name, count in added.items()})
