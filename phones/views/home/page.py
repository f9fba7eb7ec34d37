"""The desk of the person who is signed in: what to do next, what broke, what waits for whom, and how much there is."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clients import roles
from clients.models import SyncFailure, SyncRun, User, Waba
from phones.alerts.letters import open_incidents
from phones.approvals import decide as approvals
from phones.listing.counts import recent_counts
from phones.sync import beats, claims
from phones.views.approval_rows import ApprovalRow
from phones.views.home import counts
from phones.views.home.broke import what_broke
from phones.views.home.next_up import next_up
from phones.views.no_role import NO_ROLE
from phones.views.request import DeskRequest
from phones.views.unanswered import unanswered_facts
from phones.views.whose_book import Book, book_named
from portal.web.keys import KeysOf
from portal.web.keyset import Count
from portal.web.list_parts import EmptyState

FAILING_SHOWN = 5
NONE = Count(0, is_complete=True)
NO_CLIENTS = EmptyState(
    "No client is yours yet",
    "A team lead gives you clients, as their account manager or to cover for someone. Their numbers then show up here.",
)


@require_safe
def home(request: DeskRequest) -> HttpResponse:
    book = book_named(request.GET.get("book", ""), request.user)
    found = counts.looked_after(book)
    numbers = counts.numbers_of(book)
    if book.owner is None:
        recent_counts(request.user, numbers)  # for the navigation
    stages = counts.stages_of(book, numbers)
    failures = _failures(book) if found["failing"].counted or book.is_everybodys else []
    further = counts.further(found, book)
    broke = what_broke(book)
    context = {
        "book": book,
        "news": broke.news,
        "empty": _why_empty(book, has_some=bool(stages.total or further)),
        "stages": stages,
        "client_count": found["clients"],
        "next_up": next_up(book.numbers(), request.user),
        "broke": broke,
        "further": further,
        "managers": counts.managers_of(book, stages.total, anew="anew" in request.GET),
        "failing": [failure.waba for failure in failures if failure.waba is not None],
        "not_listed": [failure for failure in failures if failure.waba is None],
        "incidents": open_incidents(request.user) if found["incidents"].counted else [],
        "waiting_approvals": _approvals(request.user, found.get("approvals")),
        "open_run": _open_run(request.user) if found["open_runs"].counted else None,
        "unanswered": unanswered_facts() if found.get("unanswered", NONE).counted else [],
        "beats": beats.beats() if found.get("beats", NONE).counted else None,
    }
    return render(request, "home/page.html", context)


def _approvals(reader: User, found: Count | None) -> list[ApprovalRow]:
    """What waits for `reader` to decide it."""
    if found is None:
        return []
    if not found.counted:
        approvals.keep_count(reader, 0)
        return []
    return [ApprovalRow(one) for one in approvals.waiting_for(reader)]


def _open_run(reader: User) -> SyncRun | None:
    return SyncRun.objects.visible_to(reader).open().order_by("-pk").first()


def _why_empty(book: Book, *, has_some: bool) -> EmptyState | None:
    if roles.role_of(book.reader) is None:
        return NO_ROLE
    if has_some:
        return None
    if book.owner is not None:
        return EmptyState("Nothing in this book", f"{book.owner} owns no client with a number.")
    if book.sees_everything:
        text = "The first sync reads every WABA that is shared with the business, and all numbers on them."
        return EmptyState("No numbers yet", text, extra="accounts/sync_everything.html")
    return NO_CLIENTS


def _failures(book: Book) -> list[SyncFailure]:
    """Why WABAs of the book can't be read, newest first, and why those of our business could not be listed last time.

    The latter only for everybody's book; they name no WABA. One statement.
    """
    failing = book.wabas().filter(last_failure__isnull=False).order_by("-last_failure__at", "pk")
    first = KeysOf(failing.values("last_failure")[:FAILING_SHOWN])
    keys = SyncFailure.objects.filter(pk__in=first).order_by().values("pk")
    if book.is_everybodys:
        not_listed = claims.listing_credentials().values("discovery_failure")
        keys = keys.union(SyncFailure.objects.filter(pk__in=not_listed).order_by().values("pk"))
    rows = SyncFailure.objects.filter(pk__in=KeysOf(keys))
    found = list(rows.select_related("waba__client", "waba__credential").order_by("-at", "pk"))
    for failure in found:
        waba: Waba | None = failure.waba
        if waba is not None:
            waba.last_failure = failure
    return found
