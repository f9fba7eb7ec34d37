"""Writes what the business edges list: WABAs and their facts. Whose a new one is, `clients.ownership` decides.

Never moves a WABA between clients, never deletes one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from clients.choices import WabaOrigin
from clients.models import Credential, SyncRun, Waba
from clients.ownership import clients_of_found
from clients.waba_facts import facts_of, provenance_after
from phones.choices import ChangeKind, Source
from phones.models import Change
from phones.numbers import standing
from phones.sync import plan
from phones.sync.number_columns import json_of
from portal import database_clock
from portal.fields import folded
from portal.graph import WabaReading
from portal.many_rows import insert, save_columns


@transaction.atomic
def record_page(
    readings: Sequence[WabaReading], *, credential: Credential, origin: WabaOrigin, run_pk: int | None, at: datetime
) -> set[str]:
    """Store one page of a business edge; gives the WABA ids on it. New WABAs are due at once, in `run_pk` if given."""
    named = Waba.objects.filter(waba_id__in=[one.waba_id for one in readings])
    here = set(named.values_list("waba_id", flat=True))
    fresh = [one for one in readings if one.waba_id not in here]
    # One that somebody has locked is written the next time.
    known = {waba.waba_id: waba for waba in named.select_for_update(skip_locked=True, no_key=True).order_by("pk")}
    _create(fresh, credential=credential, origin=origin, run_pk=run_pk, at=at)
    store_facts([(known[one.waba_id], one, at) for one in readings if one.waba_id in known])
    back = [waba.pk for waba in known.values() if waba.unlisted_since or waba.unshared_since]
    if back:
        Waba.objects.filter(pk__in=back).update(unlisted_since=None, unshared_since=None)
    alone = [waba.pk for waba in known.values() if waba.credential_id is None]
    if alone:
        Waba.objects.filter(pk__in=alone).update(credential=credential)
    standing.recompute_troubled(waba.pk for waba in known.values())
    return {one.waba_id for one in readings}


@transaction.atomic
def finish(
    *, credential: Credential, listed: Mapping[WabaOrigin, Collection[str]], started_at: datetime
) -> dict[WabaOrigin, int]:
    """After both edges arrived whole: mark the WABAs that were found by them before and are listed no longer.

    An edge that lists nothing says more of the answer than of the WABAs: where it listed several before, or the other
    lists nothing either, none of its WABAs is marked until that has been so for a day. Gives those edges, with how many
    WABAs each listed before.
    """
    found_before = Waba.objects.filter(
        credential=credential, created_at__lt=started_at, unshared_since=None, origin__in=listed
    )
    now_listed = set().union(*listed.values())
    lost: dict[WabaOrigin, list[Waba]] = defaultdict(list)
    for waba in found_before.only("waba_id", "origin", "unlisted_since"):
        if waba.waba_id not in now_listed:
            lost[WabaOrigin(waba.origin)].append(waba)
    believed = started_at - plan.EMPTY_BELIEVED_AFTER
    emptied, unshared = {}, []
    for origin, wabas in lost.items():
        is_doubtful = not listed[origin] and (len(wabas) > 1 or not now_listed)
        doubtful = [waba for waba in wabas if is_doubtful and (waba.unlisted_since or started_at) > believed]
        unshared += [waba.pk for waba in wabas if waba not in doubtful]
        if doubtful:
            emptied[origin] = len(doubtful)
    unlisted = Waba.objects.filter(pk__in=[waba.pk for wabas in lost.values() for waba in wabas])
    unlisted.filter(unlisted_since=None).update(unlisted_since=started_at)
    Waba.objects.filter(pk__in=unshared).update(unshared_since=database_clock.now())
    return emptied


def store_facts(read: Iterable[tuple[Waba, WabaReading, datetime]]) -> None:
    """Write the facts of known WABAs that are not what they were, with their history, and when they were read.

    Each WABA comes with what Graph said of it and when that was asked for. The rows are locked; one that a later
    reading came to first is left alone.
    """
    older = [(waba, reading, at) for waba, reading, at in read if database_clock.is_older(waba.facts_read_at, at)]
    changed, columns, lines = [], {"provenance"}, []
    for waba, reading, at in older:
        provenance = provenance_after(waba, reading)
        new = {name: value for name, value in facts_of(reading).items() if getattr(waba, name) != value}
        lines += [
            Change(
                waba=waba,
                kind=ChangeKind.FIELD,
                field=name,
                old=json_of(getattr(waba, name)),
                new=json_of(value),
                source=Source.SYNC,
                at=at,
            )
            for name, value in new.items()
        ]
        if new or provenance != waba.provenance:
            changed.append((waba, new.keys() & {"status", "account_review_status"}))
        if "name" in new:
            new["folded_name"] = folded(new["name"])
        columns |= new.keys()
        for name, value in (new | {"provenance": provenance, "facts_read_at": at}).items():
            setattr(waba, name, value)
    save_columns([waba for waba, _ in changed], sorted(columns))
    save_columns([waba for waba, _, _ in older], ["facts_read_at"])
    insert(lines)
    standing.recompute_under(waba.pk for waba, is_judged_by in changed if is_judged_by)


def _create(
    fresh: Sequence[WabaReading], *, credential: Credential, origin: WabaOrigin, run_pk: int | None, at: datetime
) -> None:
    if not fresh:
        return
    owners = clients_of_found(fresh)
    made = [
        Waba(
            waba_id=one.waba_id,
            client=owners[one.waba_id],
            credential=credential,
            origin=origin,
            facts_read_at=at,
            next_sync_at=at,
            sync_run_id=run_pk,
            **facts_of(one),
        )
        for one in fresh
    ]
    insert(made)
    insert(
        [
            Change(
                waba=waba,
                kind=ChangeKind.ADDED,
                new=waba.name or waba.waba_id,
                source=Source.SYNC,
                run_id=run_pk,
                at=at,
            )
            for waba in made
        ]
    )
    if run_pk is not None:
        SyncRun.objects.filter(pk=run_pk).update(wabas=F("wabas") + len(made))
