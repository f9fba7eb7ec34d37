"""Applies events: in any order, any number of times, with one result.

An event is a hint first: its WABA is read again, once however many events came. What only events know is kept as a
fact, and each event is one line of history. An event whose WABA or number is not here yet waits for the reading that it
starts, and is given up after a few tries. No client is ever made here.
"""

import datetime
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from clients import leases
from clients.models import Waba
from phones.choices import ChangeKind, EventState, Source
from phones.events import facts
from phones.events.meanings import Meaning, NotInFormError, meaning_of
from phones.models import Change, Event, Listing, PhoneNumber
from phones.numbers import standing
from phones.numbers.outside import TROUBLING
from phones.numbers.spellings import other_spellings
from phones.sync import turns
from portal import database_clock
from portal.many_rows import save_columns

log = structlog.get_logger(__name__)

BATCH = 100
LOCKED_FOR = datetime.timedelta(seconds=10)
# How long an event about something that the desk does not have waits for the reading that finds it, try by try.
PATIENCE = tuple(datetime.timedelta(seconds=seconds) for seconds in (5, 30, 120, 900, 3600, 6 * 3600))


@dataclass(slots=True)
class _Case:
    """An event that was understood, with whom it was found to be about."""

    event: Event
    meaning: Meaning
    waba: Waba | None = None
    number: PhoneNumber | None = None

    @property
    def is_found(self) -> bool:
        if not self.meaning.waba_id:
            return True
        return self.waba is not None and (self.number is not None or not self.meaning.is_about_a_number)


@dataclass(frozen=True, slots=True)
class Processed:
    """What came of a batch: how many events were looked at, and whether they have something read."""

    count: int
    reads: bool


@transaction.atomic
def process(*, limit: int = BATCH, only: int | None = None) -> Processed:
    """Apply up to `limit` waiting events, the longest waiting first, or `only` the one of this key. One transaction."""
    now = database_clock.now()
    leases.wait_for_no_row_for_long()
    taken = _taken(now, limit, only)
    understood = [_Case(event, meaning) for event in taken if (meaning := _understood(event)) is not None]
    directory = _Directory(case.meaning for case in understood)
    cases = [case for case in understood if case.meaning.waba_id not in directory.locked]
    put_off = {case.event.pk for case in understood} - {case.event.pk for case in cases}
    put_off_until(Event.objects.filter(pk__in=put_off), now + LOCKED_FOR)
    events = [event for event in taken if event.pk not in put_off]
    for case in cases:
        case.waba, case.number = directory.waba(case.meaning), directory.number(case.meaning)
        case.event.waba, case.event.number = case.waba, case.number
    facts.keep_newest([claim for case in cases for claim in _claims(case)])
    _recompute_troubled(cases)
    _write_history(cases)
    _note_last_events(cases)
    hinted = {case.waba.pk: case.waba for case in cases if case.waba is not None and case.meaning.reads}
    turns.give(hinted.values(), now=now)
    is_discovering = any(case.meaning.discovers and not _is_within_reach(case.waba) for case in cases)
    if is_discovering:
        turns.discover()
    for case in cases:
        _settle(case, now)
    for event in events:
        event.attempts += 1
        event.processed_at = now
    save_columns(events, ["waba", "number", "state", "outcome", "attempts", "not_before", "processed_at", "change"])
    return Processed(len(taken), reads=bool(hinted) or is_discovering)


def put_off_until(events: QuerySet[Event], until: datetime.datetime) -> None:
    """Look at these again then: somebody has locked what they are about."""
    events.filter(state=EventState.WAITING).update(not_before=until)


def waiting(now: datetime.datetime) -> QuerySet[Event]:
    due = Event.objects.filter(Q(not_before=None) | Q(not_before__lte=now), state=EventState.WAITING)
    return due.order_by("received_at", "pk")


def _taken(now: datetime.datetime, limit: int, only: int | None) -> list[Event]:
    # PostgreSQL gives each worker rows of its own; on SQLite one writes at a time anyway.
    free = waiting(now).select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return list(free[:limit] if only is None else free.filter(pk=only))


def _is_within_reach(waba: Waba | None) -> bool:
    """Whether a reading of the WABA will do: one that is new, or was taken from us, has to be found (again) first."""
    return waba is not None and waba.credential_id is not None and waba.unshared_since is None


def _understood(event: Event) -> Meaning | None:
    """What the event means; where it has none that we know, it is settled as such."""
    try:
        meaning = meaning_of(event.field, event.value, entry_id=event.entry_id, app_id=settings.META_APP_ID)
    except NotInFormError as error:
        event.state, event.outcome = EventState.MALFORMED, str(error)
        return None
    except Exception as error:
        # An event that our own rules trip over must not hold up the rest.
        log.exception("An event could not be understood because of a fault of ours.", row=event.pk)
        event.state, event.outcome = EventState.FAILED, f"A fault of ours: {type(error).__name__}."
        return None
    if meaning is None:
        event.state, event.outcome = EventState.UNKNOWN, "The desk does not know this kind of event."
        # Its WABA spoke all the same.
        return Meaning(waba_id=event.entry_id, reads=False)
    return meaning


def _claims(case: _Case) -> list[facts.FactClaim]:
    """The facts of an event. One without a time can't be put in order, and is a hint only."""
    at = case.event.event_time
    if case.waba is None or at is None or not case.is_found:
        return []
    number_pk = case.number.pk if case.number is not None else None
    return [
        facts.FactClaim(case.waba.pk, number_pk, name, value, at, case.event.digest, case.meaning.is_provisional)
        for name, value in case.meaning.facts.items()
    ]


def _recompute_troubled(cases: Sequence[_Case]) -> None:
    """A WABA's trouble is that of every number under it, and so is its end."""
    said = [case for case in cases if case.waba is not None and TROUBLING & case.meaning.facts.keys()]
    whole = {case.waba.pk for case in said if case.waba is not None and case.number is None and case.is_found}
    single = {case.number.pk for case in said if case.number is not None}
    standing.recompute_under(whole)
    standing.recompute(single)


def _write_history(cases: Sequence[_Case]) -> None:
    """One line for each event that is about something here; an event that is read again has its line already."""
    reported = [
        case
        for case in cases
        if case.waba is not None and case.is_found and case.meaning.is_reported and case.event.change_id is None
    ]
    lines = Change.objects.bulk_create(
        Change(
            waba=case.waba,
            number=case.number,
            kind=ChangeKind.EVENT,
            field=case.event.field[:50],
            new={name: dict(value) for name, value in case.meaning.facts.items()},
            source=Source.WEBHOOK,
            at=case.event.event_time or case.event.received_at,
        )
        for case in reported
    )
    for case, line in zip(reported, lines, strict=True):
        case.event.change = line


def _note_last_events(cases: Sequence[_Case]) -> None:
    met: dict[int, Waba] = {}
    for case in cases:
        if case.waba is not None:
            case.waba.last_event_at = max(case.waba.last_event_at or case.event.received_at, case.event.received_at)
            met[case.waba.pk] = case.waba
    save_columns(met.values(), ["last_event_at"])


def _settle(case: _Case, now: datetime.datetime) -> None:
    event = case.event
    if event.state != EventState.WAITING:
        return
    if not case.meaning.waba_id and case.meaning.is_reported:
        # The test button of the app dashboard sends such.
        event.state, event.outcome, event.not_before = EventState.UNMATCHED, "It names no WABA.", None
        return
    if case.is_found:
        event.state, event.outcome, event.not_before = EventState.DONE, "", None
        return
    missing = f"WABA {case.meaning.waba_id}"
    if case.waba is not None:
        missing = f"number {case.meaning.digits or case.meaning.phone_number_id} on {missing}"
    if event.attempts < len(PATIENCE):
        event.not_before = now + PATIENCE[event.attempts]
        event.outcome = f"Waits until {missing} is found."
    else:
        event.state, event.outcome = EventState.UNMATCHED, f"There is no {missing} on the desk."


class _Directory:
    """The WABAs and numbers that some events are about. Locks the WABAs: make one inside a transaction.

    A number is found by its digits among those that the WABA lists, never by digits alone: an event says nothing to a
    client whose WABA it does not name. Where no number there has these digits, the only one that has them in an older
    or newer spelling is meant.
    """

    def __init__(self, meanings: Iterable[Meaning]) -> None:
        wanted = [meaning for meaning in meanings if meaning.waba_id]
        # In one order, so that two workers never wait for each other.
        named = Waba.objects.filter(waba_id__in={meaning.waba_id for meaning in wanted})
        found = named.select_for_update(skip_locked=True, no_key=True).order_by("pk")
        self.wabas = {waba.waba_id: waba for waba in found}
        # Those that somebody else has locked.
        self.locked = set(named.exclude(waba_id__in=self.wabas).values_list("waba_id", flat=True)) if wanted else set()
        self._spellings = {meaning.digits: other_spellings(meaning.digits) for meaning in wanted if meaning.digits}
        self._numbers = _numbers_on(
            self.wabas.values(),
            digits={*self._spellings, *chain.from_iterable(self._spellings.values())},
            ids={meaning.phone_number_id for meaning in wanted if meaning.phone_number_id},
        )

    def waba(self, meaning: Meaning) -> Waba | None:
        return self.wabas.get(meaning.waba_id)

    def number(self, meaning: Meaning) -> PhoneNumber | None:
        """The number on that WABA, if the desk has it there."""
        waba = self.waba(meaning)
        if waba is None:
            return None
        as_named = self._numbers.get((waba.pk, meaning.phone_number_id or meaning.digits))
        if as_named is not None or meaning.phone_number_id:
            return as_named
        spelled = (self._numbers.get((waba.pk, digits)) for digits in self._spellings.get(meaning.digits, ()))
        found = [number for number in spelled if number is not None]
        return found[0] if len(found) == 1 else None


def _numbers_on(wabas: Collection[Waba], *, digits: set[str], ids: set[str]) -> dict[tuple[int, str], PhoneNumber]:
    """By WABA and by Graph id or digits: the numbers it lists, or did; where several did, the one it lists now."""
    if not digits and not ids:
        return {}
    listings = (
        Listing.objects.filter(waba__in=[waba.pk for waba in wabas])
        .filter(Q(number__digits__in=digits) | Q(number__phone_number_id__in=ids))
        .select_related("number")
    )
    numbers: dict[tuple[int, str], PhoneNumber] = {}
    for listing in sorted(listings, key=lambda one: (one.is_current, one.missing_since is None, one.pk)):
        for name in (listing.number.digits, listing.number.phone_number_id):
            numbers[listing.waba_id, name] = listing.number
    return numbers
