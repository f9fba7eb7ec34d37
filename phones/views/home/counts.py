"""How many numbers of a book wait for whom and with what, each counted once; and what else is to be looked after."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count as CountRows
from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from clients import roles
from clients.models import SyncRun, User
from clients.refused_fields import unanswered_rows
from phones.choices import WHOSE_MOVE, Tone
from phones.listing import kept_counts
from phones.listing.count_triggers import POOR_QUALITY, TROUBLE
from phones.listing.kept_counts import Kept
from phones.listing.queues import QUEUES, is_stale, stale_ages
from phones.models import Approval, Incident
from phones.numbers import conditions
from phones.numbers.lifecycle import Move, Stage
from phones.numbers.words import describe
from phones.onboarding import waiting
from phones.sync import beats
from phones.views.whose_book import Book
from portal.web.counts import counts_of
from portal.web.keyset import Count

COUNTED = 10_000
# Of more numbers, the books of account managers are counted once a page that shows older counts is there.
LARGE = 20_000
_MANAGERS = "desk-managers"
KEPT_FOR = 24 * 60 * 60
OLD_AFTER = datetime.timedelta(minutes=5)
_WAITS_FOR = {Move(move): words for move, words in WHOSE_MOVE.items()}
# A registered number waits for nobody but for its name.
_NAMES = {Move.US: ("Registered, name to settle", Tone.ACT), Move.META: ("Registered, name in review", Tone.WAIT)}
_URGENT_FIRST = [Tone.BAD, Tone.WARN, Tone.ACT, Tone.WAIT, Tone.NONE, Tone.OK]

Moment = datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Category:
    label: str
    meaning: str
    tone: str
    count: str
    address: str


@dataclass(frozen=True, slots=True)
class Waits:
    """The numbers that wait for one side, by where they stand."""

    label: str
    count: str
    address: str
    categories: list[Category]


@dataclass(frozen=True, slots=True)
class Stages:
    """How many numbers a book has, and how many of them wait for whom."""

    total: int
    waits: list[Waits]

    @property
    def total_in_words(self) -> str:
        return f"{self.total:,}"


@dataclass(frozen=True, slots=True)
class ManagerLine:
    """The book of one account manager in numbers; of the clients that have none, without a name."""

    name: str
    address: str
    numbers: str
    ours: str
    deadlines: str
    trouble: str
    oldest: Moment


@dataclass(frozen=True, slots=True)
class Managers:
    """A line for the book of each account manager."""

    lines: list[ManagerLine]
    counted_at: Moment = None
    """When large books were counted; None for those that were counted just now."""

    @property
    def is_old(self) -> bool:
        return self.counted_at is not None and timezone.now() - self.counted_at > OLD_AFTER


def numbers_of(book: Book) -> Kept:
    """How many numbers of `book` there are of each kind. One statement, rarely two."""
    if book.is_everybodys:
        return kept_counts.of_all()
    return kept_counts.of_clients(book.clients(), further=roles.may_see_further(book.reader))


def stages_of(book: Book, numbers: Kept) -> Stages:
    """Every number of `book` once: by whose move it is, then by its stage.

    Of those that wait for nobody, those of poor quality are worth a look all the same.
    """
    found = numbers.stands()
    waits = [_waits(move, found, book) for move in _WAITS_FOR]
    poor = _quality(numbers[POOR_QUALITY], book)
    for label, its_move, pairs, categories in [
        ("Nobody’s move", Move.NOBODY.value, [("move", Move.NOBODY.value)], poor),
        ("Not worked out yet", "", [("stage", "-")], []),
    ]:
        if count := sum(row[2] for row in found if row[0] == its_move):
            waits.append(Waits(label, f"{count:,}", book.list_address(pairs), categories))
    return Stages(numbers.all, waits)


def _quality(count: int, book: Book) -> list[Category]:
    address = book.list_address([("queue", "quality"), ("move", Move.NOBODY)])
    meaning = "They send, and nothing is to be done at Meta: fewer and better messages help."
    return [Category("Quality medium or low", meaning, Tone.WARN.value, f"{count:,}", address)] if count else []


def _waits(move: Move, found: list[tuple[str, str, int]], book: Book) -> Waits:
    mine = [(stage, *_words_of(stage, move), count) for its_move, stage, count in found if its_move == move]
    mine.sort(key=lambda row: (_URGENT_FIRST.index(row[2]), -row[4]))
    categories = [
        Category(label, meaning, tone.value, f"{count:,}", book.list_address([("stage", stage), ("move", move)]))
        for stage, label, tone, meaning, count in mine
    ]
    total = sum(row[4] for row in mine)
    return Waits(_WAITS_FOR[move], f"{total:,}", book.list_address([("move", move)]), categories)


def _words_of(stage: str, move: Move) -> tuple[str, Tone, str]:
    words = describe("stage", stage)
    label, tone = (
        _NAMES.get(move, (words.label, words.tone)) if stage == Stage.REGISTERED else (words.label, words.tone)
    )
    return label, tone, words.meaning


def looked_after(book: Book) -> dict[str, Count]:
    """Counts of what is no stage of a number: readings, signups, incidents, runs, approvals … One statement."""
    reader, owner = book.reader, book.owner
    now = timezone.now()
    numbers = book.numbers()
    attempts, stuck = waiting.left_attempts(reader), waiting.stuck_onboardings(reader)
    clients_turn = waiting.waiting_onboardings(reader)
    if owner is not None:
        attempts = attempts.filter(link__client__owner=owner)
        stuck, clients_turn = stuck.filter(client__owner=owner), clients_turn.filter(client__owner=owner)
    some: dict[str, QuerySet[Any, Any]] = {
        "clients": book.clients(),
        "attempts": attempts,
        "stuck": stuck,
        "clients_turn": clients_turn,
        "incidents": Incident.objects.visible_to(reader).open(),
        "open_runs": SyncRun.objects.visible_to(reader).open(),
        "failing": book.wabas().filter(last_failure__isnull=False),
        "stale": stale_ages(now) if book.is_everybodys else numbers.filter(is_stale(now)),
    }
    if owner is None:
        some["unanswered"] = unanswered_rows()
    if settings.TWO_PERSON_APPROVAL:
        some["approvals"] = Approval.objects.waiting_for(reader)
    if book.is_everybodys:
        some["unassigned"] = book.clients().filter(owner=None)
        some["beats"] = beats.worth_telling()
    return counts_of(some, limit=COUNTED)


def further(counts: dict[str, Count], book: Book) -> list[Category]:
    """What is to be looked after besides the numbers that wait; what there is none of is left out."""
    ledger, clients = reverse("signup:ledger"), reverse("phones:clients")
    every = [
        ("attempts", "Signups to look at", "Not accepted, lost on the way, or failed.", Tone.BAD, ledger),
        ("stuck", "Onboardings stopped", "A step failed and is not tried again by itself.", Tone.BAD, ledger),
        (
            "clients_turn",
            "Onboardings waiting for the client",
            "A code to type, or a number to add.",
            Tone.WAIT,
            ledger,
        ),
        (
            "failing",
            "WABAs that can’t be read",
            "What is shown of them may be out of date.",
            Tone.WARN,
            f"{clients}?failing=yes",
        ),
        (
            "stale",
            "Numbers not read for 24 hours",
            QUEUES["stale"].meaning,
            Tone.WARN,
            book.list_address([("queue", "stale")]),
        ),
        (
            "unassigned",
            "Clients without an account manager",
            "Nobody looks after them.",
            Tone.ACT,
            f"{clients}?owner=-",
        ),
    ]
    return [
        Category(label, meaning, tone.value, str(counts[name]), address)
        for name, label, meaning, tone, address in every
        if name in counts and counts[name].counted
    ]


def managers_of(book: Book, total: int, *, anew: bool) -> Managers:
    """Everybody's book by account manager, the most trouble first. Two statements; large books are counted `anew`."""
    if not book.is_everybodys:
        return Managers([])
    kept: Managers | None = cache.get(_MANAGERS) if total > LARGE and not anew else None
    if kept is not None:
        return kept
    now, numbers = timezone.now(), kept_counts.by_owner([TROUBLE])
    pressing, ours = conditions.is_pressing(now), Q(move=Move.US)
    rows = book.numbers().filter(pressing | ours).order_by().values_list("client__owner__username")
    figures = rows.annotate(deadlines=CountRows("pk", filter=pressing), oldest=Min("stage_since", filter=ours))
    besides = {owner: (deadlines, oldest) for owner, deadlines, oldest in figures}
    found = [(owner, count, *besides.get(owner[0], (0, None))) for owner, count in numbers.items() if count.all]
    found.sort(key=lambda line: (-line[2], -line[1][TROUBLE], line[0][0] or ""))
    managers = Managers([_manager_line(*line) for line in found], now if total > LARGE else None)
    if total > LARGE:
        cache.set(_MANAGERS, managers, KEPT_FOR)
    return managers


def _manager_line(owner: kept_counts.Owner, numbers: Kept, deadlines: int, oldest: Moment) -> ManagerLine:
    figures = {
        "numbers": f"{numbers.all:,}",
        "ours": f"{numbers.with_move(Move.US):,}",
        "deadlines": f"{deadlines:,}",
        "trouble": f"{numbers[TROUBLE]:,}",
    }
    username, first, last = owner
    if username is None:
        return ManagerLine("Nobody", f"{reverse('phones:clients')}?owner=-", oldest=oldest, **figures)
    person = User(username=username, first_name=first or "", last_name=last or "")
    return ManagerLine(str(person), f"{reverse('phones:home')}?book={username}", oldest=oldest, **figures)
