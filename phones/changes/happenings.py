"""What happened in a person's book over a time, and how far they have seen it.

Reading is bounded: of a time with more lines of history than `MOST` the newest are read, and the answer says so.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.core.cache import cache
from django.db.models import Q
from django.utils import timezone

from clients.models import User, Waba
from phones.changes.folding import ChangeRow, Happening, fold
from phones.changes.lines import HistoryLine, lines_of
from phones.models import Change, Listing, PhoneNumber
from phones.numbers import rules

MOST = 2_000
# Who has not looked at the changes yet begins with those of a day.
FIRST_LOOK = datetime.timedelta(hours=24)
# How long the count beside "Changes" may lag behind.
COUNT_KEPT_FOR = 30
_OWN = ("pk", "number_id", "waba_id", "kind", "field", "old", "new", "source", "actor_id", "at")
_COLUMNS = (
    *_OWN,
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

    @cached_property
    def worse(self) -> list[Happening]:
        """What got worse and has not got better since."""
        return [one for one in self.found if one.is_worse and not one.is_over]

    def place_of(self, happening: Happening) -> Place | None:
        """Where it is shown: under the WABA of its number if that is the reader's, else under one that is."""
        if happening.numbers:
            return self.numbers[happening.numbers[0]].place
        return self.places.get(happening.waba_id or 0)

    def in_words(self, some: Iterable[Happening]) -> list[HappeningInWords]:
        """`some` of what was found, in words. Two statements at most."""
        chosen = list(some)
        lines = iter(lines_of([change for one in chosen for change in one.changes], self.reader))
        return [
            HappeningInWords(
                one,
                [self.numbers[pk] for pk in one.numbers],
                self.place_of(one),
                _worst_first([next(lines) for _ in one.changes]),
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
    book_of: User | None = None,
    client: int | None = None,
) -> Happenings:
    """What happened to the numbers and WABAs that `user` may see, folded, the worst first. Three statements at most.

    `since` and `until` bound when it happened, `after` is the key of a line behind which it was written down. `book_of`
    narrows it to the clients of another person, `client` to one client (its key).
    """
    rows = Change.objects.visible_to(user)
    if book_of is not None:
        rows = rows.filter(Change.objects.all().in_book_of(book_of))
    if client is not None:
        rows = rows.filter(_of_client(client))
    if after is not None:
        rows = rows.filter(pk__gt=after)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    order = ("-pk",) if since is None and until is None else ("-at", "-pk")
    read = list(rows.order_by(*order).values_list(*_COLUMNS)[: MOST + 1])
    lines = [dict(zip(_COLUMNS, values, strict=True)) for values in read[:MOST]]
    newest = max((line["pk"] for line in lines), default=after or 0)
    found = fold(_change_of(line) for line in lines)
    places = _places_in(lines, user)
    answer = Happenings(user, found, newest, len(read) <= MOST, len(lines), places=places)
    answer.numbers = _numbers_in(lines, places, user)
    return answer


def unseen(user: User, *, book_of: User | None = None, client: int | None = None) -> Happenings:
    """What happened since `user` said that they have seen it; who never did begins with the last day."""
    if user.changes_seen_at is None:
        return happenings(user, since=timezone.now() - FIRST_LOOK, book_of=book_of, client=client)
    return happenings(user, after=user.changes_seen_up_to, book_of=book_of, client=client)


def unseen_count(user: User) -> str:
    """How many happenings `user` has not seen, for beside the link to them: kept for a while, empty where none is."""
    key = _count_key(user)
    kept: str | None = cache.get(key)
    return note_count(user, unseen(user)) if kept is None else kept


def note_count(user: User, found: Happenings) -> str:
    """Keep the count of all that `user` has not seen, which was just read."""
    count = f"{len(found.found):,}{'' if found.is_complete else '+'}" if found.found else ""
    cache.set(_count_key(user), count, COUNT_KEPT_FOR)
    return count


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


def _count_key(user: User) -> str:
    return f"changes-unseen:{user.pk}:{user.changes_seen_up_to}"


def _of_client(client: int) -> Q:
    wabas = Waba.objects.filter(client=client)
    numbers = PhoneNumber.objects.on(wabas).values("pk")
    return Q(number__in=numbers) | Q(number=None, waba__in=wabas.values("pk"))


def _change_of(line: dict[str, Any]) -> ChangeRow:
    platform = _Platform(line["number__status"], line["number__platform_type"])
    own = {name: line[name] for name in _OWN}
    return ChangeRow(**own, is_registered=rules.is_registered(platform))


def _places_in(lines: Sequence[dict[str, Any]], user: User) -> dict[int, Place]:
    """The WABAs that `lines` name and `user` may see, by key."""
    places = {
        pk: Place(pk, line[f"{path}__waba_id"], line[f"{path}__name"] or line[f"{path}__waba_id"], client, client_name)
        for line in lines
        for path, pk in (("number__waba", line["number__waba_id"]), ("waba", line["waba_id"]))
        if pk is not None
        for client, client_name in ((line[f"{path}__client"], line[f"{path}__client__name"]),)
    }
    visible = Waba.objects.visible_to(user).filter(pk__in=places).values_list("pk", flat=True) if places else ()
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
