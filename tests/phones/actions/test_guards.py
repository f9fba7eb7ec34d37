"""Whether an action may be sent: the limits, and how far a team lead may go beyond them."""

from datetime import UTC, datetime, timedelta

import pytest

from phones.actions.guards import LIMITS, Situation, cost, refusal
from phones.choices import ActionKind
from phones.numbers.lifecycle import Facts

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
READY = Facts(
    status="PENDING", platform_type="NOT_APPLICABLE", code_verification_status="VERIFIED", name_status="APPROVED"
)


def sent(times: int, *, hours_ago: int = 1) -> tuple[datetime, ...]:
    return tuple(NOW - timedelta(hours=hours_ago, minutes=minute) for minute in range(times))


@pytest.mark.parametrize("kind", list(LIMITS))
def test_the_desk_stops_below_metas_limit(kind: ActionKind) -> None:
    assert LIMITS[kind].ours < LIMITS[kind].metas


@pytest.mark.parametrize(("used", "may_go_on"), [(4, True), (5, False), (9, False)])
def test_registering_stops_after_five_in_72_hours(used: int, may_go_on: bool) -> None:
    assert (refusal(ActionKind.REGISTER, Situation(READY, sent=sent(used)), now=NOW) is None) == may_go_on


def test_a_lead_may_go_beyond_the_desks_limit_and_never_beyond_metas() -> None:
    for used, refused in [(5, False), (9, False), (10, True)]:
        found = refusal(ActionKind.REGISTER, Situation(READY, sent=sent(used)), now=NOW, overriding=True)
        assert (found is not None) == refused


def test_going_beyond_the_wrong_pins_does_not_open_metas_limit() -> None:
    situation = Situation(READY, is_pin_enabled=True, sent=sent(10), wrong_pins=sent(3))
    found = refusal(ActionKind.REGISTER, situation, now=NOW, overriding=True)
    assert found is not None
    assert "one more blocks the number" in found.sentence


def test_requests_older_than_the_window_no_longer_count() -> None:
    assert refusal(ActionKind.REGISTER, Situation(READY, sent=sent(9, hours_ago=73)), now=NOW) is None


def test_the_cost_names_the_attempt_and_when_one_is_free_again() -> None:
    found = cost(ActionKind.REGISTER, sent(3), now=NOW)
    assert found is not None
    assert (found.attempt, found.metas) == (4, 10)
    assert found.resets_at == min(sent(3)) + timedelta(hours=72)


def test_while_meta_blocks_a_number_nothing_is_sent_whoever_asks() -> None:
    situation = Situation(READY, blocked_until=NOW + timedelta(hours=3))
    found = refusal(ActionKind.REGISTER, situation, now=NOW, overriding=True)
    assert found is not None
    assert found.until == NOW + timedelta(hours=3)
