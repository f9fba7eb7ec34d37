"""How many numbers wait in each queue and how many need somebody now, for one person. One statement for all.

Who sees every number has them counted in the indexes, queue by queue, which costs the same however many there are.
The numbers of one account manager are found through their clients: these are read once, for all queues together.
"""

from __future__ import annotations

from django.core.cache import cache
from django.db.models import Count as Counting
from django.db.models import Q
from django.utils import timezone

from clients import roles
from clients.models import Waba
from phones.listing.queues import QUEUES, URGENT, Queue
from phones.models import Listing, PhoneNumber
from portal.web.counts import counts_of
from portal.web.keyset import Count

# Counted up to here; more is "more than".
COUNTED = 10_000
# The name under which those are counted that are in any of the urgent queues, each once.
NEED_SOMEBODY = "need-somebody"
# And under this one, all that the person may see.
ALL = "all"
# How long a book that was found to have more numbers than are counted is taken for a large one.
LARGE_FOR = 24 * 60 * 60
# Pages show what was counted at most so many seconds ago.
KEPT_SECONDS = 60


def queues_of(person: roles.Person) -> list[Queue]:
    """The queues that concern `person`: who sees only their own clients sees none that is nobody's."""
    return [queue for queue in QUEUES.values() if queue.name != "unassigned" or roles.sees_everything(person)]


def count_queues(person: roles.Person) -> dict[str, Count]:
    """How many numbers are in each queue that concerns `person`, how many need one, and how many there are."""
    conditions = {queue.name: _condition(queue, person) for queue in queues_of(person)}
    urgent = Q()
    for name in URGENT:
        urgent |= conditions[name]
    conditions |= {NEED_SOMEBODY: urgent, ALL: Q()}
    visible = PhoneNumber.objects.visible_to(person)
    if roles.sees_everything(person):
        rows = {name: visible.filter(condition) for name, condition in conditions.items()}
        return counts_of(rows, person, limit=COUNTED)
    counting = {
        f"count_{place}": Counting("pk", filter=each) if each else Counting("pk")
        for place, each in enumerate(conditions.values())
    }
    counted = dict(zip(conditions, visible.order_by().aggregate(**counting).values(), strict=True))
    return {name: Count(min(count, COUNTED), is_complete=count <= COUNTED) for name, count in counted.items()}


def kept_counts(person: roles.Person) -> dict[str, Count]:
    """The same, as counted within the last minute or now. Nothing for people without a role."""
    counts = counted_lately(person)
    if not counts and roles.role_of(person) is not None:
        counts = count_queues(person)
        cache.set(_key(person), counts, KEPT_SECONDS)
        cache.set(_large_key(person), not counts[ALL].is_complete, LARGE_FOR)
    return counts


def quick_counts(person: roles.Person) -> dict[str, Count]:
    """The same for a page that is waited for: of a large book only what was counted lately.

    Counting one takes longer than a page may. The navigation asks for its counts once the page is there.
    """
    return counted_lately(person) if cache.get(_large_key(person)) else kept_counts(person)


def counted_lately(person: roles.Person) -> dict[str, Count]:
    """The same without counting: nothing, if that was longer than a minute ago."""
    counts: dict[str, Count] = cache.get(_key(person), {})
    return counts


def _large_key(person: roles.Person) -> str:
    return f"large-book-{roles.sight_key(person)}"


def _key(person: roles.Person) -> str:
    return f"queue-counts-{roles.sight_key(person)}"


def _condition(queue: Queue, person: roles.Person) -> Q:
    if queue.numbers is not None:
        return queue.numbers(timezone.now())
    wabas = Waba.objects.visible_to(person)
    wabas = wabas.filter(queue.wabas()) if queue.wabas is not None else wabas.none()
    return Q(pk__in=Listing.objects.current().filter(waba__in=wabas.values("pk")).values("number"))
