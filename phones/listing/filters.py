"""From the list's address to the numbers it means. The parameters are public; nothing is written here.

A condition can be put in two ways. Open, so that the database finds the rows by an index: best while few match. Or
hidden from the planner, which then reads the index of the sort and tests row after row: best where many match, because
a page is full soon. Neither database chooses well between the two by itself.
"""

from __future__ import annotations

import functools
import hashlib
import operator
from collections.abc import Callable
from typing import Any

from django.core.cache import cache
from django.db import connections
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from clients import roles
from clients.filters import ClientFilter, CoverFilter, LabelFilter, OwnerFilter, WatchedFilter
from clients.models import Client, ClientLabel, ClientWatch, Waba
from phones.choices import REGISTERED
from phones.listing import search, search_index
from phones.listing.columns import COLUMNS
from phones.listing.counts import ALL, COUNTED, recent_counts
from phones.listing.queues import QUEUES
from phones.listing.search import hidden
from phones.listing.value_filters import ExactFilter, RegisteredFilter, StageFilter, TraitFilter
from phones.models import Listing, NumberLabel, NumberWatch, PhoneNumber
from phones.numbers.search import LONGEST_NEEDLE, MOST_NEEDLES, Needle, needles_of
from phones.querysets import keys_of, listed_on, of_clients, on_wabas
from portal.web.counts import counts_of
from portal.web.filters import DayFilter, ListFilter, ListFilters, Rows
from portal.web.keys import OneOf
from portal.web.keyset import Count

# More WABAs than this are named in a query by their condition, not one by one.
_MANY_WABAS = 10_000
# A word that more numbers have in their own text is looked for in one row after the other.
_COMMON = 20_000
_COMMON_KEPT_FOR = 60 * 60
_COUNTED_OF_COMMON = 1_000

Numbers = QuerySet[PhoneNumber]


class _OnWabas(ListFilter):
    """Its condition is one on WABAs: the numbers that are on such a one."""

    def condition(self, values: list[str]) -> Q | None:
        wabas = super().condition(values)
        return wabas and self.parent.on(wabas)


class _OfClients(ListFilter):
    """Its condition is one on clients: the numbers that are of such a one."""

    def condition(self, values: list[str]) -> Q | None:
        clients = super().condition(values)
        return clients and self.parent.of(clients)


class _OfClient(_OfClients, ClientFilter):
    pass


class _OfOwner(_OfClients, OwnerFilter):
    pass


class _OfCover(_OfClients, CoverFilter):
    pass


class _Labelled(LabelFilter):
    """A number is found by its own labels, as far as the person sees them, and by those of its client."""

    def labelled(self, keys: list[int]) -> Q:
        own = NumberLabel.objects.visible_to(self.parent.person).filter(label__in=keys).order_by().values("number")
        of_client = ClientLabel.objects.filter(label__in=keys).order_by().values("client")
        either: Q = self.parent.own_or_of(own, Q(pk__in=of_client))
        return either


class _Watched(WatchedFilter):
    """A number that the person watches, or whose client they watch."""

    def watched(self) -> Q:
        person = self.parent.person.pk
        clients = ClientWatch.objects.filter(person=person).values("client")
        own = NumberWatch.objects.filter(person=person).values("number")
        either: Q = self.parent.own_or_of(own, Q(pk__in=clients))
        return either


class _InQueue(ListFilter):
    def condition(self, values: list[str]) -> Q | None:
        either = Q()
        for value in values:
            queue = QUEUES.get(value)
            if queue is None:
                self.parent.say(f"There is no queue “{value[:50]}”. There are: {', '.join(QUEUES)}.")
            elif queue.numbers:
                either |= queue.numbers(timezone.now())
            elif queue.wabas:
                either |= self.parent.on(queue.wabas())
        return either or None


_MOVES = [("us", "us"), ("client", "the client"), ("meta", "Meta"), ("nobody", "nobody")]


class _Search(ListFilter):
    def filter(self, rows: Numbers, values: list[str]) -> Numbers:
        for needle in self.parent.needles if values else ():
            rows = self.parent.narrow(rows, self.parent.found(needle))
        return rows


class SearchFilter(ListFilter):
    """The search box of a list that is not of numbers. `condition_of` is what each word of it asks of a row."""

    def __init__(self, condition_of: Callable[[Needle], Q]) -> None:
        super().__init__(label="Search")
        self.condition_of = condition_of

    def filter(self, rows: Rows, values: list[str]) -> Rows:
        for needle in needles_of(" ".join(values))[:MOST_NEEDLES]:
            rows = rows.filter(self.condition_of(needle))
        return rows


class NumberFilters(ListFilters):
    """The numbers that `person` may see and the address asks for.

    `qs` puts the conditions openly, `walked` hides them (see above).
    """

    queue = _InQueue(label="Queue", choices=[(name, queue.label) for name, queue in QUEUES.items()])
    status = ExactFilter()
    code_verification_status = ExactFilter()
    name_status = ExactFilter()
    new_name_status = ExactFilter()
    quality_rating = ExactFilter()
    platform_type = ExactFilter()
    throughput = ExactFilter()
    account_mode = ExactFilter()
    messaging_limit = ExactFilter()
    stage = StageFilter()
    may_send = ExactFilter()
    move = ListFilter("move", label="Waits for", choices=_MOVES)
    registered = RegisteredFilter(choices=[(value, status.label) for value, status in REGISTERED.items()])
    username = TraitFilter("username")
    profile = TraitFilter("profile")
    calling = TraitFilter("calling")
    is_official_business_account = TraitFilter("is_official_business_account")
    register_by = DayFilter("registration_deadline", label="Register by")
    client = _OfClient("pk", label="Client")
    waba = _OnWabas("waba_id", label="WABA")
    portfolio = _OnWabas("owner_business_id", label="Portfolio")
    owner = _OfOwner("owner", label="Account manager")
    cover = _OfCover("cover", label="Cover")
    label = _Labelled(label="Label")
    watched = _Watched(label="Watched")
    q = _Search(label="Search")

    def __init__(self, data: QueryDict, rows: Numbers, person: roles.Person) -> None:
        super().__init__(data, rows, person)
        self.walking = False
        self.is_sqlite = connections[self.queryset.db].vendor == "sqlite"

    @cached_property
    def walked(self) -> Numbers:
        """The same numbers as `qs`, for reading a page of many along the index of the sort."""
        self.errors  # noqa: B018 - reading them validates the form, which filtering needs
        self.walking = True
        rows: Numbers = self.filter_queryset(self.queryset.all())
        self.walking = False
        return rows

    @cached_property
    def needles(self) -> tuple[Needle, ...]:
        typed = " ".join(self.data.getlist("q"))
        if len(typed) > LONGEST_NEEDLE:
            self.say(f"Only the first {LONGEST_NEEDLE} characters are searched for.")
        needles = needles_of(typed)
        if len(needles) > MOST_NEEDLES:
            self.say(f"Only the first {MOST_NEEDLES} words are searched for.")
        return needles[:MOST_NEEDLES]

    @cached_property
    def is_narrowed(self) -> bool:
        asked = self.form.cleaned_data if self.form.is_valid() else {}
        return bool(self.needles) or any(values for name, values in asked.items() if name != "q")

    def label_of(self, name: str) -> str:
        """A filter on a column is called as its head is."""
        return COLUMNS[name].label if name in COLUMNS else super().label_of(name)

    def narrow(self, rows: Numbers, condition: Q) -> Numbers:
        return rows.filter(hidden(condition) if self.walking else condition)

    def on(self, wabas: Q) -> Q:
        """The condition "it is on one of these WABAs, which the person may see"."""
        theirs = Waba.objects.visible_to(self.person).filter(wabas)
        return on_wabas(theirs, further=self.sees_further) if self.walking else Q(pk__in=listed_on(theirs))

    @property
    def sees_further(self) -> bool:
        return roles.may_see_further(self.person)

    def of(self, clients: Q) -> Q:
        """The condition "it is of one of these clients, which the person may see"."""
        theirs = Client.objects.visible_to(self.person).filter(clients)
        if self.walking or not self.sees_further:
            return of_clients(theirs, further=self.sees_further)
        return Q(pk__in=PhoneNumber.objects.of(theirs).order_by().values("pk"))

    def own_or_of(self, own: QuerySet[Any, Any], clients: Q) -> Q:
        """The condition "its key is one of `own`, or it is of one of these clients"."""
        if self.walking:
            return Q(pk__in=own) | self.of(clients)
        return Q(pk__in=own.union(*keys_of(Client.objects.visible_to(self.person).filter(clients))))

    def found(self, needle: Needle) -> Q:
        """The condition "the search box means this number by `needle`"."""
        either = search.in_number(needle, indexed=self.is_sqlite and not self.walking and self._is_indexed)
        named = self._named.get(needle)
        by_waba = Q() if named is None else on_wabas(named, further=self.sees_further)
        if not self.walking and needle in self._common:
            # Row after row, as of a sort: the first thousand are together soon, but not of those that have two words.
            is_rare = len(self.needles) > 1 and not isinstance(named, QuerySet)
            return either | by_waba if is_rare else Q(hidden(either | by_waba))
        are_long = all(len(text) >= search_index.SHORTEST for text in needle.contains)
        if named is None or self.is_sqlite or self.walking or not are_long:
            return either | by_waba
        # PostgreSQL uses no index for "this or in that query", but does for one query made of several.
        rows = PhoneNumber.objects.order_by().values("pk")
        parts: list[QuerySet[Any, Any]] = [rows.filter(on_wabas(named, further=False))]
        if self.sees_further:
            parts.append(Listing.objects.filter(on_wabas(named, further=False), is_further=True).values("number"))
        return Q(pk__in=rows.filter(either).union(*parts))

    @property
    def kept_count(self) -> Count | None:
        """Of all numbers, or of one queue, as counted within the last minute."""
        asked = {name for name, values in self.form.cleaned_data.items() if values} if self.form.is_valid() else {""}
        queues = self.data.getlist("queue")
        if asked - {"queue"} or len(queues) > 1 or not self.reads_ahead:
            return None
        count = recent_counts(self.person).get(queues[0] if asked else ALL)
        return count if count is not None and count.is_complete and count.counted > COUNTED else None

    @property
    def counted_at_most(self) -> int | None:
        """Of a word that very many have, a thousand are soon together; ten thousand are not."""
        return _COUNTED_OF_COMMON if self._common else None

    @cached_property
    def _common(self) -> frozenset[Needle]:
        """The needles that so many numbers have in their own text that an index takes longer than a look at each.

        Whether a word is one of these is kept for a while.
        """
        words = {_key_of(needle): needle for needle in self.needles if needle.name}
        if self.is_sqlite or not words or self._are_few:
            return frozenset()
        kept: dict[str, bool] = cache.get_many(words)
        new = {key: needle for key, needle in words.items() if key not in kept} if self.reads_ahead else {}
        if new:
            rows = PhoneNumber.objects.order_by()
            own = {key: rows.filter(search.in_number(needle, indexed=False)) for key, needle in new.items()}
            counts = counts_of(own, limit=_COMMON)
            kept |= {key: not count.is_complete for key, count in counts.items()}
            cache.set_many(kept, _COMMON_KEPT_FOR)
        return frozenset(needle for key, needle in words.items() if kept.get(key))

    @property
    def _are_few(self) -> bool:
        """Whether there are not even as many numbers as a common word has. Known to who sees all, from the counts."""
        if not self.reads_ahead or not roles.sees_everything(self.person):
            return False
        count = recent_counts(self.person)[ALL]
        return count.is_complete and count.counted <= _COMMON

    @cached_property
    def _is_indexed(self) -> bool:
        return search_index.is_ready(self.queryset.db)

    @cached_property
    def _named(self) -> dict[Needle, OneOf | QuerySet[Waba]]:
        """For each needle that names WABAs or clients, those of them that the person may see; by their keys."""
        conditions = {needle: search.in_waba(needle) for needle in self.needles if needle.name}
        visible = Waba.objects.visible_to(self.person)
        if not conditions or not self.reads_ahead:
            return {needle: visible.filter(condition) for needle, condition in conditions.items()}
        flags = {f"named_{place}": hidden(condition) for place, condition in enumerate(conditions.values())}
        wabas = visible.filter(functools.reduce(operator.or_, conditions.values()))
        found = list(wabas.annotate(**flags).order_by().values_list("pk", *flags)[: _MANY_WABAS + 1])
        if len(found) > _MANY_WABAS:
            return {needle: visible.filter(condition) for needle, condition in conditions.items()}
        keys = ([pk for pk, *is_named in found if is_named[place]] for place in range(len(conditions)))
        return {needle: OneOf(pks, "waba") for needle, pks in zip(conditions, keys, strict=True) if pks}


def _key_of(needle: Needle) -> str:
    """Where the cache keeps what is known of a word: what people type is not to be read there."""
    return f"common-word-{hashlib.sha256(repr(needle).encode()).hexdigest()}"
