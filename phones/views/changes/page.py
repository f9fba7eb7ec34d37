"""What changed over the whole book, since a person last looked or since a day: one line a happening, worst first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clients import roles
from clients.models import User
from phones.changes.folding import Happening
from phones.changes.happenings import (
    MOST,
    HappeningInWords,
    Happenings,
    acknowledge,
    happenings,
    unseen,
)
from phones.changes.verdict import TOPICS, Direction, Topic
from phones.views.changes.period import NAMED, NEW, Period, period_of
from phones.views.no_role import NO_ROLE
from phones.views.request import DeskRequest
from portal.web.addresses import Address, clamped, row_key
from portal.web.listing import Chip, EmptyState
from portal.web.news import SHOWN

PER_PAGE = 50
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
    pk: int
    name: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The happenings of one page that went the same way."""

    title: str
    rows: list[HappeningInWords]


class ChangesPage:
    """What an address asks for, and what is found there for `reader`."""

    def __init__(self, data: QueryDict, reader: User) -> None:
        self.reader = reader
        self.period: Period = period_of(data.get("since", ""), data.get("day", ""))
        self.topic = data.get("topic", "") if data.get("topic", "") in TOPICS else ""
        self.worse_only = data.get("worse", "") == "yes"
        self.client = row_key(data.get("client", ""))
        self._page = clamped(data.get("page", ""), default=1, least=1, most=MOST // PER_PAGE + 1)

    @property
    def address(self) -> Address:
        pairs = [
            ("since", "" if self.period.is_new else self.period.value),
            ("day", self.period.day.isoformat() if self.period.day else ""),
            ("client", "" if self.client is None else str(self.client)),
            ("topic", self.topic),
            ("worse", "yes" if self.worse_only else ""),
        ]
        return Address(reverse("phones:changes"), tuple((name, value) for name, value in pairs if value))

    @cached_property
    def found(self) -> Happenings:
        if self.period.is_new:
            return unseen(self.reader, client=self.client)
        return happenings(self.reader, since=self.period.since, client=self.client)

    @cached_property
    def matching(self) -> list[Happening]:
        chosen = self.found.worse if self.worse_only else self.found.found
        return [one for one in chosen if not self.topic or self.topic in one.topics]

    # What is shown of it.

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.matching) // PER_PAGE))

    @property
    def page(self) -> int:
        return min(self._page, self.pages)

    @cached_property
    def sections(self) -> list[Section]:
        start = (self.page - 1) * PER_PAGE
        titles: dict[str, list[HappeningInWords]] = {}
        for one in self.found.in_words(self.matching[start : start + PER_PAGE]):
            titles.setdefault(_title_of(one.happening), []).append(one)
        return [Section(title, rows) for title, rows in titles.items()]

    @property
    def previous(self) -> Address | None:
        return self.address.setting("page", str(self.page - 1)) if self.page > 1 else None

    @property
    def next(self) -> Address | None:
        return self.address.setting("page", str(self.page + 1)) if self.page < self.pages else None

    @property
    def count(self) -> str:
        more = "" if self.found.is_complete else "+"
        return f"{len(self.matching):,}{more} {'change' if len(self.matching) == 1 else 'changes'}"

    @property
    def worse_count(self) -> str:
        """How many of them are for the worse, where that is not said already."""
        count = 0 if self.worse_only else sum(one.is_worse and not one.is_over for one in self.matching)
        return f"{count:,}" if count else ""

    @property
    def may_acknowledge(self) -> bool:
        """Only all that is new can be acknowledged at once, so only where all of it is shown."""
        return self.period.is_new and not self.is_narrowed and bool(self.found.found)

    @property
    def is_narrowed(self) -> bool:
        return self.worse_only or bool(self.topic) or self.client is not None

    @property
    def news(self) -> Address:
        """Where the open page asks how much has happened since: behind the newest line of history that it rests on."""
        return self.address.at(reverse("phones:changes-news")).setting(SHOWN, str(self.found.newest))

    @property
    def files(self) -> list[tuple[str, Address]]:
        """The files of all that matches: what each is called, and where it is."""
        names = (("CSV", "export"), ("Excel", "export-excel"))
        return [(label, self.address.at(reverse(f"phones:changes-{name}"))) for label, name in names]

    # What can be chosen.

    @property
    def periods(self) -> list[Tab]:
        plain = self.address.setting("day").setting("since")
        return [
            Tab(label, plain if value == NEW else plain.setting("since", value), self.period.value == value)
            for value, label in NAMED.items()
        ]

    @property
    def worse(self) -> Tab:
        """The way to what got worse only, and back."""
        values = [] if self.worse_only else ["yes"]
        return Tab("Worse only", self.address.setting("worse", *values), self.worse_only, f"{len(self.found.worse):,}")

    @property
    def topics(self) -> list[Tab]:
        counts = Counter(topic for one in self.found.found for topic in one.topics)
        chosen = Topic(self.topic) if self.topic else None
        shown = [topic for topic in TOPICS if counts[topic] or topic == chosen]
        everything = Tab("Everything", self.address.setting("topic"), not self.topic, f"{len(self.found.found):,}")
        return [
            everything,
            *(
                Tab(TOPICS[topic], self.address.setting("topic", topic.value), topic == chosen, f"{counts[topic]:,}")
                for topic in shown
            ),
        ]

    @cached_property
    def clients(self) -> list[ClientOption]:
        """The clients that something happened to, with how much, by name."""
        places = [place for one in self.found.found if (place := self.found.place_of(one)) is not None]
        counts = Counter(place.client_pk for place in places)
        names = {place.client_pk: place.client for place in places}
        chosen = sorted(counts.most_common(CLIENTS_OFFERED), key=lambda pair: names[pair[0]].casefold())
        return [ClientOption(pk, names[pk], count, pk == self.client) for pk, count in chosen]

    @property
    def chips(self) -> list[Chip]:
        found = []
        if self.client is not None:
            name = next((option.name for option in self.clients if option.is_chosen), str(self.client))
            found.append(Chip("Client", name, str(self.client), self.address.setting("client")))
        if self.period.day is not None:
            day = self.period.day
            found.append(Chip("Since", f"{day:%-d %b %Y}", day.isoformat(), self.address.setting("day")))
        return found

    @property
    def more_chips(self) -> int:
        return 0

    @property
    def notes(self) -> list[str]:
        notes = [self.period.note] if self.period.note else []
        if not self.found.is_complete:
            notes.append(
                f"More than {MOST:,} lines of history: only the newest are looked at. "
                "Choose a client or a shorter time to see all."
            )
        return notes

    @property
    def kept(self) -> Sequence[tuple[str, str]]:
        """What the form of the client and the day has no field for."""
        return [pair for pair in self.address.pairs if pair[0] not in {"client", "day"}]

    @property
    def empty(self) -> EmptyState | None:
        if roles.role_of(self.reader) is None:
            return NO_ROLE
        if self.matching:
            return None
        if self.is_narrowed:
            plain = self.address.setting("client").setting("topic").setting("worse")
            return EmptyState("Nothing like this", "No change of this time matches.", "Show all changes", str(plain))
        week = str(self.address.setting("since", "week"))
        if self.period.is_new:
            return EmptyState("Nothing new", "Nothing has changed since you last looked.", "Look at 7 days", week)
        return EmptyState("Nothing changed", "No number and no WABA of yours changed in this time.")


def _title_of(happening: Happening) -> str:
    if happening.is_over:
        return "Got worse, and better again"
    return {Direction.WORSE: "Got worse", Direction.BETTER: "Got better"}.get(
        happening.verdict.direction, "Other changes"
    )


@require_safe
def changes(request: DeskRequest) -> HttpResponse:
    found = ChangesPage(request.GET, request.user)
    return render(request, "changes/page.html", {"list": found, "empty": found.empty, "today": timezone.localdate()})


@require_POST
def seen(request: DeskRequest) -> HttpResponse:
    """Note that the person has seen what the page showed."""
    up_to, lines = row_key(request.POST.get("up_to", "")), row_key(request.POST.get("lines", ""))
    if up_to is None or lines is None:
        messages.error(request, "This form was not made by the desk. Nothing was noted.")
    elif acknowledge(user=request.user, up_to=up_to, lines=lines):
        messages.success(request, "Noted. From now on you see here what is newer.")
    else:
        messages.warning(request, "More came in while you read. Here is all of it; nothing was noted yet.")
    return HttpResponseRedirect(reverse("phones:changes"))
