"""The board of the pool: its numbers, the soonest deadline first, by where they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_safe

from clients import roles
from clients.desk_list import DeskList
from clients.models import Credential, User
from phones.choices import ActionKind
from phones.models import Action, PreverifiedNumber, PreverifiedShare
from phones.pool import clocks, read, reserve, words
from phones.pool.board import URGENCY, PoolFilters, with_standing
from phones.views.empty import why_empty
from phones.views.history import ActionLine, action_line
from phones.views.list_page import render_list
from phones.views.pool.rows import PoolRow, rows_of
from phones.views.request import DeskRequest
from portal.web.addresses import Address, clamped
from portal.web.filters import Rows
from portal.web.keyset import Cursor, position_of, walk
from portal.web.list_parts import Column, EmptyState
from portal.web.news import mark_of

MOST_PAGES_COUNTED = 100


@dataclass(frozen=True, slots=True)
class StandingTab:
    """One filter of the board, with how many numbers it shows."""

    label: str
    count: int
    address: Address
    is_current: bool


class PoolList(DeskList[PoolRow]):
    """The numbers, the soonest deadline first; then those without one, in the order of the tabs."""

    name = "pool"
    model = PreverifiedNumber
    route = "preverified:board"
    filter_set = PoolFilters
    css = "stack pool"
    columns = (
        Column("phone_number", "Number", in_file=("preverified_id", "phone_number")),
        Column("standing", "Standing"),
        Column("next", "Next"),
        Column("deadline", "Until"),
        Column("client", "Client", "wide", in_file=("client", "phone_number_id")),
        Column("shares", "Partners", "num wide", in_file=("partners",)),
        Column("synced_at", "Read", "num wide"),
    )
    orders = {URGENCY.name: URGENCY}
    usual_order = URGENCY
    page_sizes = (50, 100, 200)
    counted = 1_000
    telling = ("standing", "share_count")
    file_columns = MappingProxyType(
        {
            "preverified_id": lambda line: line.row.preverified_id,
            "phone_number": lambda line: line.row.phone_number,
            "standing": lambda line: line.label,
            "next": lambda line: line.standing.sentence,
            "deadline": lambda line: line.standing.deadline,
            "client": lambda line: line.client and line.client.name,
            "phone_number_id": lambda line: line.number and line.number.phone_number_id,
            "partners": lambda line: line.shares,
            "synced_at": lambda line: line.row.synced_at,
        }
    )

    def visible(self) -> Rows:
        return with_standing(super().visible(), timezone.now())

    def prepare(self, rows: QuerySet[PreverifiedNumber]) -> QuerySet[PreverifiedNumber]:
        if "urgency" not in rows.query.annotations:
            rows = with_standing(rows, timezone.now())
        shares = PreverifiedShare.objects.filter(number=OuterRef("pk")).order_by().values("number")
        counted = Coalesce(Subquery(shares.annotate(count=Count("pk")).values("count")), 0)
        return rows.prefetch_related("number").annotate(share_count=counted)

    def rows_of(self, found: Sequence[PreverifiedNumber]) -> list[PoolRow]:
        return rows_of(found, self.person)

    @property
    def mark(self) -> str:
        """Of the client and the number too that the person sees in a row; of others they get no news."""
        shown = ((self.told(line.row), line.client, line.number) for line in self.rows)
        return mark_of([*told, client and client.pk, number and number.pk] for told, client, number in shown)

    @cached_property
    def cursor(self) -> Cursor | None:
        """Where the page begins; an address may count its pages, too."""
        text = self.data.get("page", "")
        if not text.isdecimal():
            return super().cursor
        passed = self.size * (clamped(text, default=1, least=1, most=MOST_PAGES_COUNTED) - 1)
        rows = walk(self.prepare(self.filters.qs), self.order, None, limit=passed)
        return Cursor(position_of(rows[-1], self.order)) if rows else None


@require_safe
def board(request: DeskRequest) -> HttpResponse:
    numbers = PoolList(request.GET, request.user)
    counts, offerable = _counts(numbers.visible())
    last = read.last_read()
    context = {
        "actions": "pool/refresh_button.html",
        "empty": _why_empty(numbers, is_read=last.at is not None, has_others=bool(counts)),
        "kept": numbers.kept_besides({"q"}),
        "tabs": _tabs(counts, numbers.address),
        "total": sum(counts.values()),
        "offerable": offerable,
        "last": last,
        "additions": _open_additions(request.user),
        "has_role": roles.role_of(request.user) is not None,
        "may_change": roles.may_change(request.user),
        "is_set_up": Credential.objects.filter(from_environment=True).exclude(token_sealed="").exists(),
    }
    return render_list(request, "pool/board.html", numbers, context)


def _why_empty(numbers: PoolList, *, is_read: bool, has_others: bool) -> EmptyState:
    if has_others and not numbers.is_narrowed:
        address = str(numbers.address.setting("standing", *clocks.OVER))
        return EmptyState("None is current", "All numbers of the pool are used or gone.", "Show those", address)
    return why_empty(numbers, "number of the pool", _none_yet(numbers.person, is_read=is_read))


def _none_yet(user: User, *, is_read: bool) -> EmptyState:
    may_change = roles.may_change(user)
    if not is_read:
        button = ", or now with the button above" if may_change else ""
        return EmptyState("Not read yet", f"The desk has not read the pool at Meta. It does so every hour{button}.")
    text = (
        "Numbers of ours that are verified beforehand: a client takes one in signup and needs no code. Add one, "
        "request a code for it, and confirm it."
    )
    add = ("Add a number…", reverse("preverified:add")) if may_change else ("", "")
    return EmptyState("The pool is empty", text, *add)


def _counts(visible: Rows) -> tuple[dict[str, int], int]:
    """How many numbers stand in each way, and how many a signup link may offer now. One statement."""
    can_be_offered = Count("pk", filter=Q(pk__in=reserve.available().values("pk")))
    rows = list(visible.order_by().values_list("standing").annotate(total=Count("pk"), offerable=can_be_offered))
    return {standing: count for standing, count, _ in rows}, sum(offerable for *_, offerable in rows)


def _tabs(counts: dict[str, int], address: Address) -> list[StandingTab]:
    wanted = address.values("standing")
    current = sum(count for standing, count in counts.items() if standing not in clocks.OVER)
    tabs = [StandingTab("Current", current, address.setting("standing"), not wanted)]
    return tabs + [
        StandingTab(label, counts.get(state, 0), address.setting("standing", state), wanted == [state])
        for state, label in words.STATES.items()
        if state in counts or state in wanted
    ]


def _open_additions(user: User) -> list[ActionLine]:
    """Additions whose outcome is not known yet, or that failed lately: they have no number to be shown with."""
    if roles.role_of(user) is None:
        return []
    waiting = Action.objects.filter(kind=ActionKind.ADD_TO_POOL, preverified_number=None, closed_at=None)
    return [action_line(one) for one in waiting.select_related("requested_by")[:10]]
