"""Named questions to the list: what needs somebody's attention. One table; `?queue=name` is one of its rows.

Each is a condition on a number, or on the WABA that lists it. Who may see what is not decided here.
"""

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from clients.models import Client
from phones.models import NumberAge, PhoneNumber
from phones.numbers import conditions, rules
from phones.numbers.lifecycle import Stage


@dataclass(frozen=True, slots=True)
class Queue:
    """`name` in the address, `label` on the tab, `meaning` for the curious; `numbers` or `wabas` is the condition.

    `order` is the sort it comes in, as an address calls it: what can wait least stands first. Where the condition
    follows from the number alone (`is_kept`), the database keeps how many there are (phones.listing.kept_counts).
    """

    name: str
    label: str
    meaning: str
    numbers: Callable[[datetime.datetime], Q] | None = None
    wabas: Callable[[], Q] | None = None
    order: str = "registration_deadline"
    is_kept: bool = True

    @property
    def kept(self) -> Q | None:
        """The condition, where it asks neither the clock nor another table; None where it does."""
        return self.numbers(timezone.now()) if self.numbers is not None and self.is_kept else None


def stale_ages(now: datetime.datetime) -> QuerySet[NumberAge]:
    """The ages of all numbers that are in the queue Stale: counted along their index, without a look at the numbers."""
    return NumberAge.objects.filter(conditions.is_stale(now, age=""), _is_not_missing())


def is_stale(now: datetime.datetime) -> Q:
    """The condition of the queue Stale."""
    return conditions.is_stale(now) & _is_not_missing("age__")


def _is_not_missing(age: str = "") -> Q:
    """The few that are missing are left out by their keys, on the ages, so that no number is looked at for it."""
    missing = PhoneNumber.objects.filter(missing_since__isnull=False).order_by().values("pk")
    return ~Q(**{f"{age}pk__in": missing})


def _either_name(values: Iterable[str]) -> Q:
    return Q(name_status__in=values) | Q(new_name_status__in=values)


_ALL = [
    Queue(
        "deadline",
        "Deadline",
        "Less than three days are left to register them, or to make an approved name live.",
        numbers=conditions.is_pressing,
        is_kept=False,
    ),
    Queue("ready", "Ready", "Verified, and waiting to be registered.", numbers=lambda _: Q(stage=Stage.READY.value)),
    Queue(
        "not-registered",
        "Not registered",
        "Not registered with Cloud API, as far as Meta says it. Flagged or restricted numbers are registered.",
        numbers=lambda _: conditions.IS_REPORTED_UNREGISTERED,
    ),
    Queue(
        "added-outside",
        "Added by hand",
        "Not verified, and not from a signup: added in WhatsApp Manager or from the desk, so we verify it by hand with "
        "the client.",
        numbers=lambda _: conditions.IS_ADDED_OUTSIDE,
        order="first_seen_at",
    ),
    Queue(
        "name-review",
        "Name in review",
        "Meta is reviewing the display name, or a requested one.",
        numbers=lambda _: _either_name(rules.NAME_IN_REVIEW),
    ),
    Queue(
        "name-declined",
        "Name rejected",
        "Meta has declined the display name, or a requested one.",
        numbers=lambda _: _either_name(rules.NAME_REFUSED),
    ),
    Queue(
        "quality",
        "Quality",
        "Rated medium or low.",
        numbers=lambda _: Q(quality_rating__in=("YELLOW", "RED")),
        order="quality_rating",
    ),
    Queue(
        "cant-send",
        "Can’t send",
        "In service, and Meta lets them send nothing: the number, its WABA, the business or our app is blocked.",
        numbers=lambda _: conditions.IS_STOPPED,
        order="-messaging_limit",
    ),
    Queue(
        "restricted",
        "Restricted",
        "Flagged, restricted, rate limited or banned by Meta, or held back with their WABA, its business or our app.",
        numbers=lambda _: Q(status__in=rules.RESTRICTED) | Q(stage=Stage.RESTRICTED.value),
        order="status",
    ),
    Queue(
        "disconnected",
        "Disconnected",
        "Not reachable: deregistered, taken away from us, or taken off Cloud API in the Business app.",
        numbers=lambda _: Q(status__in=rules.DISCONNECTED) | conditions.IS_TAKEN_OFF,
        order="-last_onboarded_time",
    ),
    Queue(
        "missing",
        "Missing",
        "No WABA that we can read lists them any more: removed, or their WABA was deleted or taken away from us.",
        numbers=lambda _: Q(missing_since__isnull=False) | Q(stage=Stage.NOT_VISIBLE.value),
        order="-missing_since",
    ),
    Queue(
        "failing",
        "Failing",
        "The latest reading of its WABA failed, so what is shown may be out of date.",
        wabas=lambda: Q(last_failure__isnull=False),
        order="synced_at",
    ),
    Queue(
        "stale",
        "Stale",
        "Not read for 24 hours, or Meta has not answered for so long what their state rests on.",
        numbers=is_stale,
        is_kept=False,
        order="synced_at",
    ),
    Queue(
        "unassigned",
        "Unassigned",
        "Its client has no account manager.",
        numbers=lambda _: Q(client__in=Client.objects.unassigned().order_by().values("pk")),
        is_kept=False,
        order="client",
    ),
]

QUEUES = {queue.name: queue for queue in _ALL}

# Those in which something is broken or lost soon: their numbers need somebody.
URGENT = ("deadline", "cant-send", "restricted", "disconnected", "name-declined")
