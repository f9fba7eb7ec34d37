"""Records what came of reading WABAs: numbers stored, failures noted, turns set, runs counted. One transaction a batch.

Everything here is fenced by the lease: a WABA that its holder has lost since is left alone.
"""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet

from clients import leases, refused_fields
from clients.choices import CredentialState
from clients.explanations import OF_THE_SETTINGS
from clients.models import Credential, SyncFailure, SyncRun, Waba
from phones.numbers import standing
from phones.numbers.reported import ACCESS_LOST
from phones.sync import discovery, pace, pressing, told_use, turns, write_numbers
from phones.sync.fetch import Fetched
from portal import database_clock
from portal.graph import GraphError
from portal.many_rows import insert, save_columns
from portal.rows import row_or_none

# What stands in the way of a token for a while only: one answer to it says that it is over.
_PASSING = OF_THE_SETTINGS | {"throttled"}
LOCKED_FOR = datetime.timedelta(minutes=1)
SMALL_PAGES_FOR = datetime.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The runs that a batch was counted in, and the tokens that Meta refused in it or asked us to spare.

    `locked`: the WABAs (keys) that are still ours, but that somebody else has locked; nothing was stored of them.
    """

    runs: frozenset[int]
    stopped_credentials: frozenset[int]
    locked: frozenset[int]


def interval() -> datetime.timedelta:
    return datetime.timedelta(minutes=settings.SYNC_INTERVAL_MINUTES)


@transaction.atomic
def record(fetched: Sequence[Fetched], *, holder: uuid.UUID, out_of_calls: Collection[int] = frozenset()) -> Recorded:
    """Store what was read, for those WABAs that `holder` still holds.

    `out_of_calls`: the tokens, by their keys, with which Meta refused one WABA after the other for too many calls.
    """
    now = database_clock.now()
    leases.wait_for_no_row_for_long()
    ours = Waba.objects.filter(pk__in=[one.claim.pk for one in fetched], lease_token=holder)
    # Rows that point to one of these are written meanwhile, by who holds its numbers: neither waits for the other.
    free = ours.select_for_update(skip_locked=True, no_key=True).order_by("pk")
    held = {waba.pk: waba for waba in free.only(*_NEEDED)}
    locked = ours.exclude(pk__in=held).values_list("pk", flat=True) if len(held) < len(fetched) else ()
    mine = [one for one in fetched if one.claim.pk in held]
    complete = []
    for one in mine:
        if one.listing is not None:
            waba = held[one.claim.pk]
            is_first = waba.last_synced_at is None
            complete.append(
                write_numbers.Complete(waba.pk, one.asked_at, one.listing.numbers, waba.sync_run_id, is_first)
            )
    tallies = write_numbers.store(complete)
    _mark_read([one for one in mine if one.listing is not None], now)
    _store_facts([one for one in mine if one.facts is not None])
    emptied = _note_emptied(mine, held, tallies, now)
    stopped = _note_failures(mine, held, now, out_of_calls)
    _note_refused_fields(fetched)
    told_use.note_app({one.claim.credential_pk: told_use.of_app(one.meter) for one in mine}, at=now)
    _note_page_limits(mine, now)
    _count(mine, held, tallies, emptied)
    # Whether Meta shows a WABA to us decides what can be said of its numbers.
    turned = [waba.pk for waba in held.values() if waba.last_failure_id] + [
        one.claim.pk for one in mine if one.error is not None and one.error.kind in ACCESS_LOST
    ]
    standing.recompute_under(turned)
    standing.recompute_troubled(held)
    return Recorded(
        runs=frozenset(waba.sync_run_id for waba in held.values() if waba.sync_run_id is not None),
        stopped_credentials=frozenset(stopped),
        locked=frozenset(locked),
    )


def put_off(claims: Sequence[int], *, holder: uuid.UUID) -> None:
    """Read these WABAs (keys) again in a minute: somebody holds what is to be written of them."""
    with transaction.atomic():
        mine = leases.unlocked(Waba.objects.filter(pk__in=claims, lease_token=holder))
        again_at = database_clock.now() + LOCKED_FOR
        mine.update(**leases.LET_GO, attempts=0, next_sync_at=again_at)


def note_lost(waba: Waba, *, kind: str, message: str = "") -> None:
    """Record that a WABA's reading came to nothing for a reason of ours, and set its next regular turn."""
    now = database_clock.now()
    with transaction.atomic():
        current = row_or_none(Waba.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=waba.pk))
        if current is None:  # gone, or locked by somebody: the next tick finds it again
            return
        failure = SyncFailure.objects.create(
            run_id=current.sync_run_id, waba=current, kind=kind, message=message, retry_at=now + interval(), at=now
        )
        Waba.objects.filter(pk=waba.pk).update(
            last_failure=_to_be_said([(current, failure)])[0],
            next_sync_at=now + pace.spread(interval()),
            failures_in_a_row=F("failures_in_a_row") + 1,
            **RELEASED,
        )
        if current.sync_run_id is not None:
            SyncRun.objects.filter(pk=current.sync_run_id).update(failed=F("failed") + 1)


_NEEDED = ("sync_run", "last_synced_at", "last_failure", "failures_in_a_row")
# What a WABA or credential is once its turn is over.
RELEASED: dict[str, object] = {**leases.LET_GO, "attempts": 0, "sync_run": None}


def _mark_read(read: Sequence[Fetched], now: datetime.datetime) -> None:
    """Set the next turn of WABAs that were read whole. One statement for all but the busy ones."""
    by_load: dict[bool, list[Fetched]] = defaultdict(list)
    for one in read:
        by_load[one.meter.usage.worst_percent() >= pace.BUSY_PERCENT].append(one)
    for is_busy, batch in by_load.items():
        Waba.objects.filter(pk__in=[one.claim.pk for one in batch]).update(
            last_synced_at=min(one.asked_at for one in batch),
            last_failure=None,
            failures_in_a_row=0,
            not_before=None,
            next_sync_at=pace.after_success(
                now=now, interval=interval(), used_percent=max(one.meter.usage.worst_percent() for one in batch)
            ),
            **told_use.columns({one.claim.pk: told_use.of_objects(one.meter) for one in batch}, at=now),
            **RELEASED,
        )
        if not is_busy:
            pressing.read_earlier([one.claim.pk for one in batch], now=now, interval=interval())
    # What an event said while they were being read may be missing from the answer.
    missed = Waba.objects.filter(pk__in=[one.claim.pk for one in read], hinted_at__gt=F("last_synced_at"))
    turns.have_read(missed.only("next_sync_at", "last_attempt_at"), now=now)
    _mark_working(Credential.objects.filter(pk__in={one.claim.credential_pk for one in read}), now)


def _mark_working(credentials: QuerySet[Credential], now: datetime.datetime) -> None:
    """Note that Meta took these tokens; a pause that still runs keeps its reason, for the answer may be the older."""
    credentials.exclude(state=CredentialState.WORKING).update(
        state=CredentialState.WORKING, state_since=now, last_failure=None
    )
    over = credentials.filter(Q(not_before=None) | Q(not_before__lte=now), last_failure__kind__in=_PASSING)
    over.update(last_failure=None)


def _store_facts(read: Sequence[Fetched]) -> None:
    """Store the facts of those WABAs whose own were read, with their history."""
    wabas = Waba.objects.in_bulk([one.claim.pk for one in read])
    discovery.store_facts([(wabas[one.claim.pk], one.facts, one.asked_at) for one in read if one.facts is not None])


def _note_refused_fields(fetched: Sequence[Fetched]) -> None:
    refused = {refusal for one in fetched for refusal in one.meter.refused}
    answered: list[tuple[str, frozenset[str]]] = []
    for one in fetched:
        if one.listing is not None and one.listing.numbers:
            answered.append(("phone_number", one.listing.numbers[0].requested))
        if one.facts is not None:
            answered.append(("waba", one.facts.requested))
    refused_fields.note(refused, answered)


def _note_page_limits(mine: Sequence[Fetched], now: datetime.datetime) -> None:
    """Remember for a day which WABAs Meta gives in small pages only, so that the refusals cost calls once a day."""
    for one in mine:
        if one.meter.page_limit is not None:
            Waba.objects.filter(pk=one.claim.pk).update(
                page_limit=one.meter.page_limit, page_limit_until=now + SMALL_PAGES_FOR
            )


def _note_failures(
    mine: Sequence[Fetched], held: dict[int, Waba], now: datetime.datetime, out_of_calls: Collection[int]
) -> set[int]:
    """Record why WABAs could not be read and when each is tried again; the tokens that may not be used meanwhile."""
    failed: list[tuple[Fetched, pace.NextReading, SyncFailure]] = []
    for one in mine:
        if one.error is not None:
            waba = held[one.claim.pk]
            turn = pace.after_failure(
                one.error,
                failures_in_a_row=waba.failures_in_a_row + 1,
                now=now,
                interval=interval(),
                is_of_the_app=pace.is_of_the_token(one.error) or one.claim.credential_pk in out_of_calls,
            )
            failure = SyncFailure.of(one.error, at=one.asked_at)
            failure.run_id, failure.waba, failure.retry_at = waba.sync_run_id, waba, turn.next_sync_at
            failed.append((one, turn, failure))
    insert([failure for _, _, failure in failed])
    said = _to_be_said([(held[one.claim.pk], failure) for one, _, failure in failed])
    wabas = [
        Waba(
            pk=one.claim.pk,
            last_failure_id=key,
            failures_in_a_row=held[one.claim.pk].failures_in_a_row + 1,
            not_before=turn.not_before,
            next_sync_at=turn.next_sync_at,
            **RELEASED,
        )
        for (one, turn, _), key in zip(failed, said, strict=True)
    ]
    save_columns(wabas, ["last_failure", "failures_in_a_row", "not_before", "next_sync_at", *RELEASED])
    if used := told_use.columns({one.claim.pk: told_use.of_objects(one.meter) for one, _, _ in failed}, at=now):
        Waba.objects.filter(pk__in=[one.claim.pk for one, _, _ in failed]).update(**used)
    stopped = set()
    for one, turn, failure in failed:
        credential = Credential.objects.filter(wabas=one.claim.pk)
        if turn.credential_not_before is not None:
            credential.update(not_before=turn.credential_not_before, last_failure=failure)
            stopped.add(one.claim.credential_pk)
        if turn.credential_is_dead:
            mark_dead(credential, failure=failure, now=now)
            stopped.add(one.claim.credential_pk)
    return stopped


def _to_be_said(failed: Sequence[tuple[Waba, SyncFailure]]) -> list[int]:
    """The key of the failure that stands for each of these WABAs, whose latest is stored.

    That Meta does not show a WABA to us holds until a reading succeeds: a failure in passing says nothing of that, and
    must not make its numbers look fine again.
    """
    passing = [waba.last_failure_id for waba, failure in failed if failure.kind not in ACCESS_LOST]
    kept = SyncFailure.objects.filter(pk__in=[pk for pk in passing if pk is not None], kind__in=ACCESS_LOST)
    lost = set(kept.values_list("pk", flat=True))
    return [
        waba.last_failure_id
        if failure.kind not in ACCESS_LOST and waba.last_failure_id is not None and waba.last_failure_id in lost
        else failure.pk
        for waba, failure in failed
    ]


def spare_all(error: GraphError) -> None:
    """Note on every token that Meta refuses our app, so that none is tried in vain for a while."""
    now = database_clock.now()
    until = pace.after_failure(error, failures_in_a_row=1, now=now, interval=interval()).credential_not_before
    failure = SyncFailure.of(error, at=now)
    failure.retry_at = until
    failure.save()
    others = Credential.objects.exclude(last_failure__kind__in=OF_THE_SETTINGS, not_before__gt=now)
    others.update(not_before=until, last_failure=failure)


def mark_dead(credentials: QuerySet[Credential], *, failure: SyncFailure, now: datetime.datetime) -> None:
    """Note that Meta refused a token: nothing is read with it until it is renewed or a person asks again."""
    credentials.exclude(state=CredentialState.DEAD).update(
        state=CredentialState.DEAD, state_since=now, last_failure=failure
    )


def _note_emptied(
    mine: Sequence[Fetched], held: dict[int, Waba], tallies: dict[int, write_numbers.Tally], now: datetime.datetime
) -> set[int]:
    """Note as failed those WABAs that listed numbers before and list none now, and read them again soon, then rarely.

    Nothing is lost by it: their numbers are missing until a reading a day later says the same or lists them again.
    """
    emptied = {pk: tally.emptied for pk, tally in tallies.items() if tally.emptied}
    wabas, failures = [], []
    for one in mine:
        if (count := emptied.get(one.claim.pk)) is not None:
            waba = held[one.claim.pk]
            in_a_row = waba.failures_in_a_row + 1
            again_at = now + pace.retry_after(in_a_row, interval=interval())
            wabas.append(Waba(pk=waba.pk, next_sync_at=again_at, failures_in_a_row=in_a_row))
            failures.append(
                SyncFailure(
                    kind="emptied",
                    message=f"{count} number{'s were' if count != 1 else ' was'} listed before, and now none is.",
                    run_id=waba.sync_run_id,
                    waba_id=waba.pk,
                    retry_at=again_at,
                    at=one.asked_at,
                )
            )
    insert(failures)
    for waba, failure in zip(wabas, failures, strict=True):
        waba.last_failure = failure
    save_columns(wabas, ["last_failure", "next_sync_at", "failures_in_a_row"])
    return set(emptied)


def _count(
    mine: Sequence[Fetched], held: dict[int, Waba], tallies: dict[int, write_numbers.Tally], emptied: set[int]
) -> None:
    """Add a batch to the runs it belongs to: one statement a run."""
    sums: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in mine:
        run = held[one.claim.pk].sync_run_id
        if run is None:
            continue
        sums[run]["graph_calls"] += one.meter.calls
        sums[run]["failed" if one.listing is None or one.claim.pk in emptied else "read"] += 1
        if one.listing is not None:
            for name, count in asdict(tallies[one.claim.pk]).items():
                if name != "emptied":
                    sums[run][name] += count
    for run, counts in sums.items():
        SyncRun.objects.filter(pk=run).update(**{name: F(name) + count for name, count in counts.items()})
