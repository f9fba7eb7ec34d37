"""Reads WABAs from Graph, side by side. No database here: these functions run in a thread pool."""

import datetime
from dataclasses import dataclass

from clients.access import WABA_SECONDS, meter
from phones.sync.claims import Claim
from portal import database_clock
from portal.graph import GraphClient, GraphError, Meter, NumberListing, WabaReading


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of reading one WABA: all of its numbers, or the error that stood in the way."""

    claim: Claim
    asked_at: datetime.datetime
    meter: Meter
    listing: NumberListing | None = None
    error: GraphError | None = None
    facts: WabaReading | None = None
    """The WABA's own facts, where they were due and Graph returned them."""


def read_waba(client: GraphClient, claim: Claim, token: str) -> Fetched:
    """All pages of the WABA's numbers, or the error; raises nothing of Graph's."""
    asked_at = database_clock.now()
    waba_meter = meter(WABA_SECONDS)
    try:
        listing = client.phone_numbers(claim.waba_id, token=token, meter=waba_meter, page_limit=claim.page_limit)
    except GraphError as error:
        return Fetched(claim, asked_at, waba_meter, error=error)
    facts = _facts_of(client, claim, token, waba_meter) if claim.reads_facts else None
    return Fetched(claim, asked_at, waba_meter, listing=listing, facts=facts)


def _facts_of(client: GraphClient, claim: Claim, token: str, meter: Meter) -> WabaReading | None:
    """The WABA's own facts; without them its numbers are as good as ever, and the next reading asks again."""
    try:
        return client.waba(claim.waba_id, token=token, meter=meter)
    except GraphError:
        return None
