"""Where the numbers of the pool stand, in SQL, so that the database filters, counts and sorts by it.

The rule is `phones.pool.clocks.standing`, which words and deadlines come from; a test holds the two together.
"""

import datetime

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from phones.listing.filters import SearchFilter
from phones.listing.search import in_pool
from phones.models import PhoneNumber, PreverifiedNumber
from phones.numbers import conditions, rules
from phones.numbers.clocks import PREVERIFIED_WINDOW
from phones.pool import clocks, words
from phones.pool.clocks import PoolState
from portal.web.filters import ListFilter, ListFilters, Rows
from portal.web.keyset import SortOrder

# Numbers without a deadline lie behind all that have one, in the order of the tabs.
_NO_DEADLINE = datetime.datetime(8000, 1, 1, tzinfo=datetime.UTC)
URGENCY = SortOrder("urgency", "urgency", datetime.datetime, optional=False)


class _InState(ListFilter):
    """One of the standings; without one, those that are not over."""

    def filter(self, rows: Rows, values: list[str]) -> Rows:
        rows = super().filter(rows, values)
        return rows if values else rows.exclude(standing__in=clocks.OVER)


class PoolFilters(ListFilters):
    """The numbers that stand in one way, and those that are searched for."""

    q = SearchFilter(in_pool)
    standing = _InState("standing", label="Standing", choices=words.STATES.items())


def with_standing(rows: QuerySet[PreverifiedNumber], now: datetime.datetime) -> Rows:
    """`rows` with their `standing` at `now`, and `urgency`: when their clock ends, as far as one runs.

    What is asked of the number that was made of one is looked up for each that has one, and not by a join: for it the
    database reads the whole table of numbers where that is up to some hundred times the pool.
    """
    rule = _rule(now)
    became = PhoneNumber.objects.filter(pk=OuterRef("number")).order_by()
    return (
        rows.alias(
            number_platform_type=Subquery(became.values("platform_type")),
            number_status=Coalesce(Subquery(became.values("status")), Value("")),  # NOT IN is never true of NULL
            number_deadline=Subquery(became.values("registration_deadline")),
        )
        .alias(
            ends=Coalesce("verification_expiry_time", _after(F("code_verification_time"), clocks.VALIDITY)),
            leaves=_after(Coalesce("added_at", "first_seen_at"), clocks.UNVERIFIED_STAY),
            register_by=Coalesce("number_deadline", _after(F("claimed_at"), PREVERIFIED_WINDOW)),
        )
        .annotate(
            standing=Case(
                *(When(condition, then=Value(state.value)) for state, condition, _ in rule),
                default=Value(PoolState.UNKNOWN.value),
                output_field=CharField(),
            ),
            urgency=Case(
                *(When(condition, then=_or_place(deadline, state)) for state, condition, deadline in rule),
                default=_or_place("", PoolState.UNKNOWN),
                output_field=DateTimeField(),
            ),
        )
    )


def _rule(now: datetime.datetime) -> list[tuple[PoolState, Q, str]]:
    """Each standing with its condition, of which the first that holds counts, and the deadline that goes with it."""
    claimed, unverified = Q(claimed_at__isnull=False), Q(code_verification_status__in=rules.NOT_VERIFIED)
    registered = conditions.is_registered("number_")
    verified = Q(code_verification_status=rules.VERIFIED) & (Q(ends=None) | Q(ends__gt=now))
    lapsed = Q(code_verification_status__in=(rules.LAPSED, rules.VERIFIED)) | (unverified & Q(ends__isnull=False))
    stays = unverified & Q(leaves__gt=now)
    return [
        (PoolState.IN_USE, claimed & registered, ""),
        (PoolState.CLAIMED, claimed, "register_by"),
        (PoolState.DELETED, Q(deleted_at__isnull=False), ""),
        (PoolState.GONE, Q(missing_since__isnull=False), ""),
        (PoolState.RESERVED, verified & Q(reserved_for__isnull=False), "ends"),
        (PoolState.EXPIRING, verified & Q(ends__lte=now + clocks.PRESSING), "ends"),
        (PoolState.RENEWABLE, verified & Q(ends__lte=now + clocks.RENEWABLE), "ends"),
        (PoolState.AVAILABLE, verified, "ends"),
        (PoolState.EXPIRED, lapsed, ""),
        (PoolState.LEAVING, stays & Q(leaves__lte=now + clocks.PRESSING), "leaves"),
        (PoolState.NEEDS_CODE, stays, "leaves"),
        (PoolState.NEEDS_CODE, unverified, ""),
    ]


def _after(moment: Combinable, length: datetime.timedelta) -> Combinable:
    return ExpressionWrapper(moment + length, output_field=DateTimeField())


def _or_place(deadline: str, state: PoolState) -> Combinable:
    """The deadline; where there is none, a moment behind all of them that keeps the order of the tabs."""
    place = Value(_NO_DEADLINE + datetime.timedelta(days=list(words.STATES).index(state)), DateTimeField())
    return Coalesce(deadline, place) if deadline else place
