"""What happened in a person's book over a time, and how far they have seen it.

Reading is bounded: of a time with more lines of history than `MOST` the newest are read, and the answer says so.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypedDict, Unpack

from django.core.cache import cache
from django.utils import timezone

from clients import roles
from clients.models import User, Waba
from clients.querysets import looked_after_by
from phones.changes import folding
from phones.changes.folding import ChangeRow, Happening, fold
from phones.changes.lines import HistoryLine, lines_of
from phones.choices import Source
from phones.models import Change, Listing
from phones.numbers import rules
from phones.querysets import ChangeQuerySet

MOST = 1_500
# How far they are counted beside the link to them.
COUNTED = 500
# Who has not looked at the changes yet begins with those of a day.
FIRST_LOOK = datetime.timedelta(hours=24)
# How long the count beside "Changes" may lag behind.
COUNT_KEPT_FOR = 30
_OWN = ("pk", "number_id", "waba_id", "kind", "field", "old", "new", "source", "actor_id", "at")
_COLUMNS = (
    *_OWN,
    *(f"actor__{name}" for name in ("first_name", "last_name", "username")),
    *(f"number__{name}" for name in ("status", "platform_type", "phone_number_id", "display_phone_number", "waba_id")),
    *(f"{path}__{name}" for path in ("number__waba", "waba") for name in ("name", "waba_id", "client", "client__name")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """The WABA and the client that a happening is shown under."""

    pk: int
    waba_id: str
    name: str
    client_pk: int
    client: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class NamedNumber:
    """A number that a happening is about, and where the person sees it."""

    pk: int
    phone_number_id: str
    display: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class HappeningInWords:
    """A happening in words: the numbers it is about, where, and its lines, the worst first."""

    happening: Happening
    numbers: list[NamedNumber]
    place: Place | None
    lines: list[HistoryLine]
    by: str = ""

    @property
    def sources(self) -> str:
        """Where it came from, in the order in which it came: "event from Meta, then sync"."""
        named = dict.fromkeys(str(Source(change.source).label) for change in self.happening.changes)
        return ", then ".join(named)


@dataclass(frozen=True, slots=True)
class _Platform:
    status: str | None
    platform_type: str | None


@dataclass
class Happenings:
    """What was found, the worst first. `newest`: the key of the newest line; `is_complete`: no line was left out."""

    reader: User
    found: list[Happening]
    newest: int
    is_complete: bool
    lines_read: int
    numbers: dict[int, NamedNumber] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    people: dict[int, str] = field(default_factory=dict)

    @cached_property
    def worse(self) -> list[Happening]:
        """What got worse and has not got better since."""
        return [one for one in self.found if one.is_worse and not one.is_over]

    def place_of(self, happening: Happening) -> Place | None:
        """Where it is shown: under the WABA of its number if that is the reader's, else under one that is."""
        if happening.numbers:
            return self.numbers[happening.numbers[0]].place
        return self.places.get(happening.waba_id or 0)

    def _by_whom(self, happening: Happening) -> str:
        people = (self.people.get(change.actor_id or 0, "") for change in happening.changes)
        return ", ".join(dict.fromkeys(filter(None, people)))

    def in_words(self, some: Iterable[Happening]) -> list[HappeningInWords]:
        """`some` of what was found, in words. A statement where one names a WABA or an id of a number; else none."""
        chosen = list(some)
        lines = iter(lines_of([change for one in chosen for change in one.changes], self.reader, known=self.places))
        return [
            HappeningInWords(
                one,
                [self.numbers[pk] for pk in one.numbers],
                self.place_of(one),
                _worst_first([next(lines) for _ in one.changes]),
                self._by_whom(one),
            )
            for one in chosen
        ]


def _worst_first(lines: Sequence[HistoryLine]) -> list[HistoryLine]:
    order = {"bad": 0, "warn": 1, "act": 2}
    return sorted(lines, key=lambda line: order.get(line.tone, 3))


def happenings(
    user: User,
    *,
    since: datetime.datetime | None = None,
    until: datetime.datetime | None = None,
    after: int | None = None,
    up_to: int | None = None,
    owner: User | None = None,
    book_of: User | None = None,
    client: int | None = None,
    most: int = MOST,
) -> Happenings:
    """What happened to the numbers and WABAs that `user` may see, folded, the worst first. Three statements at most.

    `since` and `until` bound when it happened; `after` and `up_to` are keys of lines, and bound when it was written.
    `owner` narrows it to the clients that this person owns, `book_of` to those they own or cover, `client` to one
    client (its key). At most the `most` newest lines are read.
    """
    rows = _lines(user, since=since, until=until, after=after, up_to=up_to)
    if owner is not None:
        rows = rows.about(Waba.objects.filter(client__owner=owner))
    if book_of is not None:
        rows = rows.about(Waba.objects.filter(looked_after_by(book_of, "client")))
    if client is not None:
        rows = rows.about(Waba.objects.filter(client=client))
    read = list(rows.values_list(*_COLUMNS)[: most + 1])
    lines = [dict(zip(_COLUMNS, values, strict=True)) for values in read[:most]]
    newest = max((line["pk"] for line in lines), default=after or 0)
    found = fold(_change_of(line) for line in lines)
    places = _places_in(lines, user)
    answer = Happenings(user, found, newest, len(read) <= most, len(lines), places=places)
    answer.numbers = _numbers_in(lines, places, user)
    answer.people = {line["actor_id"]: _name_of_actor(line) for line in lines if line["actor_id"] is not None}
    return answer


def unseen(user: User, *, owner: User | None = None, client: int | None = None, most: int = MOST) -> Happenings:
    """What happened since `user` said that they have seen it; who never did begins with the last day."""
    found = happenings(user, **_unseen_by(user), owner=owner, client=client, most=most)
    if owner is None and client is None:
        _keep_count(user, len(found.found), is_complete=found.is_complete)
    return found


def written_after(
    user: User,
    key: int,
    *,
    since: datetime.datetime | None = None,
    owner: User | None = None,
    client: int | None = None,
) -> Happenings:
    """What happened by lines written behind the one with this key (0: behind none): since `since`, or else not seen."""
    bounds: _Bounds = _unseen_by(user) if since is None else {"since": since}
    bounds["after"] = max(bounds.get("after") or 0, key)
    return happenings(user, **bounds, owner=owner, client=client)


def unseen_count(user: User) -> str:
    """How many happenings `user` has not seen, for beside the link to them: kept for a while, empty where none is."""
    kept: str | None = cache.get(_count_key(user))
    if kept is not None:
        return kept
    lines = list(_lines(user, **_unseen_by(user)).values_list(*_OWN)[: COUNTED + 1])
    counted = folding.count(ChangeRow(*line) for line in lines[:COUNTED])
    return _keep_count(user, counted, is_complete=len(lines) <= COUNTED)


def _keep_count(user: User, counted: int, *, is_complete: bool) -> str:
    count = f"{counted:,}{'' if is_complete else '+'}" if counted else ""
    cache.set(_count_key(user), count, COUNT_KEPT_FOR)
    return count


def _count_key(user: User) -> str:
    return f"changes-unseen:{roles.sight_key(user)}:{user.changes_seen_up_to}"


def acknowledge(*, user: User, up_to: int, lines: int) -> bool:
    """Note that `user` has seen what was written down up to the key `up_to`: `lines` lines of history.

    False, and nothing is noted, where there are more by now: a transaction may bring in lower keys after higher ones.
    """
    newer = unseen(user)
    seen = sum(change.pk <= up_to for one in newer.found for change in one.changes)
    if newer.is_complete and seen != lines:
        return False
    user.changes_seen_up_to = max(up_to, user.changes_seen_up_to)
    user.changes_seen_at = timezone.now()
    user.save(update_fields=["changes_seen_up_to", "changes_seen_at"])
    return True


class _Bounds(TypedDict, total=False):
    since: datetime.datetime | None
    until: datetime.datetime | None
    after: int | None
    up_to: int | None


def _unseen_by(user: User) -> _Bounds:
    if user.changes_seen_at is None:
        return {"since": timezone.now() - FIRST_LOOK}
    return {"after": user.changes_seen_up_to}


def _lines(user: User, **bounds: Unpack[_Bounds]) -> ChangeQuerySet:
    """The lines of history within `bounds` that `user` may see, newest first."""
    rows = Change.objects.visible_to(user)
    since, until, after, up_to = (bounds.get(name) for name in ("since", "until", "after", "up_to"))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    if up_to is not None:
        rows = rows.filter(pk__lte=up_to)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return rows.order_by("-pk") if since is None and until is None else rows.order_by("-at", "-pk")


def _change_of(line: dict[str, Any]) -> ChangeRow:
    platform = _Platform(line["number__status"], line["number__platform_type"])
    own = {name: line[name] for name in _OWN}
    return ChangeRow(**own, is_registered=rules.is_registered(platform))


def _name_of_actor(line: dict[str, Any]) -> str:
    full_name = f"{line['actor__first_name']} {line['actor__last_name']}".strip()
    return full_name or str(line["actor__username"])


def _places_in(lines: Sequence[dict[str, Any]], user: User) -> dict[int, Place]:
    """The WABAs that `lines` name and `user` may see, by key."""
    places = {
        pk: Place(pk, line[f"{path}__waba_id"], line[f"{path}__name"] or line[f"{path}__waba_id"], client, client_name)
        for line in lines
        for path, pk in (("number__waba", line["number__waba_id"]), ("waba", line["waba_id"]))
        if pk is not None
        for client, client_name in ((line[f"{path}__client"], line[f"{path}__client__name"]),)
    }
    if roles.sees_everything(user) or not places:
        return places
    visible = Waba.objects.visible_to(user).filter(pk__in=places).values_list("pk", flat=True)
    return {pk: places[pk] for pk in visible}


def _numbers_in(lines: Sequence[dict[str, Any]], places: dict[int, Place], user: User) -> dict[int, NamedNumber]:
    named = {line["number_id"]: line for line in lines if line["number_id"] is not None}
    elsewhere = _other_places([pk for pk, line in named.items() if line["number__waba_id"] not in places], user)
    return {
        pk: NamedNumber(
            pk,
            line["number__phone_number_id"],
            line["number__display_phone_number"] or line["number__phone_number_id"],
            places.get(line["number__waba_id"]) or elsewhere.get(pk),
        )
        for pk, line in named.items()
    }


def _other_places(numbers: Sequence[int], user: User) -> dict[int, Place]:
    """Where `user` sees numbers that are under a WABA which is not theirs. No statement where there are none."""
    if not numbers:
        return {}
    listings = Listing.objects.visible_to(user).filter(number__in=numbers).order_by("-pk")
    return {
        listing.number_id: Place(
            listing.waba_id, listing.waba.waba_id, str(listing.waba), listing.waba.client_id, listing.waba.client.name
        )
        for listing in listings.select_related("waba__client")
    }
