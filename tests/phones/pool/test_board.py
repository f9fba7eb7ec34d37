"""The board's standings in SQL are those of the pure rule, whatever is known of a number."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from clients.models import Waba
from phones.models import PreverifiedNumber
from phones.pool import clocks
from phones.pool.board import with_standing
from phones.pool.facts import facts_of
from tests.factories import make_number
from tests.phones.pool.pooling import make_row

pytestmark = pytest.mark.django_db

DAYS = some.sampled_from([0, 13, 14, 15, 44, 45, 46, 89, 90, 91])
# A second on either side of every limit, and the limit itself.
MOMENTS = some.builds(
    lambda days, way, second: datetime.timedelta(days=days * way, seconds=second),
    DAYS,
    some.sampled_from([-1, 1]),
    some.sampled_from([-1, 0, 1]),
)
STATUSES = some.sampled_from(["VERIFIED", "NOT_VERIFIED", "UNVERIFIED", "EXPIRED", "SHINY_NEW", "", None])
NUMBERS = some.sampled_from(
    [("CONNECTED", "CLOUD_API"), ("CONNECTED", None), (None, "CLOUD_API"), ("PENDING", "NOT_APPLICABLE")]
)


@given(
    status=STATUSES,
    moments=some.fixed_dictionaries(
        {
            name: some.none() | MOMENTS
            for name in (
                "added_at",
                "code_verification_time",
                "verification_expiry_time",
                "missing_since",
                "deleted_at",
                "claimed_at",
            )
        }
    ),
    seen=MOMENTS,
    number=some.none() | some.tuples(NUMBERS, some.none() | MOMENTS),
)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_and_the_rule_agree(
    status: str | None,
    moments: dict[str, datetime.timedelta | None],
    seen: datetime.timedelta,
    number: tuple[tuple[str | None, str | None], datetime.timedelta | None] | None,
    alices_waba: Waba,
) -> None:
    now = timezone.now()
    claimed = None
    if number is not None:
        (connection, platform), register_by = number
        claimed = make_number(
            alices_waba,
            status=connection,
            platform_type=platform,
            registration_deadline=None if register_by is None else now + register_by,
        )
    row = make_row(
        preverified_id=str(700_000_000_000_000 + PreverifiedNumber.objects.count()),
        code_verification_status=status,
        first_seen_at=now + seen,
        number=claimed,
        **{name: None if moment is None else now + moment for name, moment in moments.items()},
    )
    found = with_standing(PreverifiedNumber.objects.filter(pk=row.pk), now).get()
    expected = clocks.standing(facts_of(row), now=now)

    assert found.standing == expected.state
    assert found.urgency == expected.deadline or (expected.deadline is None and found.urgency.year == 8000)
