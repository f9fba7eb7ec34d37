"""Asks Graph for the details of a WABA, part by part: for the profile lane, and for who waits for them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection

from django.conf import settings

from clients.access import PAGE_SECONDS, NoTokenError, graph_client, meter, token_now
from clients.choices import CredentialKind
from clients.models import SyncFailure, Waba
from phones.choices import Source
from phones.models import WabaDetails
from phones.sync import details, profile_turns, waits, write_waba_details
from phones.sync.write_profiles import Told
from portal import database_clock
from portal.graph import DetailsReading, GraphClient, GraphError, Meter

_Call = Callable[[], DetailsReading]
# What every other part needs too. A portfolio, an edge or people may be closed to a token that reads the WABA.
WABA = "waba"
PARTS = (WABA, "funding", "people", "solutions", "owner")


def ask(
    client: GraphClient,
    row: WabaDetails,
    *,
    token: str,
    asked: Meter,
    left_out: Collection[str] = (),
) -> list[Told]:
    """Ask for all parts but those left out; raises nothing of Graph's. No database here: it runs in threads."""
    told: list[Told] = []
    for part in PARTS:
        call = _call_for(part, client, row.waba, token, asked)
        if call is None or part in left_out:
            continue
        at = database_clock.now()
        try:
            told.append(Told(part, at, call()))
        except GraphError as error:
            told.append(Told(part, at, error=error))
            if error.kind in details.OF_ALL and (error.kind != "not_visible" or part == WABA):
                break
    return told


def resting(row: WabaDetails, *, at: datetime.datetime) -> frozenset[str]:
    """The parts that Meta refused for this WABA lately."""
    return frozenset(part for part, until in row.rests.items() if datetime.datetime.fromisoformat(until) > at)


def read_now(waba: Waba) -> list[SyncFailure]:
    """Read all parts for a person who waits, also while Meta wants us to wait; the failures (unsaved) of some."""
    started_at = database_clock.now()
    row, _ = WabaDetails.objects.get_or_create(waba=waba)
    asked = meter(PAGE_SECONDS)
    try:
        token = token_now(waba.credential, waba, at=started_at, for_person=True)
    except NoTokenError as error:
        failure = error.failure(at=started_at)
        write_waba_details.note_failure(row, WABA, failure)
        return [failure]
    told = ask(graph_client(), row, token=token, asked=asked)
    for one in told:
        if one.error is None:
            waits.end_for_success(waba, asked_at=one.at)
        else:
            waits.begin(waba, one.error)
    write_waba_details.store(row, told, refused=asked.refused, source=Source.ACTION)
    profile_turns.end_leaving_out(waba, [one.part for one in told if one.error is None])
    return [SyncFailure.of(one.error, at=one.at) for one in told if one.error is not None]


def _call_for(part: str, client: GraphClient, waba: Waba, token: str, asked: Meter) -> _Call | None:
    """The call that asks for this part; None where we don't know whom to ask about."""
    waba_id, ours, owner = waba.waba_id, _our_portfolio(waba), waba.owner_business_id
    calls: dict[str, _Call | None] = {
        WABA: lambda: client.waba_details(waba_id, token=token, meter=asked),
        "funding": lambda: client.waba_funding(waba_id, token=token, meter=asked),
        "people": (lambda: client.assigned_users(waba_id, business_id=ours, token=token, meter=asked))
        if ours
        else None,
        "solutions": lambda: client.waba_solutions(waba_id, token=token, meter=asked),
        "owner": (lambda: client.owner_business(owner, token=token, meter=asked)) if owner else None,
    }
    return calls[part]


def _our_portfolio(waba: Waba) -> str:
    """The portfolio whose people are asked for: that of the environment, else that of the token."""
    token = waba.credential
    is_ours = token is not None and token.kind == CredentialKind.SYSTEM_USER
    return settings.META_BUSINESS_ID or (token.business_id if token is not None and is_ours else "")
