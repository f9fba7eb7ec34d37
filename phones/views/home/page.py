"""The desk: what needs attention now, for the person who is signed in."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clients import roles
from clients.models import SyncFailure, SyncRun, User, Waba
from phones.changes.lines import lines_of
from phones.choices import ChangeKind, Tone
from phones.listing.queues import QUEUES, Queue
from phones.models import Change, PhoneNumber
from phones.onboarding import waiting
from phones.sync import claims
from phones.views.no_role import NO_ROLE
from phones.views.request import DeskRequest
from phones.views.unanswered import unanswered_facts
from portal.web.keyset import Count, first_keys
from portal.web.listing import EmptyState

COUNTED = 1_000
FAILING_SHOWN = 8
LINES_SHOWN = 15
NO_CLIENTS = EmptyState(
    "No client is yours yet",
    "A team lead gives you clients, as their owner or to cover for someone. Their numbers then show up here.",
)
RECENT = timedelta(hours=24)

# The worst first. A queue that is not named here comes last, in neutral tone.
_TONES = {
    "deadline": Tone.BAD,
    "failing": Tone.BAD,
    "cant-send": Tone.BAD,
    "restricted": Tone.BAD,
    "disconnected": Tone.BAD,
    "name-declined": Tone.BAD,
    "quality": Tone.WARN,
    "missing": Tone.WARN,
    "stale": Tone.WARN,
    "ready": Tone.ACT,
    "not-registered": Tone.ACT,
    "added-outside": Tone.ACT,
    "unassigned": Tone.ACT,
    "name-review": Tone.WAIT,
}


@dataclass(frozen=True, slots=True)
class Left:
    """Signups that are left to a person, or wait for the client."""

    label: str
    meaning: str
    tone: Tone
    count: Count


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue and how many numbers are in it now."""

    queue: Queue
    tone: Tone
    count: Count


@require_safe
def home(request: DeskRequest) -> HttpResponse:
    """What needs attention: queues with their counts, WABAs that can't be read, open syncs, and what changed lately."""
    numbers = PhoneNumber.objects.visible_to(request.user)
    wabas = Waba.objects.visible_to(request.user)
    queues = _queues(numbers, wabas, request.user)
    failing = wabas.filter(last_failure__isnull=False).select_related("client", "credential", "last_failure")
    first_failing = list(failing.order_by("-last_failure__at", "pk")[: FAILING_SHOWN + 1])
    changes = Change.objects.visible_to(request.user).exclude(kind__in=(ChangeKind.ADDED, ChangeKind.LISTED))
    newest = changes.select_related("actor", "number").order_by("-pk")[:LINES_SHOWN]
    added = numbers.filter(first_seen_at__gt=timezone.now() - RECENT)
    left = _left(request.user)
    number_count = first_keys(numbers, COUNTED)[1]
    context = {
        "empty": _why_empty(request.user, has_some=bool(number_count.counted or first_failing or left)),
        "sees_everything": roles.sees_everything(request.user),
        "number_count": number_count,
        "left": left,
        "waiting": [one for one in queues if one.count.counted],
        # A WABA can fail before any number of it is known: then this queue is empty, but not clear.
        "clear": [
            one.queue for one in queues if not one.count.counted and not (one.queue.name == "failing" and first_failing)
        ],
        "failing": first_failing[:FAILING_SHOWN],
        "more_failing": len(first_failing) > FAILING_SHOWN,
        "open_run": SyncRun.objects.visible_to(request.user).open().order_by("-pk").first(),
        "lines": lines_of(list(newest), request.user),
        "unanswered": unanswered_facts(),
        "not_listed": _not_listed(request.user),
        "added": first_keys(added, COUNTED)[1],
    }
    return render(request, "home/page.html", context)


def _why_empty(person: User, *, has_some: bool) -> EmptyState | None:
    if roles.role_of(person) is None:
        return NO_ROLE
    if has_some:
        return None
    if roles.sees_everything(person):
        text = "The first sync reads every WABA that is shared with the business, and all numbers on them."
        return EmptyState("No numbers yet", text, extra="accounts/sync_everything.html")
    return NO_CLIENTS


def _not_listed(person: User) -> list[SyncFailure]:
    """Why the WABAs of our business could not be listed last time, for whoever sees everything."""
    if not roles.sees_everything(person):
        return []
    listing = claims.listing_credentials().select_related("discovery_failure")
    return [one.discovery_failure for one in listing if one.discovery_failure is not None]


def _left(person: User) -> list[Left]:
    """What of the signups concerns `person` now, the worst first; what there is none of is left out."""
    stuck, clients_turn = waiting.count_onboardings(person, COUNTED)
    left = [
        Left(
            "Signups to look at",
            "Not accepted, lost on the way, or failed: somebody has to look what came of them.",
            Tone.BAD,
            first_keys(waiting.left_attempts(person), COUNTED)[1],
        ),
        Left("Onboardings stopped", "A step failed and is not tried again until somebody says so.", Tone.BAD, stuck),
        Left(
            "Onboardings waiting for the client",
            "A code to type, or a number to add: only the client can do it.",
            Tone.ACT,
            clients_turn,
        ),
    ]
    return [one for one in left if one.count.counted]


def _queues(numbers: QuerySet[PhoneNumber], wabas: QuerySet[Waba], person: User) -> list[Waiting]:
    """The queues that concern `person`, the worst first. One query each, which stops counting at the limit."""
    now = timezone.now()
    names = [*_TONES, *(name for name in QUEUES if name not in _TONES)]
    found = []
    for queue in (QUEUES[name] for name in names if name in QUEUES):
        if queue.name == "unassigned" and not roles.sees_everything(person):
            continue
        if queue.numbers:
            rows = numbers.filter(queue.numbers(now))
        elif queue.wabas:
            rows = PhoneNumber.objects.on(wabas.filter(queue.wabas()))
        else:
            continue
        found.append(Waiting(queue, _TONES.get(queue.name, Tone.NONE), first_keys(rows, COUNTED)[1]))
    return found
