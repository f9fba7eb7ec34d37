"""What ends at Meta, what of ours uses it, and which events came that the desk does not know."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clients import roles
from clients.models import SignupAttempt, SignupLink, Waba
from phones.choices import EventState, Tone
from phones.events.inbox import KEEP_PUZZLES
from phones.models import Event
from phones.views.request import DeskRequest
from phones.views.unanswered import unanswered_facts
from portal.graph import endings
from portal.graph.endings import Ending, Of

CLIENTS_SHOWN = 20
KINDS_SHOWN = 50
_TITLES = {Of.GRAPH: "Graph API", Of.SIGNUP: "Embedded Signup", Of.FIELD: "Fields and calls"}


@dataclass(frozen=True, slots=True)
class EndingRow:
    """One thing that ends: whether the desk uses it, when it ends in words, and what of ours that touches."""

    ending: Ending
    is_used: bool
    when: str
    tone: Tone
    touches: str

    @property
    def unused(self) -> str:
        """How the desk stands to what it can do without."""
        return "Not relied on." if self.ending.of == Of.FIELD else "Not in use."


@dataclass(frozen=True, slots=True)
class UnknownKind:
    """A kind of event that the desk does not know, and how often it came."""

    field: str
    event: str
    events: int
    wabas: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class _Ours:
    """How much of ours there is for an end to touch."""

    wabas: int
    clients: int
    links: int
    linked_clients: int


@require_safe
@never_cache
def what_ends(request: DeskRequest) -> HttpResponse:
    if not roles.runs_the_desk(request.user):
        raise PermissionDenied
    today, since = timezone.now().date(), timezone.now() - KEEP_PUZZLES
    ours = _ours()
    known = [*endings.GRAPH_VERSIONS, *endings.SIGNUP_VERSIONS, *endings.FIELDS]
    rows = [_row(one, ours, today) for one in known]
    signup = next(row for row in rows if row.ending.of == Of.SIGNUP and row.is_used)
    context = {
        "groups": [(title, [row for row in rows if row.ending.of == of]) for of, title in _TITLES.items()],
        "version": settings.GRAPH_API_VERSION,
        "is_older_version": endings.is_older_than_all(settings.GRAPH_API_VERSION),
        "is_known_version": endings.graph_version(settings.GRAPH_API_VERSION) is not None,
        "looked_up": endings.LOOKED_UP,
        "link_clients": _clients_with_links() if signup.tone != Tone.NONE else [],
        "messages": _messages(since),
        "unknown": _unknown_kinds(since),
        "unanswered": unanswered_facts(),
        "days": KEEP_PUZZLES.days,
    }
    return render(request, "operations/endings.html", context)


def _row(ending: Ending, ours: _Ours, today: date) -> EndingRow:
    in_use = {Of.GRAPH: settings.GRAPH_API_VERSION, Of.SIGNUP: endings.SIGNUP_VERSION}
    is_used = ending.is_used or in_use.get(ending.of) == ending.name
    left = ending.days_left(today)
    tone = Tone.NONE
    if is_used and left is not None and left < endings.SOON_DAYS:
        tone = Tone.BAD if left < 0 else Tone.WARN
    touches = {
        Of.GRAPH: f"All that is read and done: {_many(ours.wabas, 'WABA')} of {_many(ours.clients, 'client')}.",
        Of.SIGNUP: f"{_many(ours.links, 'open signup link')} of {_many(ours.linked_clients, 'client')}.",
    }
    return EndingRow(ending, is_used, _when(ending, left), tone, touches.get(ending.of, "") if is_used else "")


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _when(ending: Ending, left: int | None) -> str:
    """The end in words: how Meta put it, and how far off it is."""
    if ending.ends is None or left is None:
        return ending.said[:1].upper() + ending.said[1:] or "No end announced"
    said = ending.said or f"{ending.ends:%-d %b %Y}"
    if left < 0:
        return f"Ended {said}"
    if left >= 2 * endings.SOON_DAYS:
        return f"Ends {said}"
    return f"Ends {said}, in {_many(left, 'day')}" if left else f"Ends {said}, today"


def _ours() -> _Ours:
    wabas = Waba.objects.filter(unshared_since=None).aggregate(
        wabas=Count("pk"), clients=Count("client", distinct=True)
    )
    links = SignupLink.objects.open().aggregate(links=Count("pk"), linked_clients=Count("client", distinct=True))
    return _Ours(**wabas, **links)


def _clients_with_links() -> list[tuple[int, str]]:
    found = (
        SignupLink.objects.open().order_by("client__name", "client").values_list("client", "client__name").distinct()
    )
    return list(found[:CLIENTS_SHOWN])


def _messages(since: datetime) -> list[tuple[str, int]]:
    """The versions that the messages of Meta's dialog named lately, with how many signups each."""
    said = SignupAttempt.objects.filter(created_at__gt=since).exclude(said_version="").order_by().values("said_version")
    counted = said.annotate(signups=Count("pk")).order_by("-signups", "said_version")
    return [(row["said_version"], row["signups"]) for row in counted[:KINDS_SHOWN]]


def _unknown_kinds(since: datetime) -> list[UnknownKind]:
    unknown = Event.objects.filter(state=EventState.UNKNOWN, received_at__gt=since).order_by().values("field", "event")
    counted = unknown.annotate(events=Count("pk"), wabas=Count("waba", distinct=True), last_at=Max("received_at"))
    return [UnknownKind(**row) for row in counted.order_by("-events", "field", "event")[:KINDS_SHOWN]]
