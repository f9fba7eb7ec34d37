"""How runs and their items are shown: a status in words, what they are about, how far a run is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils import timezone

from clients.choices import LinkState
from clients.models import Client, SignupLink, User, Waba
from phones.bulk import words
from phones.bulk_choices import BulkKind, BulkState, ItemState
from phones.choices import Status, Tone
from phones.listing.rows import rows_of
from phones.models import BulkItem, BulkRun, CodeLink
from phones.querysets import BulkItemQuerySet
from phones.views.open_links import OpenLink, line_of

_RUN = {
    BulkState.DRAFT: Tone.NONE,
    BulkState.RUNNING: Tone.ACT,
    BulkState.PAUSED: Tone.WARN,
    BulkState.CANCELLED: Tone.NONE,
    BulkState.FINISHED: Tone.OK,
}
_ITEM = {
    ItemState.SKIPPED: Tone.NONE,
    ItemState.WAITING: Tone.WAIT,
    ItemState.TAKEN: Tone.ACT,
    ItemState.DONE: Tone.OK,
    ItemState.FAILED: Tone.BAD,
    ItemState.UNKNOWN: Tone.WARN,
    ItemState.CANCELLED: Tone.NONE,
}
# As they stand on the page: what needs somebody first.
_ORDER = (
    ItemState.FAILED,
    ItemState.UNKNOWN,
    ItemState.TAKEN,
    ItemState.WAITING,
    ItemState.DONE,
    ItemState.SKIPPED,
    ItemState.CANCELLED,
)
# What is read with items that are shown.
RELATED = ("number__waba__client", "waba__client", "client", "signup_link", "code_link")
_OPEN = frozenset({ItemState.WAITING, ItemState.TAKEN})
_LATEST = 20


@dataclass(frozen=True, slots=True)
class BulkItemRow:
    """One item. `waba` is the one that the reader is shown for it: a number may be under a WABA that they don't see.

    `line` is the open link that it has made, for who may send it.
    """

    item: BulkItem
    status: Status
    waba: Waba | None
    is_to_be_mailed: bool = False
    line: OpenLink | None = None

    @property
    def mail(self) -> str:
        """To whom its link was mailed, or in a dry run can be; empty where that is nobody."""
        if self.item.mail_to:
            return f"Mailed to {self.item.mail_to}." if self.item.state == ItemState.DONE else self.item.mail_to
        if self.is_to_be_mailed and self.client is not None and self.client.contact_email:
            return f"Mail contact: {self.client.contact_email}"
        return ""

    @property
    def client(self) -> Client | None:
        return self.waba.client if self.waba is not None else self.item.client


@dataclass(frozen=True, slots=True)
class Tally:
    """The items of a run in one state, by the reasons that they have."""

    state: ItemState
    status: Status
    count: int
    reasons: list[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class BulkRunRow:
    """One run in the list of runs, with how many of its items there are in each state that a person looks for."""

    run: BulkRun
    status: Status
    counts: dict[str, int]

    @property
    def title(self) -> str:
        kind = BulkKind(self.run.kind)
        return f"{kind.label}: {words.counted(kind, self.run.total)}"

    @property
    def done(self) -> int:
        return self.counts.get(ItemState.DONE, 0)

    @property
    def failed(self) -> int:
        return self.counts.get(ItemState.FAILED, 0) + self.counts.get(ItemState.UNKNOWN, 0)

    @property
    def skipped(self) -> int:
        return self.counts.get(ItemState.SKIPPED, 0)


def status_of_run(run: BulkRun) -> Status:
    return Status(run.get_state_display(), _RUN.get(BulkState(run.state), Tone.NONE))


def status_of_item(state: str, *, is_draft: bool = False) -> Status:
    if is_draft and state == ItemState.WAITING:
        return Status("Will run", Tone.ACT)
    return Status(str(ItemState(state).label), _ITEM[ItemState(state)])


def run_rows(runs: Sequence[BulkRun]) -> list[BulkRunRow]:
    counted: dict[int, dict[str, int]] = {run.pk: {} for run in runs}
    items = BulkItem.objects.filter(run__in=counted).order_by().values_list("run", "state").annotate(Count("pk"))
    for pk, state, count in items:
        counted[pk][state] = count
    return [BulkRunRow(run, status_of_run(run), counted[run.pk]) for run in runs]


def item_rows(items: Sequence[BulkItem], reader: User, run: BulkRun, *, with_links: bool = False) -> list[BulkItemRow]:
    """`items` of `run`, all visible to `reader`, as rows; `with_links`: with the open links that they have made."""
    numbers = [item.number for item in items if item.number is not None]
    wabas = {row.number.pk: row.waba for row in rows_of(numbers, reader)}
    is_draft, makes_links = run.state == BulkState.DRAFT, run.kind in words.MAKES_LINKS
    lines = _lines(items, reader) if with_links and makes_links and not is_draft else {}
    return [
        BulkItemRow(
            item,
            status_of_item(item.state, is_draft=is_draft),
            item.waba if item.number_id is None else wabas.get(item.number_id),
            is_to_be_mailed=is_draft and makes_links and item.state == ItemState.WAITING,
            line=lines.get(item.pk),
        )
        for item in items
    ]


def _lines(items: Sequence[BulkItem], reader: User) -> dict[int, OpenLink]:
    """The open links of `items` that `reader` may send, by the key of the item."""
    made = {item.pk: (item, item.signup_link or item.code_link) for item in items}
    theirs = BulkItem.objects.workable_by(reader).filter(pk__in=made)
    found = {}
    for pk in theirs.order_by().values_list("pk", flat=True):
        item, link = made[pk]
        if link is None or link.state != LinkState.OPEN:
            continue
        # The same rows, which are read already.
        if isinstance(link, CodeLink) and item.number is not None:
            link.number = item.number
        elif isinstance(link, SignupLink) and item.client is not None:
            link.client = item.client
        line = line_of(link)
        if line.address:
            found[pk] = line
    return found


def tallies_of(items: BulkItemQuerySet, *, is_draft: bool) -> list[Tally]:
    """How many there are in each state, and why; the reason that most have first."""
    counted: dict[str, list[tuple[str, int]]] = {}
    for state, reason, count in items.order_by().values_list("state", "reason").annotate(n=Count("pk")):
        counted.setdefault(state, []).append((reason, count))
    return [
        Tally(
            state,
            status_of_item(state, is_draft=is_draft),
            sum(count for _, count in counted[state]),
            sorted(((why, count) for why, count in counted[state] if why), key=lambda pair: -pair[1]),
        )
        for state in _ORDER
        if state in counted
    ]


def count_open(tallies: Sequence[Tally]) -> int:
    return sum(tally.count for tally in tallies if tally.state in _OPEN)


def time_left(run: BulkRun, left: int) -> str:
    """About how long the run still takes, by the pace of its latest items; empty while it does not run."""
    if run.state != BulkState.RUNNING or not left:
        return ""
    now = timezone.now()
    ended = BulkItem.objects.filter(run=run, taken_at__gte=run.resumed_at, finished_at__isnull=False)
    latest = list(ended.order_by("-finished_at").values_list("taken_at", flat=True)[:_LATEST])
    each = timedelta(seconds=words.SECONDS_EACH)
    if len(latest) >= 3 and latest[-1] is not None:
        each = (now - latest[-1]) / len(latest)
    waits = BulkItem.objects.filter(run=run, state=ItemState.WAITING, not_before__gt=now).order_by("-not_before")
    last = waits.values_list("not_before", flat=True).first()
    return words.in_words(max(each * left, last - now if last is not None else timedelta(0)))
