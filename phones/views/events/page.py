"""Meta's events for those who run the desk: how far behind it is, what came, what was not understood, where it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clients import roles
from clients.desk_list import DeskList
from clients.explanations import Explanation
from clients.models import Waba
from phones.choices import EventState, Tone
from phones.events import callback, inbox, subscriptions
from phones.events.meanings import NotInFormError, meaning_of
from phones.events.words import event_words
from phones.models import Event, Subscription
from phones.views.addressed_row import workable_waba
from phones.views.empty import why_empty
from phones.views.list_page import render_list
from phones.views.notices import trouble_of
from phones.views.request import DeskRequest, way_back
from portal.web.addresses import row_key
from portal.web.list_parts import Column, EmptyState
from portal.web.query import Selection, UnusableQueryError

LATE = timedelta(minutes=1)
COUNTED_FOR = timedelta(days=7)
WABAS_SHOWN = 20
MOST_REPLAYED = 10_000
NONE_YET = EmptyState("No events yet", "Meta has sent none. Each that comes is listed here with what became of it.")
TONES = {
    EventState.WAITING.value: Tone.WAIT,
    EventState.DONE.value: Tone.OK,
    EventState.UNKNOWN.value: Tone.NONE,
    EventState.UNMATCHED.value: Tone.WARN,
    EventState.MALFORMED.value: Tone.WARN,
    EventState.FAILED.value: Tone.BAD,
}


@dataclass(frozen=True, slots=True)
class EventRow:
    event: Event

    @property
    def tone(self) -> str:
        return TONES.get(self.event.state, Tone.NONE).value

    @property
    def said(self) -> list[str]:
        """What it said, in words; nothing where the desk does not understand it."""
        try:
            event = self.event
            meaning = meaning_of(event.field, event.value, entry_id=event.entry_id, app_id=settings.META_APP_ID)
        except NotInFormError:
            return []
        return [event_words(name, value).sentence for name, value in meaning.facts.items()] if meaning else []

    @property
    def is_late(self) -> bool:
        """Whether it was under way to us for so long that both times are worth telling."""
        at = self.event.event_time
        return at is not None and self.event.received_at - at > LATE


class EventList(DeskList[EventRow]):
    name = "events"
    model = Event
    route = "phones:events"
    filter_set = inbox.EventFilters
    columns = (
        Column("value", "What Meta said", in_file=("event", "field", "kind", "said")),
        Column("about", "About", in_file=("waba_id", "phone_number_id")),
        Column("state", "What became of it", in_file=("state", "outcome")),
        Column("received_at", "Came", "num", in_file=("event_time", "received_at")),
    )
    page_sizes = (50, 100, 200)
    counted = 1_000
    telling = ("state", "outcome")
    file_columns = MappingProxyType(
        {
            "event": lambda row: row.event.pk,
            "field": lambda row: row.event.field,
            "kind": lambda row: row.event.event,
            "said": lambda row: " ".join(row.said),
            "waba_id": lambda row: row.event.waba.waba_id if row.event.waba else row.event.entry_id,
            "phone_number_id": lambda row: row.event.number and row.event.number.phone_number_id,
            "state": lambda row: row.event.get_state_display(),
            "outcome": lambda row: row.event.outcome,
            "event_time": lambda row: row.event.event_time,
            "received_at": lambda row: row.event.received_at,
        }
    )

    def prepare(self, rows: QuerySet[Event]) -> QuerySet[Event]:
        return rows.select_related("waba", "number")

    def rows_of(self, found: Sequence[Event]) -> list[EventRow]:
        return [EventRow(event) for event in found]


@require_safe
def events(request: DeskRequest) -> HttpResponse:
    """The inbox: how far behind, by field, and the events themselves, newest first."""
    insist_on_staff(request)
    found = EventList(request.GET, request.user)
    now = timezone.now()
    subscribed = Subscription.objects.visible_to(request.user)
    compared = callback.compare()
    quiet = subscriptions.gone_quiet(Waba.objects.visible_to(request.user))
    counted = dict(subscribed.order_by().values_list("is_ours").annotate(Count("pk")))
    quiet_count = quiet.count()
    context = {
        "off_count": counted.get(False, 0),
        "on_count": counted.get(True, 0),
        "unknown_count": counted.get(None, 0),
        "quiet_count": quiet_count,
        "empty": why_empty(found, "event", NONE_YET),
        "states": found.options("state"),
        "runs_the_desk": roles.runs_the_desk(request.user),
        "kept": found.kept_besides({"q", "state"}),
        "backlog": inbox.backlog(),
        "latest": Event.objects.order_by("-received_at").values_list("received_at", flat=True).first(),
        "counts": inbox.counts(since=now - COUNTED_FOR),
        "callback": compared,
        "callback_trouble": trouble_of(compared.actual),
        "off": list(subscribed.filter(is_ours=False).select_related("waba__client")[:WABAS_SHOWN]),
        "quiet": _first_quiet(quiet) if quiet_count else [],
    }
    return render_list(request, "events/page.html", found, context)


def _first_quiet(quiet: QuerySet[Waba]) -> list[Waba]:
    return list(quiet.select_related("client").order_by("last_event_at", "pk")[:WABAS_SHOWN])


def _chosen(request: DeskRequest) -> QuerySet[Event]:
    if "id" in request.POST:
        one = row_key(request.POST["id"])
        return Event.objects.none() if one is None else Event.objects.filter(pk=one)
    found: QuerySet[Event] = Selection.of_form(request.POST, EventList.name, request.user).rows(
        request.user, to_work=True
    )
    return found


@require_POST
def replay(request: DeskRequest) -> HttpResponse:
    """Have the one event that the form names, or those that it chooses in the list, read again."""
    _insist_on_lead(request)
    try:
        chosen = _chosen(request)
    except UnusableQueryError as error:
        messages.error(request, f"No event is read again. {error}")
        return HttpResponseRedirect(way_back(request, "phones:events"))
    count = inbox.replay(Event.objects.filter(pk__in=chosen.order_by("-pk").values("pk")[:MOST_REPLAYED]))
    messages.success(request, f"{count} event{'' if count == 1 else 's'} will be read again within seconds.")
    return HttpResponseRedirect(way_back(request, "phones:events"))


@require_POST
def check_callback(request: DeskRequest) -> HttpResponse:
    _insist_on_lead(request)
    try:
        row = callback.check()
    except callback.NotConfiguredError as error:
        messages.error(request, str(error))
    else:
        _report_callback(request, trouble_of(row), "Meta said where it sends the events.")
    return HttpResponseRedirect(reverse("phones:events"))


@require_POST
def check(request: DeskRequest, waba_id: str) -> HttpResponse:
    """Ask Meta whether our app gets the events of one WABA."""
    waba = workable_waba(request.user, waba_id)
    trouble = trouble_of(subscriptions.check(waba))
    _report_callback(request, trouble, "Meta said who gets the events of this WABA.")
    return HttpResponseRedirect(reverse("phones:waba", args=[waba_id]))


def _report_callback(request: DeskRequest, trouble: Explanation | None, well: str) -> None:
    if trouble is None:
        messages.success(request, well)
    else:
        messages.error(request, f"{trouble.title}. {trouble.cause} {trouble.what_to_do}")


def insist_on_staff(request: DeskRequest) -> None:
    """Events are of every client."""
    if not roles.sees_everything(request.user):
        raise PermissionDenied


def _insist_on_lead(request: DeskRequest) -> None:
    if not roles.runs_the_desk(request.user):
        raise PermissionDenied
