"""How many numbers wait in each queue and how many need somebody now, for one person.

Most of it is kept (phones.listing.kept_counts). What follows the clock, or a WABA, is counted within an index.
"""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db.models import Q, QuerySet
from django.utils import timezone

from clients import roles
from clients.models import Client, Waba
from phones.listing import count_triggers, kept_counts
from phones.listing.kept_counts import Kept
from phones.listing.queues import QUEUES, URGENT, Queue, stale_ages
from phones.models import Listing, PhoneNumber
from portal.web.counts import counts_of
from portal.web.keyset import Count

# What is not kept is counted up to here; more is "more than".
COUNTED = 10_000
# The name under which those are counted that are in any of the urgent queues, each once.
NEED_SOMEBODY = "need-somebody"
# And under this one, all that the person may see.
ALL = "all"
# Pages show what was counted at most so many seconds ago.
KEPT_SECONDS = 60


def queues_of(person: roles.Person) -> list[Queue]:
    """The queues that concern `person`: who sees only their own clients sees none that is nobody's."""
    return [queue for queue in QUEUES.values() if queue.name != "unassigned" or roles.sees_everything(person)]


def count_queues(person: roles.Person, kept: Kept | None = None) -> dict[str, Count]:
    """How many numbers are in each queue that concerns `person`, how many need one, and how many there are.

    `kept` is what is kept of all numbers that they may see, where it was read already.
    """
    queues = queues_of(person)
    kept = kept_counts.of_person(person) if kept is None else kept
    counted = {queue.name: _kept(kept[queue.name]) for queue in queues if queue.is_kept and queue.numbers}
    counted[ALL] = _kept(kept.all)
    if roles.sees_everything(person):
        nobodys = kept.get(kept_counts.UNASSIGNED)
        if nobodys is None:  # of a book alone
            nobodys = kept_counts.of_clients(Client.objects.unassigned(), further=False).all
        counted["unassigned"] = _kept(nobodys)
    visible = PhoneNumber.objects.visible_to(person)
    others: dict[str, QuerySet[Any]] = {
        queue.name: visible.filter(_condition(queue, person)) for queue in queues if queue.name not in counted
    }
    if roles.sees_everything(person):
        others["stale"] = stale_ages(timezone.now())
    by_the_clock = Q()
    for name in URGENT:
        if name in others:
            by_the_clock |= _condition(QUEUES[name], person)
    rows = others | {NEED_SOMEBODY: visible.filter(by_the_clock).exclude(count_triggers.URGENT_CONDITION)}
    counted |= counts_of(rows, limit=COUNTED)
    besides = counted[NEED_SOMEBODY]
    counted[NEED_SOMEBODY] = Count(kept[count_triggers.URGENT_ANYWAY] + besides.counted, besides.is_complete)
    return counted


def recent_counts(person: roles.Person, kept: Kept | None = None) -> dict[str, Count]:
    """The same, as counted within the last minute or now. Nothing for people without a role."""
    counts = counted_lately(person)
    if not counts and roles.role_of(person) is not None:
        counts = count_queues(person, kept)
        cache.set(_key(person), counts, KEPT_SECONDS)
    return counts


def counted_lately(person: roles.Person) -> dict[str, Count]:
    """The same without counting: nothing, if that was longer than a minute ago."""
    counts: dict[str, Count] = cache.get(_key(person), {})
    return counts


def _kept(count: int) -> Count:
    return Count(count, is_complete=True)


def _key(person: roles.Person) -> str:
    return f"queue-counts-{roles.sight_key(person)}"


def _condition(queue: Queue, person: roles.Person) -> Q:
    if queue.numbers is not None:
        return queue.numbers(timezone.now())
    wabas = Waba.objects.visible_to(person)
    wabas = wabas.filter(queue.wabas()) if queue.wabas is not None else wabas.none()
    return Q(pk__in=Listing.objects.current().filter(waba__in=wabas.values("pk")).values("number"))
