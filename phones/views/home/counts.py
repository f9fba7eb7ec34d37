"""How many numbers of a book wait for whom and with what, each counted once; and what else is to be looked after."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count as CountRows
from django.db.models import Min, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from clients.models import SyncRun, User
from clients.refused_fields import unanswered_rows
from phones.choices import WHOSE_MOVE, Tone
from phones.listing.queues import QUEUES
from phones.models import Approval, Incident
from phones.numbers import conditions
from phones.numbers.lifecycle import Move, Stage
from phones.numbers.words import describe
from phones.onboarding import waiting
from phones.views.whose_book import Book
from portal.web.counts import counts_of
from portal.web.keyset import Count

COUNTED = 10_000
# A book with more numbers is counted for all who look at it, once a page that shows older counts is there.
LARGE = 20_000
KEPT_FOR = 24 * 60 * 60
OLD_AFTER = datetime.timedelta(minutes=5)
_WAITS_FOR = {Move(move): words for move, words in WHOSE_MOVE.items()}
# A registered number waits for nobody but for its name.
_NAMES = {Move.US: ("Registered, name to settle", Tone.ACT), Move.META: ("Registered, name in review", Tone.WAIT)}
_URGENT_FIRST = [Tone.BAD, Tone.WARN, Tone.ACT, Tone.WAIT, Tone.NONE, Tone.OK]

Found = TypeVar("Found")
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
    counted_at: Moment = None
    """When a large book was counted; None for one that was counted just now."""

    @property
    def is_old(self) -> bool:
        return self.counted_at is not None and timezone.now() - self.counted_at > OLD_AFTER

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
    oldest: Any


def stages_of(book: Book, quality: Count, *, anew: bool) -> Stages:
    """Every number of `book` once: by whose move it is, then by its stage. One statement.

    Of those that wait for nobody, `quality` are worth a look all the same. `anew`: counted now, however large it is.
    """

    def counted() -> list[tuple[str, str, int]]:
        rows = book.numbers().order_by().values_list("move", "stage")
        return list(rows.annotate(counted=CountRows("pk")))

    found, at = _kept(f"desk-stages:{_key(book)}", counted, lambda rows: sum(row[2] for row in rows), anew=anew)
    waits = [_waits(move, found, book) for move in _WAITS_FOR]
    for label, its_move, pairs, categories in [
        ("Nobody’s move", Move.NOBODY.value, [("move", Move.NOBODY.value)], _quality(quality, book)),
        ("Not worked out yet", "", [("stage", "-")], []),
    ]:
        if count := sum(row[2] for row in found if row[0] == its_move):
            waits.append(Waits(label, f"{count:,}", book.list_address(pairs), categories))
    return Stages(sum(row[2] for row in found), waits, at)


def _quality(count: Count, book: Book) -> list[Category]:
    address = book.list_address([("queue", "quality"), ("move", Move.NOBODY)])
    meaning = "They send, and nothing is to be done at Meta: fewer and better messages help."
    return [Category("Quality medium or low", meaning, Tone.WARN.value, str(count), address)] if count.counted else []


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
    """Counts of what is no stage of a number: quality, readings, signups, incidents, approvals … One statement."""
    reader, owner = book.reader, book.owner
    now = timezone.now()
    numbers = book.numbers()
    attempts, stuck = waiting.left_attempts(reader), waiting.stuck_onboardings(reader)
    clients_turn = waiting.waiting_onboardings(reader)
    if owner is not None:
        attempts = attempts.filter(link__client__owner=owner)
        stuck, clients_turn = stuck.filter(client__owner=owner), clients_turn.filter(client__owner=owner)
    quality = QUEUES["quality"].numbers
    some: dict[str, QuerySet[Any, Any]] = {
        "clients": book.clients(),
        "attempts": attempts,
        "stuck": stuck,
        "clients_turn": clients_turn,
        "incidents": Incident.objects.visible_to(reader).open(),
        "open_runs": SyncRun.objects.visible_to(reader).open(),
        "failing": book.wabas().filter(last_failure__isnull=False),
        "stale": numbers.filter(conditions.is_stale(now), missing_since=None),
        "quality": numbers.filter(quality(now) if quality else Q(), move=Move.NOBODY),
    }
    if owner is None:
        some["unanswered"] = unanswered_rows()
    if settings.TWO_PERSON_APPROVAL:
        some["approvals"] = Approval.objects.waiting_for(reader)
    if book.is_everybodys:
        some["unassigned"] = book.clients().filter(owner=None)
    return counts_of(some, reader, limit=COUNTED)


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


def managers_of(book: Book, total: int, *, anew: bool) -> list[ManagerLine]:
    """Everybody's book by account manager, the most trouble first. One statement."""
    if not book.is_everybodys:
        return []
    now = timezone.now()
    names = tuple(f"client__owner__{name}" for name in ("username", "first_name", "last_name"))

    def count() -> list[dict[str, Any]]:
        rows = book.numbers().order_by().values("client__owner", *names)
        trouble = Q(stage__in=(Stage.DISCONNECTED, Stage.RESTRICTED, Stage.WINDOW_CLOSED, Stage.NOT_VISIBLE))
        return list(
            rows.annotate(
                numbers=CountRows("pk"),
                deadlines=CountRows("pk", filter=conditions.is_pressing(now)),
                trouble=CountRows("pk", filter=trouble | conditions.IS_STOPPED),
                ours=CountRows("pk", filter=Q(move=Move.US)),
                oldest=Min("stage_since", filter=Q(move=Move.US)),
            )
        )

    found, _ = _kept("desk-managers", count, lambda _: total, anew=anew)
    found.sort(key=lambda row: (-row["deadlines"], -row["trouble"], row[names[0]] or ""))
    return [_manager_line(row, names) for row in found]


def _manager_line(row: dict[str, Any], names: tuple[str, ...]) -> ManagerLine:
    username, first, last = (row[name] for name in names)
    figures = {name: f"{row[name]:,}" for name in ("numbers", "ours", "deadlines", "trouble")}
    if username is None:
        return ManagerLine("Nobody", f"{reverse('phones:clients')}?owner=-", oldest=row["oldest"], **figures)
    person = User(username=username, first_name=first, last_name=last)
    return ManagerLine(str(person), f"{reverse('phones:home')}?book={username}", oldest=row["oldest"], **figures)


def _key(book: Book) -> str:
    return f"{'all' if book.sees_everything else book.reader.pk}:{book.owner.pk if book.owner else ''}"


def _kept(key: str, count: Callable[[], Found], size: Callable[[Found], int], *, anew: bool) -> tuple[Found, Moment]:
    """What `count` finds, and, of a large book, when that was counted."""
    kept: tuple[Found, Moment] | None = None if anew else cache.get(key)
    if kept is not None:
        return kept
    found, now = count(), timezone.now()
    if size(found) <= LARGE:
        return found, None
    cache.set(key, (found, now), KEPT_FOR)
    return found, now
