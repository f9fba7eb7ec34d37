"""What changed over the whole book, since a person last looked or over days: one line a happening, worst first."""

from collections import Counter
from dataclasses import dataclass
from typing import cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clients import roles
from clients.models import Waba
from phones.changes.change_list import WORST, ChangeList
from phones.changes.folding import Happening
from phones.changes.happenings import HappeningInWords
from phones.changes.period import NAMED, NEW
from phones.changes.seen import have_seen, have_seen_all, keep_count
from phones.changes.verdict import TOPICS, Direction, Topic
from phones.views.list_page import render_list
from phones.views.no_role import NO_ROLE
from phones.views.request import DeskRequest, way_back
from portal.web.addresses import Address, row_key
from portal.web.list_parts import EmptyState
from portal.web.query import Selection, UnusableQueryError

CLIENTS_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the times, or one of the topics, to choose from. `count` is empty where it is not known."""

    label: str
    address: Address
    is_current: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class ClientOption:
    pk: str
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The happenings of one page that went the same way; all of them, without a title, where it is sorted by time."""

    title: str
    rows: list[HappeningInWords]


@require_safe
def changes(request: DeskRequest) -> HttpResponse:
    found = ChangeList(request.GET, request.user)
    if found.is_all_that_is_new:
        keep_count(request.user, len(found.matching), is_complete=found.happenings.is_complete)
    context = {
        "actions": "changes/seen_button.html",
        "empty": _why_empty(found),
        "sections": _sections(found),
        "periods": _periods(found),
        "topics": _topics(found),
        "worse": _worse_only(found),
        "worse_count": _worse_count(found),
        "clients": _clients(found),
        "seen": found.options("seen"),
        "day": found.data.get("day", ""),
        "until": found.data.get("until", ""),
        "today": timezone.localdate(),
        "kept": found.kept_besides({"q", "client", "day", "until", "seen"}),
    }
    return render_list(request, "changes/page.html", found, context)


@require_POST
def seen(request: DeskRequest) -> HttpResponse:
    """Note that the person has seen the happenings that the form chooses, as far as the page showed them."""
    up_to, lines = row_key(request.POST.get("up_to", "")), row_key(request.POST.get("lines", ""))
    back = HttpResponseRedirect(way_back(request, "phones:changes"))
    try:
        chosen = Selection.of_form(request.POST, ChangeList.name, request.user)
    except UnusableQueryError as error:
        messages.error(request, f"Nothing was noted. {error}")
        return back
    if up_to is None or lines is None:
        messages.error(request, "This form was not made by the desk. Nothing was noted.")
        return back
    found = cast("ChangeList", chosen.query.opened(request.user))
    by_now = [change.pk for one in found.happenings.found for change in one.changes]
    # A transaction may bring in lower keys after higher ones.
    if found.happenings.is_complete and sum(pk <= up_to for pk in by_now) > lines:
        messages.warning(request, "More came in while you read. Here is all of it; nothing was noted yet.")
    elif chosen.keys is None and not chosen.without and found.is_all_that_is_new:
        have_seen_all(user=request.user, up_to=up_to)
        messages.success(request, "Noted. From now on you see here what is newer.")
    else:
        some = found.matching if chosen.keys is None else found.with_lines(chosen.keys)
        unticked = found.with_lines(chosen.without)
        some = [one for one in some if one not in unticked]
        count = have_seen(user=request.user, some=some, up_to=up_to)
        messages.success(request, f"Noted: you have seen {count:,} {'change' if count == 1 else 'changes'}.")
    return back


def _why_empty(found: ChangeList) -> EmptyState | None:
    if roles.role_of(found.person) is None:
        return NO_ROLE
    if found.matching:
        return None
    if found.is_narrowed:
        plain = Address(found.address.path, tuple(pair for pair in found.address.pairs if pair[0] in _TIME))
        return EmptyState("No change fits", "No change of this time has all of this.", "Clear all", str(plain))
    if not Waba.objects.visible_to(found.person).exists():
        return EmptyState("No changes yet", "What happens to numbers and WABAs of yours will stand here.")
    if found.filters.period.is_new:
        week = str(found.address.setting("since", "week"))
        return EmptyState("Nothing new", "Nothing has changed since you last looked.", "Look at 7 days", week)
    return EmptyState("Nothing changed", "No number and no WABA of yours changed in this time.")


_TIME = ("since", "day", "until")


def _sections(found: ChangeList) -> list[Section]:
    titles: dict[str, list[HappeningInWords]] = {}
    for one in found.rows:
        title = _title_of(one.happening) if found.order.name == WORST.name else ""
        titles.setdefault(title, []).append(one)
    return [Section(title, rows) for title, rows in titles.items()]


def _title_of(happening: Happening) -> str:
    if happening.is_over:
        return "Got worse, and better again"
    return {Direction.WORSE: "Got worse", Direction.BETTER: "Got better"}.get(
        happening.verdict.direction, "Other changes"
    )


def _periods(found: ChangeList) -> list[Tab]:
    plain = found.address
    for name in (*_TIME, "written"):
        plain = plain.setting(name)
    return [
        Tab(label, plain if value == NEW else plain.setting("since", value), found.filters.period.value == value)
        for value, label in NAMED.items()
    ]


def _topics(found: ChangeList) -> list[Tab]:
    """What the changes of this time are about, each with how many there are."""
    counts = Counter(topic for one in found.happenings.found for topic in one.topics)
    chosen = found.address.values("topic")
    shown = [topic for topic in TOPICS if counts[topic] or topic.value in chosen]
    everything = Tab("Everything", found.address.setting("topic"), not chosen, f"{len(found.happenings.found):,}")
    return [everything, *(_topic(found, topic, counts[topic], is_chosen=topic.value in chosen) for topic in shown)]


def _topic(found: ChangeList, topic: Topic, count: int, *, is_chosen: bool) -> Tab:
    return Tab(TOPICS[topic], found.address.setting("topic", topic.value), is_chosen, f"{count:,}")


def _worse_only(found: ChangeList) -> Tab:
    """The way to what got worse only, and back."""
    is_chosen = bool(found.address.values("worse"))
    values = [] if is_chosen else ["yes"]
    return Tab("Worse only", found.address.setting("worse", *values), is_chosen, f"{len(found.happenings.worse):,}")


def _worse_count(found: ChangeList) -> str:
    """How many of them are for the worse, where that is not said already."""
    is_said = bool(found.address.values("worse"))
    count = 0 if is_said else sum(one.got_worse for one in found.matching)
    return f"{count:,}" if count else ""


def _clients(found: ChangeList) -> list[ClientOption]:
    """The clients that something happened to, with how much, by name, and those that are chosen."""
    counts: Counter[str] = Counter()
    names: dict[str, str] = {}
    for one in found.happenings.found:
        of_one = {str(pk): name for pk, name in found.happenings.clients_of(one).items()}
        names |= of_one
        counts.update(of_one.keys())
    chosen = found.address.values("client")
    offered = {pk for pk, _ in counts.most_common(CLIENTS_OFFERED)} | set(chosen)
    options = [
        ClientOption(pk, names.get(pk) or found.filters.filters["client"].words(pk), counts[pk], pk in chosen)
        for pk in offered
    ]
    return sorted(options, key=lambda option: (option.name.casefold(), option.pk))
