"""A rule in Python and the same rule as a condition of the database give one answer, whatever the values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from django.db.models import Q

from clients.models import Waba
from phones.choices import STATUSES
from phones.models import NumberAge, PhoneNumber
from phones.numbers import clocks, conditions, lifecycle, rules
from tests.factories import make_waba

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
UNHEARD_OF = [None, "", "AAA_NEW", "SOMETHING_NEW"]


@pytest.fixture
def waba(db: None) -> Waba:
    return make_waba()


def values_of(field: str) -> list[str | None]:
    return [*STATUSES[field], *UNHEARD_OF]


def around(*spans: timedelta) -> list[datetime]:
    """The moments this far from now, and those just before and after."""
    return [NOW + span + shift for span in (timedelta(0), *spans) for shift in (-TICK, timedelta(0), TICK)]


def stored(waba: Waba, *facts: Mapping[str, object]) -> list[PhoneNumber]:
    """Rows with these facts. A row of ages comes with each: `synced_at` and `oldest_fact_at` are written to it."""
    common = {"waba": waba, "first_seen_at": NOW}
    of_age = ("synced_at", "oldest_fact_at")
    rows = [
        PhoneNumber(phone_number_id=str(place), **common, **{name: one[name] for name in one.keys() - {*of_age}})
        for place, one in enumerate(facts)
    ]
    PhoneNumber.objects.bulk_create(rows, batch_size=500)
    for place, one in enumerate(facts):
        if age := {name: one[name] for name in of_age if name in one}:
            NumberAge.objects.filter(number__phone_number_id=str(place)).update(**age)
    return list(PhoneNumber.objects.all())


def agree(rows: list[PhoneNumber], condition: Q, rule: Callable[[PhoneNumber], bool]) -> None:
    found = set(PhoneNumber.objects.filter(condition).values_list("pk", flat=True))
    meant = {row.pk for row in rows if rule(row)}
    assert found == meant
    assert 0 < len(found) < len(rows), "the values try both answers"


def test_registered_is_one_rule(waba: Waba) -> None:
    both = product(values_of("status"), values_of("platform_type"))
    rows = stored(waba, *({"status": status, "platform_type": platform} for status, platform in both))
    agree(rows, conditions.IS_REGISTERED, rules.is_registered)
    agree(rows, conditions.SEEMS_IN_SERVICE, rules.seems_in_service)
    agree(rows, conditions.IS_REPORTED_UNREGISTERED, lambda row: rules.reported_registered(row) is False)
    neither = ~conditions.IS_REGISTERED & ~conditions.IS_REPORTED_UNREGISTERED
    agree(rows, neither, lambda row: rules.reported_registered(row) is None)


def test_stopped_is_one_rule(waba: Waba) -> None:
    answers = [None, *rules.MaySend]
    every = product(["CONNECTED", "FLAGGED", "PENDING", None], ["CLOUD_API", "NOT_APPLICABLE", None], answers)
    names = ("status", "platform_type", "may_send")
    agree(stored(waba, *(dict(zip(names, one, strict=True)) for one in every)), conditions.IS_STOPPED, rules.is_stopped)


def test_verified_and_added_outside_are_one_rule_each(waba: Waba) -> None:
    added = product(values_of("status"), values_of("platform_type"), values_of("code_verification_status"))
    names = ("status", "platform_type", "code_verification_status")
    by_signup = product(values_of("code_verification_status"), (None, NOW), (None, NOW))
    rows = stored(
        waba,
        *(dict(zip(names, one, strict=True)) for one in added),
        *(
            {"status": "PENDING", "code_verification_status": code, "last_onboarded_time": told, "signup_at": ours}
            for code, told, ours in by_signup
        ),
    )
    agree(rows, conditions.IS_VERIFIED, rules.is_verified)
    agree(rows, conditions.IS_ADDED_OUTSIDE, rules.is_added_outside)


def test_the_clocks_are_one_rule_each_to_the_microsecond(waba: Waba) -> None:
    moments = around(clocks.PRESSING, clocks.NEAR, -clocks.STALE_AFTER, -clocks.CODE_LIFE)
    deadlines: list[dict[str, object]] = [{"registration_deadline": at} for at in [None, *moments]]
    readings: list[dict[str, object]] = [{"synced_at": at} for at in moments]
    steps = [{"stage_since": at, "step": step.value} for at in [None, *moments] for step in lifecycle.Step]
    answers: list[dict[str, object]] = [{"oldest_fact_at": at} for at in moments]
    rows = stored(waba, *deadlines, *readings, *answers, *steps)
    agree(rows, conditions.has_passed(NOW), lambda row: clocks.has_passed(row.registration_deadline, now=NOW))
    agree(rows, conditions.is_pressing(NOW), lambda row: clocks.is_pressing(row.registration_deadline, now=NOW))
    agree(rows, conditions.is_stale(NOW), lambda row: clocks.is_stale(row.facts_as_of, now=NOW))
    agree(
        rows,
        conditions.is_waiting_for_lapsed_code(NOW),
        lambda row: (
            row.step == lifecycle.Step.VERIFY_CODE
            and row.stage_since is not None
            and not clocks.is_code_good(row.stage_since, now=NOW)
        ),
    )
