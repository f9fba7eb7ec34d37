"""One number of the pool of pre-verified numbers with its history; reading the pool or some of it, and freeing one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clients import roles
from clients.access import ACTION_SECONDS
from clients.explanations import explain
from clients.models import SignupLink, SyncFailure, User
from phones.actions.guards import Refusal
from phones.actions.pool import PoolRequest
from phones.choices import ActionKind, Status, Tone
from phones.models import Action, PreverifiedNumber
from phones.numbers.words import describe
from phones.pool import clocks, facts, perform, reserve
from phones.pool.clocks import PoolStanding, PoolState
from phones.querysets import PreverifiedNumberQuerySet
from phones.views.addressed_row import graph_id, workable_or_404
from phones.views.confirmation import LOOKS_ONLY, ActionChoice
from phones.views.history import ActionLine, action_line, is_under_way
from phones.views.pool.board import PoolList
from phones.views.pool.forms import FORMS
from phones.views.pool.rows import rows_of
from phones.views.request import DeskRequest, way_back
from portal.web.query import Selection, UnusableQueryError

HISTORY_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PoolHistoryEntry:
    """One entry of a number's history: something done at Meta, or a change of its reservation."""

    at: datetime
    action: ActionLine | None = None
    words: str = ""
    by: User | None = None


@require_safe
def number(request: DeskRequest, preverified_id: str) -> HttpResponse:
    """One number of the pool: what to do, its facts, who it is offered to and shared with, its history."""
    row = get_object_or_404(_rows().visible_to(request.user), preverified_id=graph_id(preverified_id))
    (line,) = rows_of([row], request.user)
    actions = list(row.actions.select_related("requested_by")[:HISTORY_SHOWN])
    open_action = next((one for one in actions if one.closed_at is None), None)
    refusals = facts.refusals_of(row, [*FORMS])
    choices = [_choice(row, kind, refusals[kind], request.user, is_open=open_action is not None) for kind in FORMS]
    in_pool = facts.facts_of(row)
    context = {
        "row": row,
        "line": line,
        "standing": line.standing,
        "verification": _verification(row, line.standing),
        "choice": next((one for one in choices if one.kind.value == line.standing.step.value), None),
        "choices": choices,
        "open_action": open_action,
        "is_under_way": is_under_way(open_action),
        "expiry": clocks.expiry(in_pool),
        "renewable_from": clocks.renewable_from(in_pool) if _is_renewable(row) else None,
        "in_pool_since": row.added_at or row.first_seen_at,
        "link": row.reserved_for if line.client is not None else None,
        "may_release": roles.may_change(request.user) and line.client is not None,
        "shares": list(row.shares.all()),
        "entries": _history(row, actions, request.user),
        "may_change": roles.may_change(request.user),
    }
    return render(request, "pool/number.html", context)


@require_POST
def read_pool(request: DeskRequest) -> HttpResponse:
    """Read the whole pool at Meta now, and settle what waited for that."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    result = perform.read_pool(seconds=ACTION_SECONDS)
    if result.failure is not None:
        messages.error(request, f"The pool could not be read, and nothing here has changed. {_why(result.failure)}")
    else:
        changes = {"new": result.added, "no longer listed": result.missing, "claimed": result.claimed}
        more = "".join(f", {count} {what}" for what, count in changes.items() if count)
        messages.success(request, f"Read from Meta just now: {result.seen} numbers{more}.")
    return HttpResponseRedirect(way_back(request, "preverified:board"))


@require_POST
def read_chosen(request: DeskRequest) -> HttpResponse:
    """Read the numbers at Meta now that are ticked on the board, and settle what waited for that."""
    if not roles.may_change(request.user):
        raise PermissionDenied
    back = HttpResponseRedirect(way_back(request, "preverified:board"))
    try:
        chosen = Selection.of_form(request.POST, PoolList.name, request.user)
    except UnusableQueryError as error:
        messages.warning(request, str(error))
        return back
    keys = list(chosen.keys_in_order(request.user, to_work=True))
    numbers = sorted(PreverifiedNumber.objects.filter(pk__in=keys), key=lambda row: keys.index(row.pk))
    result = perform.read_chosen(numbers, seconds=ACTION_SECONDS)
    said = f"{result.count:,} of {len(numbers):,} number{'' if len(numbers) == 1 else 's'} read from Meta just now."
    if result.failure is not None:
        messages.error(request, f"{said} The rest could not be read. {_why(result.failure)}")
    elif result.count < len(numbers):
        messages.warning(request, f"{said} Meta answers slowly: choose “Refresh” again for the others.")
    else:
        messages.success(request, said)
    return back


@require_POST
def read_number(request: DeskRequest, preverified_id: str) -> HttpResponse:
    """Read one number and its partners at Meta now, and settle what waited for that."""
    row = row_to_act_on(request.user, preverified_id)
    result = perform.read_number(row)
    if result.failure is not None:
        messages.error(request, f"Could not read it, and what you see is unchanged. {_why(result.failure)}")
    else:
        row.refresh_from_db()
        lost = " Meta shows it no more." if row.missing_since is not None else ""
        messages.success(request, f"Read from Meta just now.{lost}")
    return to_number(preverified_id)


@require_POST
def release(request: DeskRequest, preverified_id: str) -> HttpResponse:
    """Free the number from the signup link that offers it. Nothing of this is known at Meta."""
    row = row_to_act_on(request.user, preverified_id)
    if row.reserved_for_id is None:
        messages.info(request, "No signup link offers this number.")
        return to_number(preverified_id)
    if not SignupLink.objects.workable_by(request.user).filter(pk=row.reserved_for_id).exists():
        messages.error(request, "It is reserved for a client of somebody else’s: ask a team lead to free it.")
        return to_number(preverified_id)
    reserve.release(number=row, actor=request.user)
    messages.success(request, "Freed. The signup link goes on working, without this number.")
    return to_number(preverified_id)


def row_to_act_on(user: User, preverified_id: str) -> PreverifiedNumber:
    """The pool number with this Graph id, for something that `user` is about to do: see `workable_or_404`."""
    return workable_or_404(_rows(), user, preverified_id=graph_id(preverified_id))


def _rows() -> PreverifiedNumberQuerySet:
    rows = PreverifiedNumber.objects.select_related("number", "reserved_for")
    return rows.annotate(share_count=Count("shares"))


def to_number(preverified_id: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("preverified:number", args=[preverified_id]))


def _verification(row: PreverifiedNumber, standing: PoolStanding) -> Status:
    """What Graph says of the verification; not in green when its time is up, or the number out of the pool."""
    status = describe("code_verification_status", row.code_verification_status)
    holds = standing.state not in clocks.OVER and standing.state not in {PoolState.EXPIRED, PoolState.CLAIMED}
    return status if holds or status.tone != Tone.OK else Status(status.label, Tone.NONE, status.meaning)


def _is_renewable(row: PreverifiedNumber) -> bool:
    """Whether it means anything from when on it can be verified again: it is verified, and in the pool."""
    in_pool = row.missing_since is None and row.deleted_at is None and row.claimed_at is None
    return in_pool and clocks.is_verified(facts.facts_of(row), now=timezone.now())


def _choice(
    row: PreverifiedNumber, kind: ActionKind, refusal: Refusal | None, user: User, *, is_open: bool
) -> ActionChoice:
    why_not, until = "", None
    if not roles.may_change(user):
        why_not = LOOKS_ONLY
    elif not perform.may_do(user, kind):
        why_not = perform.FOR_LEADS
    elif is_open:
        why_not = PoolRequest.under_way
    elif refusal is not None:
        why_not, until = refusal.sentence, refusal.until
    elif kind == ActionKind.UNSHARE and not getattr(row, "share_count", 0):
        why_not = "No partner is known that it is shared with."
    address = reverse("preverified:confirm", args=[row.preverified_id, kind.value])
    return ActionChoice(kind, str(kind.label), address, why_not, until, is_dangerous=kind == ActionKind.DELETE)


def _history(row: PreverifiedNumber, actions: Sequence[Action], user: User) -> list[PoolHistoryEntry]:
    entries = [PoolHistoryEntry(one.created_at, action=action_line(one)) for one in actions]
    return sorted([*entries, *_reservations(row, user)], key=lambda entry: entry.at, reverse=True)


def _reservations(row: PreverifiedNumber, user: User) -> Iterator[PoolHistoryEntry]:
    """When the number was reserved and freed; for whom and by whom only where `user` sees the link."""
    about = ContentType.objects.get_for_model(PreverifiedNumber)
    found = LogEntry.objects.filter(content_type=about, object_id=str(row.pk)).select_related("user")
    notes = [(note, note.get_change_message()) for note in reversed(found.order_by("-pk")[:HISTORY_SHOWN])]
    keys = {key for _note, words in notes if (key := reserve.link_in(words)) is not None}
    links = SignupLink.objects.visible_to(user).filter(pk__in=keys).select_related("client").in_bulk()
    link = None
    for note, words in notes:
        key = reserve.link_in(words)
        if key is not None:
            link = links.get(key)
        # What frees a number names no link: it is the one that the note before it names.
        sees_who = link is not None or roles.sees_everything(user)
        reserved = f"Reserved for a signup link of {link.client}." if link else "Reserved for a signup link."
        by = note.user if sees_who else None
        yield PoolHistoryEntry(note.action_time, words=reserved if key is not None else words, by=by)


def _why(failure: SyncFailure) -> str:
    why = explain(failure.kind, failure.code, failure.subcode, failure.http_status)
    is_metas = failure.code is not None or failure.http_status is not None
    trace = f" (trace {failure.fbtrace_id})" if failure.fbtrace_id else ""
    said = f" Meta says: “{failure.message}”{trace}." if failure.message and is_metas else ""
    return f"{why.title}. {why.what_to_do}{said}"
