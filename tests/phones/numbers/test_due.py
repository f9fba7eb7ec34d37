"""What time alone has changed is found in every stage that a deadline or a trouble can have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from clients.models import Waba
from phones.models import EventFact, PhoneNumber
from phones.numbers import standing
from tests.factories import make_number

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
ON_ITS_WAY: dict[str, Any] = {"status": "PENDING", "platform_type": "NOT_APPLICABLE", "is_pin_enabled": False}


def violated(waba: Waba, *, ago: timedelta) -> None:
    values: dict[str, Any] = {"name": "violation", "value": {}, "decided_by": "1"}
    EventFact.objects.create(waba=waba, number=None, at=NOW - ago, **values)


def restricted(waba: Waba, *, until: datetime) -> None:
    only = {"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": int(until.timestamp())}
    values: dict[str, Any] = {"name": "restriction", "value": {"restriction_info": [only]}, "decided_by": "1"}
    EventFact.objects.create(waba=waba, number=None, at=NOW - DAY, **values)


@pytest.mark.parametrize("code", ["VERIFIED", None])
def test_a_window_that_closes_under_a_troubled_or_unclear_number_is_seen(alices_waba: Waba, code: str | None) -> None:
    number = make_number(
        alices_waba, **ON_ITS_WAY, code_verification_status=code, last_onboarded_time=NOW - timedelta(days=13, hours=12)
    )
    if code is not None:
        restricted(alices_waba, until=NOW + 90 * DAY)
    standing.recompute()
    number.refresh_from_db()
    assert number.stage == ("restricted" if code else "unknown")

    with time_machine.travel(NOW + DAY, tick=False):
        standing.recompute_due()
    number.refresh_from_db()
    assert "The time to register it has passed" in number.next_action


@pytest.mark.parametrize(
    "facts",
    [{}, {"status": "FLAGGED"}, {"status": "DISCONNECTED"}, {**ON_ITS_WAY, "last_onboarded_time": NOW - 20 * DAY}],
)
def test_a_trouble_that_the_clock_ends_is_gone_whatever_the_number_is_in_itself(
    alices_waba: Waba, facts: dict[str, Any]
) -> None:
    number = make_number(alices_waba, **facts)
    violated(alices_waba, ago=timedelta(days=29, hours=12))
    restricted(alices_waba, until=NOW + timedelta(hours=12))
    standing.recompute()
    number.refresh_from_db()
    assert "Meta restricts" in number.next_action or "violation" in number.next_action

    with time_machine.travel(NOW + DAY, tick=False):
        standing.recompute_due()
        of_its_own = PhoneNumber.objects.get()
        assert "Meta" not in of_its_own.next_action.split(":")[0]
        assert standing.recompute() == 0, "nothing was left to find"


def test_numbers_that_have_no_answer_yet_hold_up_none_whose_time_is_over(
    alices_waba: Waba, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_number(alices_waba, may_send=None)
    number = make_number(
        alices_waba, **ON_ITS_WAY, code_verification_status="VERIFIED", last_onboarded_time=NOW - 13 * DAY
    )
    standing.recompute([number.pk])
    monkeypatch.setattr(standing, "MOST_UNANSWERED", 0)

    with time_machine.travel(NOW + 2 * DAY, tick=False):
        standing.recompute_due()

    number.refresh_from_db()
    assert number.stage == "window_closed"
    assert PhoneNumber.objects.filter(may_send=None).count() == 1
