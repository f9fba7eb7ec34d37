"""Writes what readings say of numbers: their facts, where they are, and their history. Runs inside a transaction.

What to write is decided in `plan`; who may write (the lease) is settled before these functions are called.
"""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count

from clients.models import User
from phones.choices import ChangeKind, Source
from phones.models import Change, Listing, PhoneNumber
from phones.numbers import age, standing
from phones.numbers.spellings import other_spellings
from phones.sync import number_columns, plan, write_ages
from portal import database_clock
from portal.graph import NumberReading
from portal.many_rows import insert, save_columns
from portal.web.keys import OneOfTexts

# Databases limit the parameters of one statement; 999 is the least that is still common.
CHUNK = 900
# What a line of history is about that says: the same digits, under another of Graph's ids.
ID_FIELD = "phone_number_id"


@dataclass(frozen=True, slots=True)
class Complete:
    """One WABA's whole listing: every number it has, as of the time it was asked for.

    The numbers of a `first` listing are what the desk begins with, and no news: they get no line of history each.
    """

    waba: int
    asked_at: datetime.datetime
    readings: Sequence[NumberReading]
    run: int | None = None
    first: bool = False


@dataclass(slots=True)
class Tally:
    """What storing one WABA's listing came to, in numbers."""

    numbers: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    left_out: int = 0
    emptied: int = 0
    """How many numbers it listed that are on no list now, where it lists none, and not for long enough to believe."""


def store(listings: Sequence[Complete]) -> dict[int, Tally]:
    """Store complete listings of WABAs; gives the tallies by WABA key.

    Costs a fixed number of statements for the batch, however many numbers changed.
    """
    if not listings:
        return {}
    writer = _Writer(listings)
    for listing in listings:
        writer.take_facts(listing)
    writer.write_facts()
    writer.create_numbers()
    writer.write_ages()
    for listing in listings:
        writer.take_presence(listing)
    writer.finish()
    return writer.tallies


def store_one(number: PhoneNumber, reading: NumberReading, *, asked_at: datetime.datetime, actor: User | None) -> None:
    """Store what the number's own node said when a person asked for it. The caller has locked `number`."""
    write_ages.lock([number])
    update = plan.compare(number, reading, at=asked_at, now=database_clock.now())
    if update is not None:
        PhoneNumber.objects.filter(pk=number.pk).update(**number_columns.of_update(number, update, asked_at))
        Change.objects.bulk_create(
            Change(number=number, waba_id=number.waba_id, source=Source.ACTION, actor=actor, at=asked_at, **news)
            for news in number_columns.news_of(update)
        )
    write_ages.note_read([number.pk], asked_at=asked_at, source=Source.ACTION)
    standing.recompute([number.pk])


@dataclass(slots=True)
class _Writer:
    """Stores one batch of listings. The rows they touch are read at the start, in a few statements."""

    batch: Sequence[Complete]
    tallies: dict[int, Tally] = field(default_factory=dict)
    numbers: dict[str, PhoneNumber] = field(default_factory=dict)
    listings: dict[int, dict[int, Listing]] = field(default_factory=lambda: defaultdict(dict))
    new_numbers: list[PhoneNumber] = field(default_factory=list)
    new_listings: list[Listing] = field(default_factory=list)
    first_places: set[tuple[int, int]] = field(default_factory=set)
    seen: list[int] = field(default_factory=list)
    moved: set[int] = field(default_factory=set)
    written: list[PhoneNumber] = field(default_factory=list)
    written_columns: set[str] = field(default_factory=set)
    other_listings: list[Listing] = field(default_factory=list)
    # The columns of each line, which becomes a row at the end: by then every number has its key.
    history: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Lock every number that these listings name or that their WABAs had, in the order of their keys; read it.

        So nothing newer is written between here and what is made of it, and two batches that share numbers, one of
        which may be about to move, come one after the other.
        """
        ids = sorted({reading.phone_number_id for listing in self.batch for reading in listing.readings})
        had = Listing.objects.filter(waba__in=[listing.waba for listing in self.batch])
        named = PhoneNumber.objects.filter(OneOfTexts("phone_number_id", ids))
        keys = named.order_by().values("pk").union(had.order_by().values("number"))
        numbers = PhoneNumber.objects.filter(pk__in=keys)
        locked = list(numbers.select_for_update(no_key=True).order_by("pk"))
        write_ages.lock(locked)
        self.numbers = {number.phone_number_id: number for number in locked}
        for row in had:
            self.listings[row.waba_id][row.number_id] = row

    def take_facts(self, listing: Complete) -> None:
        """The facts of every number on one WABA: new rows are prepared, changed ones written."""
        made = plan.make(self.numbers, listing.readings, at=listing.asked_at, now=database_clock.now())
        tally = self.tallies[listing.waba] = Tally(numbers=len(listing.readings), added=len(made.new))
        for phone_number_id, facts in made.new.items():
            number = number_columns.of_new_number(phone_number_id, facts, waba=listing.waba, asked_at=listing.asked_at)
            self.numbers[phone_number_id] = number
            self.new_numbers.append(number)
        for phone_number_id, update in made.updates.items():
            self._write(self.numbers[phone_number_id], update, listing)
            tally.changed += bool(update.changes)
        for phone_number_id in made.unchanged:
            if (pk := self.numbers[phone_number_id].pk) is not None:
                self.seen.append(pk)
        tally.unchanged = tally.numbers - tally.added - tally.changed
        tally.left_out = sum(
            age.oldest_fact_at(number.provenance, number.stage) is not None
            for number in (self.numbers[reading.phone_number_id] for reading in listing.readings)
            if number.provenance
        )

    def write_facts(self) -> None:
        """Write the numbers that changed. One that only WABAs of this batch list is not stored yet."""
        stored = [number for number in self.written if not number._state.adding]
        save_columns(stored, sorted(self.written_columns))

    def create_numbers(self) -> None:
        """Store the numbers that nobody had listed before."""
        insert(self.new_numbers)
        self.first_places = {(number.pk, number.waba_id) for number in self.new_numbers}
        runs = {listing.waba: listing.run for listing in self.batch if not listing.first}
        self.history += [
            {
                "number": number,
                "waba_id": number.waba_id,
                "kind": ChangeKind.ADDED,
                "new": number.display_phone_number,
                "run_id": runs[number.waba_id],
                "at": number.first_seen_at,
            }
            for number in self.new_numbers
            if number.waba_id in runs
        ]
        self._note_former_ids()

    def write_ages(self) -> None:
        """Write when each number was read that changed, and the one "seen" mark of those that did not."""
        write_ages.save(self.written)
        asked_at = min(listing.asked_at for listing in self.batch)
        write_ages.note_read(self.seen, asked_at=asked_at)

    def _note_former_ids(self) -> None:
        """Note, on both, where a number is known by another id already: Meta gives a new one when it is added anew."""
        fresh = {each: number for number in self.new_numbers for each in other_spellings(number.digits)}
        fresh |= {number.digits: number for number in self.new_numbers if number.digits}
        runs = {listing.waba: listing.run for listing in self.batch}
        digits = sorted(fresh)
        for start in range(0, len(digits), CHUNK):
            same = PhoneNumber.objects.select_related(None).filter(digits__in=digits[start : start + CHUNK])
            former = same.exclude(phone_number_id__in=[number.phone_number_id for number in fresh.values()])
            for old in former.only("phone_number_id", "digits", "waba_id").order_by("age__synced_at", "pk"):
                new = fresh[old.digits]
                line = {
                    "kind": ChangeKind.FIELD,
                    "field": ID_FIELD,
                    "run_id": runs[new.waba_id],
                    "at": new.first_seen_at,
                }
                line |= {"old": old.phone_number_id, "new": new.phone_number_id}
                self.history += [
                    {"number_id": old.pk, "waba_id": old.waba_id, **line},
                    {"number_id": new.pk, "waba_id": new.waba_id, **line},
                ]

    def take_presence(self, listing: Complete) -> None:
        """Which numbers one WABA lists now, beside which it listed before."""
        before = self.listings[listing.waba]
        present = {self.numbers[reading.phone_number_id].pk: reading.phone_number_id for reading in listing.readings}
        for pk in present.keys() - before.keys():
            self.new_listings.append(Listing(number_id=pk, waba_id=listing.waba, first_seen_at=listing.asked_at))
            if (pk, listing.waba) not in self.first_places:
                self._note(ChangeKind.LISTED, pk, listing)
        for pk, row in before.items():
            if pk in present:
                if row.missing_since is not None:
                    row.missing_since = row.gone_at = None
                    self._note(ChangeKind.BACK, pk, listing, row)
            elif row.missing_since is None:
                row.missing_since = listing.asked_at
                self._note(ChangeKind.MISSING, pk, listing, row)
                self.tallies[listing.waba].missing += 1
            elif row.gone_at is None and row.missing_since < self._believed_since(listing, row):
                row.gone_at = listing.asked_at
                self._note(ChangeKind.GONE, pk, listing, row)
                self.tallies[listing.waba].missing += 1

    def _believed_since(self, listing: Complete, row: Listing) -> datetime.datetime:
        """Since when a number must have been missing for this listing to confirm that it is gone.

        Any later listing does, but for an empty one that lacks what no other WABA lists.
        """
        is_doubtful = not listing.readings and row.is_current
        return listing.asked_at - plan.EMPTY_BELIEVED_AFTER if is_doubtful else listing.asked_at

    def finish(self) -> None:
        """Write the rest: listings, who is where, and the history."""
        insert(self.new_listings)
        save_columns(self.other_listings, ["missing_since", "gone_at"])
        if self.moved:
            self._settle_places()
        self._count_emptied()
        insert([Change(source=Source.SYNC, **line) for line in self.history])
        standing.recompute({number.pk for number in self.written} | self.moved)

    def _write(self, number: PhoneNumber, update: plan.NumberUpdate, listing: Complete) -> None:
        columns = number_columns.of_update(number, update, listing.asked_at)
        number.age.synced_at, number.age.synced_by = listing.asked_at, Source.SYNC
        self.written.append(number)
        self.written_columns |= columns.keys()
        for name, value in columns.items():
            setattr(number, name, value)
        self.history += [
            {"number": number, "waba_id": listing.waba, "run_id": listing.run, "at": listing.asked_at, **news}
            for news in number_columns.news_of(update)
        ]

    def _note(self, kind: ChangeKind, number_pk: int, listing: Complete, row: Listing | None = None) -> None:
        """Note a change of presence: its line of history, and that the number's place is to be settled."""
        if row is not None:
            self.other_listings.append(row)
        self.moved.add(number_pk)
        at, run = listing.asked_at, listing.run
        self.history.append({"number_id": number_pk, "waba_id": listing.waba, "kind": kind, "run_id": run, "at": at})

    def _settle_places(self) -> None:
        """Write where the numbers are whose listings have changed: which WABAs' people see each, and its own WABA."""
        rows: dict[int, list[Listing]] = defaultdict(list)
        pks = sorted(self.moved)
        for start in range(0, len(pks), CHUNK):
            for row in Listing.objects.filter(number__in=pks[start : start + CHUNK]).select_related("number", "waba"):
                rows[row.number_id].append(row)
        turned: list[Listing] = []
        placed: list[PhoneNumber] = []
        moved: list[PhoneNumber] = []
        for listings in rows.values():
            number, waba_before = listings[0].number, listings[0].number.waba_id
            turned += self._settle_place(number, listings)
            placed.append(number)
            if number.waba_id != waba_before:
                moved.append(number)
        save_columns(turned, ["is_current"])
        save_columns(placed, ["missing_since", "gone_at"])
        save_columns(moved, ["waba"])

    def _count_emptied(self) -> None:
        """Count what empty lists lack that no other list has: a number that moved away says why its list is empty."""
        emptied = [listing.waba for listing in self.batch if not listing.readings]
        lacking = Listing.objects.current().filter(waba__in=emptied, missing_since__isnull=False, gone_at=None)
        for waba, count in lacking.order_by().values_list("waba").annotate(Count("pk")):
            self.tallies[waba].emptied = count

    def _settle_place(self, number: PhoneNumber, rows: Sequence[Listing]) -> list[Listing]:
        """Put `number` where its listings say that it is; gives those of which this changes whose people see it."""
        by_waba = {row.waba_id: row for row in rows}
        found = plan.locate(rows, now_under=number.waba_id)
        turned = [row for row in rows if row.is_current != (row.waba_id in found.current)]
        for row in turned:
            row.is_current = not row.is_current
        if found.waba != number.waba_id:
            old = by_waba.get(number.waba_id)
            self.history.append(
                {
                    "number": number,
                    "waba_id": found.waba,
                    "kind": ChangeKind.MOVED,
                    "field": "waba",
                    "old": old.waba.waba_id if old else None,
                    "new": by_waba[found.waba].waba.waba_id,
                    "at": max(listing.asked_at for listing in self.batch),
                }
            )
        number.waba_id, number.missing_since, number.gone_at = found.waba, found.missing_since, found.gone_at
        return turned
