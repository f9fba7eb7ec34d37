"""What one mail or post says to its reader now: only of clients that are still theirs, the worst first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from clients.models import User, Waba
from phones.alert_choices import AlertKind, DispatchKind, IncidentCause
from phones.alerts import mailed_views, people, words
from phones.alerts.find import holding
from phones.alerts.mailed_views import MailedView
from phones.approval_choices import ApprovalState
from phones.choices import ActionState, Tone
from phones.models import Alert, Approval, Dispatch, Incident, Listing, PhoneNumber
from portal.web.addresses import Address
from portal.web.keyset import Count
from portal.web.query import ListQuery

# Of one incident this many numbers are named, and the rest is counted.
NAMED = 10
_WORST_FIRST = [AlertKind.TOKEN, AlertKind.BANNED, AlertKind.BLOCKED, AlertKind.DISCONNECTED, AlertKind.DEADLINE]


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One thing that happened: to what, whose, what, when. `path` is the page about it."""

    what: str
    client: str
    sentence: str
    at: datetime | None
    path: str
    tone: str = Tone.BAD.value
    name: str = ""

    @property
    def url(self) -> str:
        return f"{settings.PUBLIC_URL}{self.path}"


@dataclass(frozen=True, slots=True)
class LetterIncident:
    """Many alerts of one cause, in one paragraph. `count` is of those that the reader may see, `lines` the first."""

    headline: str
    next: str
    began_at: datetime
    count: int
    lines: Sequence[LetterLine]
    is_over: bool = False

    @property
    def more(self) -> int:
        return max(0, self.count - len(self.lines))


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    incidents: Sequence[LetterIncident] = ()
    lines: Sequence[LetterLine] = ()
    more: int = 0
    more_path: str = ""
    since: datetime | None = None
    until: datetime | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    views: Sequence[MailedView] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.incidents or self.lines or self.more or self.views)

    @property
    def says_since(self) -> bool:
        """Whether it is of what changed in a span of time."""
        return self.until is not None and bool(self.lines)


def letter_of(dispatch: Dispatch, *, holding_at: datetime | None = None) -> Letter:
    """What `dispatch` says. It is empty when nothing of it is its reader's any more.

    With `holding_at`, an alert leaves out what is over by then.
    """
    if dispatch.kind == DispatchKind.TRIAL:
        path = reverse("phones:mail-settings") if dispatch.person_id else reverse("phones:channels")
        line = LetterLine("It works", "", "This is how what can’t wait will reach you", dispatch.created_at, path, "ok")
        return Letter("A trial from Numberdesk", lines=[line])
    if dispatch.kind == DispatchKind.DIGEST:
        return _digest(dispatch)
    if dispatch.kind == DispatchKind.APPROVAL:
        return _approval(dispatch, only_open=holding_at is not None)
    if dispatch.channel is not None:
        alerts = people.alerts_for_channel(dispatch.channel)
        theirs = people.wabas_for_channel(dispatch.channel)
    elif dispatch.person is not None:
        alerts = Alert.objects.visible_to(dispatch.person)
        theirs = Waba.objects.visible_to(dispatch.person)
    else:
        return Letter("")
    alerts = alerts.filter(recipients__dispatch=dispatch)
    if holding_at is not None:
        alerts = alerts.filter(holding(holding_at))
    return letter_about(alerts.order_by("pk").distinct(), theirs)


def letter_about(alerts: QuerySet[Alert], theirs: QuerySet[Waba] | None) -> Letter:
    """A letter about these alerts, which names no WABA and no client but of the WABAs `theirs`; None stands for all."""
    rows = list(alerts.select_related("number", "waba__client", "credential", "incident__waba", "incident__credential"))
    rows.sort(key=lambda alert: _WORST_FIRST.index(AlertKind(alert.kind)))
    theirs = Waba.objects.all() if theirs is None else theirs
    places = _places([alert.number_id for alert in rows if alert.number_id], theirs)
    by_incident: dict[Incident, list[Alert]] = defaultdict(list)
    alone = []
    for alert in rows:
        if alert.incident is not None and _may_name(alert.incident, theirs):
            by_incident[alert.incident].append(alert)
        else:
            alone.append(alert)
    incidents = [_incident(incident, found, places, theirs) for incident, found in by_incident.items()]
    lines = [_line(alert, places) for alert in alone]
    heads = [one.headline for one in incidents] + [f"{line.what}: {line.sentence}" for line in lines]
    return Letter(words.alert_subject(heads) if heads else "", incidents, lines)


def open_incidents(reader: User) -> list[LetterIncident]:
    """The incidents that go on at clients of `reader`, as far as they may see them. Two statements where none is."""
    going_on = list(Incident.objects.visible_to(reader).open().select_related("waba", "credential").order_by("-pk"))
    if not going_on:
        return []
    alerts = Alert.objects.visible_to(reader).filter(incident__in=going_on)
    letter = letter_about(alerts, Waba.objects.visible_to(reader))
    return list(letter.incidents)


def _approval(dispatch: Dispatch, *, only_open: bool) -> Letter:
    """What waits, or became of it. With `only_open`, once it is decided nothing to others than who asked."""
    reader, approval = dispatch.person, dispatch.approval
    if reader is None or approval is None:
        return Letter("")
    is_own = approval.requested_by_id == reader.pk
    theirs = Approval.objects.waiting_for(reader) if only_open and not is_own else Approval.objects.visible_to(reader)
    if not theirs.filter(pk=approval.pk).exists():
        return Letter("")
    number, place = approval.number, None
    if number is not None:
        place = _places([number.pk], Waba.objects.visible_to(reader)).get(number.pk)
    what = str(number) if number is not None else words.numbers(approval.run.total if approval.run else 0)
    if approval.is_open:
        state, tone = ApprovalState.WAITING, Tone.WAIT
        within = approval.expires_at - approval.requested_at
        said = words.approval_asked(approval.kind, by=str(approval.requested_by), within=within)
    else:
        is_over = approval.state == ApprovalState.WAITING
        state = ApprovalState.EXPIRED if is_over else ApprovalState(approval.state)
        action = approval.action.state if approval.action else ""
        said = words.approval_decided(state, by=str(approval.decided_by or ""), outcome=approval.outcome, action=action)
        is_done = state == ApprovalState.APPROVED and not approval.outcome and action in {"", ActionState.SUCCEEDED}
        tone = Tone.OK if is_done else Tone.WARN
    line = LetterLine(
        what,
        str(place.client) if place else "",
        said,
        approval.requested_at if state == ApprovalState.WAITING else approval.decided_at,
        reverse("phones:approval", args=[approval.pk]),
        tone.value,
        (number.verified_name or "") if number is not None else "",
    )
    return Letter(words.approval_subject(what, approval.kind, state, outcome=approval.outcome), lines=[line])


def _digest(dispatch: Dispatch) -> Letter:
    reader = dispatch.person
    if reader is None:
        return Letter("")
    seen = _seen_of(dispatch, reader)
    lines = [
        LetterLine(
            line["what"],
            line["client"],
            line["sentence"],
            datetime.fromisoformat(line["at"]),
            _path_of(line, dispatch),
            line["tone"],
            line.get("name", ""),
        )
        for line in dispatch.lines
        if _things_in(line) <= seen
    ]
    more = _more_of(dispatch, reader, shown=len(lines))
    views = mailed_views.found_by(dispatch, reader)
    return Letter(
        words.digest_subject(len(lines) + more, views=[(one.name, one.count) for one in views]),
        lines=lines,
        more=more,
        more_path=_changes_of(dispatch),
        since=dispatch.since,
        until=dispatch.until,
        views=views,
    )


def _things_in(line: Mapping[str, Any]) -> set[str]:
    """The Graph ids of the numbers and WABAs that a line of a digest is about."""
    if line.get("number"):
        return {line["number"]}
    return {*line.get("numbers", ()), *line.get("wabas", ())} or {line["waba"]}


def _seen_of(dispatch: Dispatch, reader: User) -> set[str]:
    """Of the ids that a digest names, those that its reader may see now. Two statements."""
    named = set().union(*(_things_in(line) for line in dispatch.lines)) if dispatch.lines else set()
    numbers = PhoneNumber.objects.visible_to(reader).filter(phone_number_id__in=named)
    wabas = Waba.objects.visible_to(reader).filter(waba_id__in=named)
    return {*numbers.values_list("phone_number_id", flat=True), *wabas.values_list("waba_id", flat=True)}


def _path_of(line: Mapping[str, Any], dispatch: Dispatch) -> str:
    if line.get("number"):
        return reverse("phones:number", args=[line["number"]])
    return reverse("phones:waba", args=[line["waba"]]) if line.get("waba") else _changes_of(dispatch)


def _more_of(dispatch: Dispatch, reader: User, *, shown: int) -> int:
    """How many changes beyond its lines a digest is about, as far as its reader may see them now."""
    if not dispatch.more or not dispatch.query:
        return 0
    found: Count = ListQuery.of_json(dispatch.query).opened(reader).filters.known_count or Count(0, is_complete=True)
    return max(0, min(dispatch.more, found.counted - shown))


def _changes_of(dispatch: Dispatch) -> str:
    """The page of all changes that a digest is about."""
    pairs = ListQuery.of_json(dispatch.query).pairs if dispatch.query else ()
    return str(Address(reverse("phones:changes"), pairs))


def _may_name(incident: Incident, theirs: QuerySet[Waba]) -> bool:
    """Whether the cause may be named: a WABA that lists one of the reader's numbers may be someone else's."""
    return incident.waba_id is None or theirs.filter(pk=incident.waba_id).exists()


def _incident(
    incident: Incident, alerts: Sequence[Alert], places: Mapping[int, Waba], theirs: QuerySet[Waba]
) -> LetterIncident:
    count, name = len(alerts), ""
    if incident.cause == IncidentCause.TOKEN and incident.credential is not None:
        count = PhoneNumber.objects.on(theirs.filter(credential=incident.credential)).count()
        name = incident.credential.label
        lines: list[LetterLine] = []
    else:
        name = str(incident.waba or "")
        lines = [_line(alert, places) for alert in alerts[:NAMED]]
    return LetterIncident(
        words.headline(incident.cause, incident.kind, count=count, name=name),
        words.what_next(incident.cause),
        incident.began_at,
        count,
        lines,
        is_over=incident.ended_at is not None,
    )


def _line(alert: Alert, places: Mapping[int, Waba]) -> LetterLine:
    if alert.number is not None:
        waba = places.get(alert.number.pk)
        return LetterLine(
            str(alert.number),
            str(waba.client) if waba else "",
            words.sentence(alert.kind),
            alert.at,
            reverse("phones:number", args=[alert.number.phone_number_id]),
            name=alert.number.verified_name or "",
        )
    if alert.waba is not None:
        path = reverse("phones:waba", args=[alert.waba.waba_id])
        said = words.sentence(alert.kind, of_waba=True)
        return LetterLine(str(alert.waba), str(alert.waba.client), said, alert.at, path)
    return LetterLine(
        str(alert.credential.label if alert.credential else ""),
        "",
        words.sentence(alert.kind),
        alert.at,
        reverse("phones:syncs"),
    )


def _places(numbers: Iterable[int], theirs: QuerySet[Waba]) -> dict[int, Waba]:
    """By number, the one of the WABAs `theirs` that lists it; the one it is on now before others."""
    rows = Listing.objects.current().filter(waba__in=theirs.values("pk"))
    found: dict[int, Waba] = {}
    for row in rows.filter(number__in=list(numbers)).select_related("waba__client", "number"):
        if row.number_id not in found or row.waba_id == row.number.waba_id:
            found[row.number_id] = row.waba
    return found
