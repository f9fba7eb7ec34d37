"""Writes what the business edges list: WABAs, the portfolios that own them, and a client for each new owner.

A new WABA goes to the client of its owning portfolio; an unknown portfolio gets a client of its own, named after it
and without an account manager, for staff to assign or merge. Never moves a WABA between clients, never deletes one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clients.choices import WabaOrigin
from clients.models import Client, Credential, Portfolio, SyncRun, Waba
from clients.waba_facts import LONGEST_NAME, facts_of
from phones.choices import ChangeKind, Source
from phones.models import Change
from phones.sync.bulk_insert import insert
from portal.graph import WabaReading


@transaction.atomic
def record_page(
    readings: Sequence[WabaReading],
    *,
    credential: Credential,
    origin: WabaOrigin,
    run_pk: int | None,
    at: datetime.datetime,
) -> set[str]:
    """Store one page of a business edge; gives the WABA ids on it. New WABAs are due at once, in `run_pk` if given."""
    known = {waba.waba_id: waba for waba in Waba.objects.filter(waba_id__in=[one.waba_id for one in readings])}
    fresh = [one for one in readings if one.waba_id not in known]
    _create(fresh, credential=credential, origin=origin, run_pk=run_pk, at=at)
    for reading in readings:
        if (waba := known.get(reading.waba_id)) is not None:
            store_facts(waba, reading, at=at)
    Waba.objects.filter(pk__in=[waba.pk for waba in known.values()]).update(facts_read_at=at, unshared_since=None)
    Waba.objects.filter(pk__in=[waba.pk for waba in known.values()], credential=None).update(credential=credential)
    return {one.waba_id for one in readings}


@transaction.atomic
def finish(*, credential: Credential, listed: Iterable[str], started_at: datetime.datetime) -> None:
    """After both edges arrived whole: mark the WABAs that were found by them before and are listed no longer."""
    found_before = Waba.objects.filter(
        credential=credential, created_at__lt=started_at, unshared_since=None, origin__in=_EDGE_ORIGINS
    )
    listed = set(listed)
    lost = [pk for pk, waba_id in found_before.values_list("pk", "waba_id") if waba_id not in listed]
    Waba.objects.filter(pk__in=lost).update(unshared_since=timezone.now())


_EDGE_ORIGINS = (WabaOrigin.CLIENT_EDGE, WabaOrigin.OWNED_EDGE)


def store_facts(waba: Waba, reading: WabaReading, *, at: datetime.datetime) -> None:
    """Write the facts of a known WABA that are not what they were, with their history."""
    if waba.facts_read_at is not None and waba.facts_read_at > at:
        return
    new = {name: value for name, value in facts_of(reading).items() if getattr(waba, name) != value}
    if not new:
        return
    Change.objects.bulk_create(
        Change(
            waba=waba,
            kind=ChangeKind.FIELD,
            field=name,
            old=_json(getattr(waba, name)),
            new=_json(value),
            source=Source.SYNC,
            at=at,
        )
        for name, value in new.items()
    )
    Waba.objects.filter(pk=waba.pk).update(**new)


def _create(
    fresh: Sequence[WabaReading],
    *,
    credential: Credential,
    origin: WabaOrigin,
    run_pk: int | None,
    at: datetime.datetime,
) -> None:
    if not fresh:
        return
    owners = _clients_of(fresh)
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


def _clients_of(fresh: Sequence[WabaReading]) -> dict[str, Client]:
    """The client of each new WABA, by WABA id; portfolios and clients not seen before are made."""
    business_ids = {one.owner_business_id for one in fresh if one.owner_business_id}
    by_owner = {
        portfolio.business_id: portfolio.client
        for portfolio in Portfolio.objects.filter(business_id__in=business_ids).select_related("client")
    }
    owners: dict[str, Client] = {}
    made: list[Client] = []
    names: dict[str, str] = {}
    for one in fresh:
        owner_id = one.owner_business_id
        if owner_id is not None and owner_id in by_owner:
            owners[one.waba_id] = by_owner[owner_id]
            continue
        made.append(Client(name=_client_name(one)))
        owners[one.waba_id] = made[-1]
        if owner_id is not None:
            by_owner[owner_id] = made[-1]
            names[owner_id] = (one.owner_business_name or "")[:LONGEST_NAME]
    insert(made)
    insert([Portfolio(business_id=pk, name=name, client=by_owner[pk]) for pk, name in names.items()])
    return owners


def _client_name(reading: WabaReading) -> str:
    name = reading.owner_business_name or str(reading.values.get("name") or "") or f"WABA {reading.waba_id}"
    return name[:LONGEST_NAME]


def _json(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime.datetime) else value
