"""One credential's walk over the two business edges, a page at a time, and what is noted when it is over."""

import datetime
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F, Q

from clients import access, leases
from clients.choices import CredentialState, WabaOrigin
from clients.models import Credential, SyncFailure, SyncRun
from phones.sync import pace, record
from phones.sync.fast_lane import EdgePage, FastLane, Pages
from portal import database_clock
from portal.graph import AppRefused, FieldRefusal, GraphClient, GraphError, Meter, Throttled, TokenDead, WabaReading
from portal.graph.payloads import checked_id

# Answers after which nothing more is asked with the same token, and those that concern both edges.
REFUSALS = (TokenDead, AppRefused)
ENDS_THE_WALK = (*REFUSALS, Throttled)
# At the latest after nine tenths of 0.8 × 1.1 intervals: WABAs come due from nine tenths of one on.
_BEFORE_WABAS = 0.8

Ask = Callable[..., Iterator[list[WabaReading]]]


@dataclass(slots=True)
class Walk:
    """`edges` are those still to be read, `errors` those of edges that did not end. Each edge has a time of its own.

    With a `lane` WABAs come with their numbers as long as that goes well.
    """

    credential: Credential
    started_at: datetime.datetime
    meters: list[Meter]
    edges: list[tuple[WabaOrigin, Pages]]
    run_pk: int | None
    lane: FastLane | None = None
    listed: dict[WabaOrigin, set[str]] = field(
        default_factory=lambda: {WabaOrigin.CLIENT_EDGE: set(), WabaOrigin.OWNED_EDGE: set()}
    )
    errors: list[GraphError] = field(default_factory=list)
    is_over: bool = False
    """It was ended before its time: of a page that is still in flight nothing is made."""
    refused: set[FieldRefusal] = field(default_factory=set)
    answered: set[frozenset[str]] = field(default_factory=set)
    answered_of_numbers: set[frozenset[str]] = field(default_factory=set)

    @property
    def calls(self) -> int:
        return sum(meter.calls for meter in self.meters)

    def note_fields(self, page: EdgePage) -> None:
        """Note which fields these WABAs came with, and which were refused: an edge refuses for every WABA on it."""
        # In one go: the thread that asks for the next page may add to them.
        refused = {refusal for meter in self.meters for refusal in tuple(meter.refused)}
        self.answered |= {one.requested for one in page.wabas} | {frozenset(one.asked.waba) for one in page.shared}
        self.answered_of_numbers |= {frozenset(one.asked.number) for one in page.shared if one.raw_numbers}
        self.refused |= {
            FieldRefusal(refusal.node_type, refusal.field, one.waba_id)
            for refusal in refused
            for one in page.wabas
            if refusal.field not in one.requested
        }

    @property
    def decisive_error(self) -> GraphError | None:
        """The error that decides what is next: what concerns the token weighs more than what concerns one edge."""
        of_the_token = [error for error in self.errors if isinstance(error, ENDS_THE_WALK)]
        return next(iter([*of_the_token, *self.errors]), None)


def walk(credential: Credential, client: GraphClient, token: str, lane: FastLane | None = None) -> Walk:
    """A walk that has asked nothing yet. Raises ValueError for a business id that is not made of digits."""
    business = checked_id(credential.business_id)
    made = Walk(credential, database_clock.now(), [lane.meter] if lane else [], [], credential.sync_run_id, lane)

    def pages(edge: str, ask: Ask) -> Pages:
        def alone() -> Pages:
            meter = access.meter(access.DISCOVERY_SECONDS)
            made.meters.append(meter)
            for wabas in ask(business, token=token, meter=meter):
                yield EdgePage(wabas)

        return lane.pages(edge, alone) if lane else alone()

    made.edges = [
        (WabaOrigin.CLIENT_EDGE, pages("client_whatsapp_business_accounts", client.client_wabas)),
        (WabaOrigin.OWNED_EDGE, pages("owned_whatsapp_business_accounts", client.owned_wabas)),
    ]
    return made


def next_page(pages: Pages) -> EdgePage | None:
    """The next page of an edge; None after the last. Runs in a thread."""
    return next(pages, None)


def give_back(walk: Walk, *, holder: uuid.UUID) -> None:
    """Let go of a credential whose walk can't go on here: whoever takes it next begins anew. Nothing is concluded."""
    mine = Credential.objects.filter(pk=walk.credential.pk, lease_token=holder)
    mine.update(**leases.LET_GO, attempts=0, brings_numbers=False)
    if walk.run_pk is not None:
        SyncRun.objects.filter(pk=walk.run_pk).update(graph_calls=F("graph_calls") + walk.calls)


def emptied(origin: WabaOrigin, before: int) -> SyncFailure:
    """What is said of an edge that listed so many WABAs before and lists none now; not saved."""
    were = "WABA was" if before == 1 else "WABAs were"
    return SyncFailure(
        kind="emptied", message=f"{before} {were} listed before as “{origin.label.lower()}”, and now none is."
    )


@transaction.atomic
def record_end(
    credential: Credential,
    *,
    holder: uuid.UUID,
    failures: Sequence[SyncFailure] = (),
    error: GraphError | None = None,
    calls: int = 0,
    lane: FastLane | None = None,
) -> None:
    """Set the credential's next turn and note what stood in the way, if anything did: `error`, where Graph did."""
    now = database_clock.now()
    interval = record.interval()
    # The next walk is to come before any WABA that this one has brought is due by itself.
    next_sync_at = now + pace.spread(interval) * (_BEFORE_WABAS if lane else 1)
    columns = record.RELEASED | {"failures_in_a_row": 0, "discovery_failure": None, "brings_numbers": False}
    if lane is not None:
        columns |= {"wabas_a_call": lane.next_size(), "apart_until": lane.apart_until(now)}
    if error is not None:
        in_a_row = credential.failures_in_a_row + 1
        turn = pace.after_failure(error, failures_in_a_row=in_a_row, now=now, interval=interval)
        next_sync_at = turn.next_sync_at
    for failure in failures:
        failure.credential, failure.run_id, failure.retry_at = credential, credential.sync_run_id, next_sync_at
        failure.at = now
        failure.save()
        columns |= {"last_failure": failure, "discovery_failure": failure}
        columns |= {"failures_in_a_row": F("failures_in_a_row") + 1}
    if error is not None and pace.is_of_the_token(error) and not isinstance(error, TokenDead):
        columns |= {"not_before": next_sync_at}
    if not failures and credential.state != CredentialState.WORKING:
        columns |= {"state": CredentialState.WORKING, "state_since": now}
    columns["next_sync_at"] = next_sync_at
    ours = Credential.objects.filter(pk=credential.pk, lease_token=holder)
    if not failures:  # a pause that a reading met meanwhile keeps its reason
        ours.filter(Q(not_before=None) | Q(not_before__lte=now)).update(last_failure=None)
    ours.update(**columns)
    if isinstance(error, TokenDead):
        record.mark_dead(Credential.objects.filter(pk=credential.pk), failure=failures[-1], now=now)
    if credential.sync_run_id is not None:
        SyncRun.objects.filter(pk=credential.sync_run_id).update(graph_calls=F("graph_calls") + calls)
