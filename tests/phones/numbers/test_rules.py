"""The one answer to each question about a number, and the spans of time behind them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from phones.actions.guards import Situation, refusal
from phones.choices import ActionKind
from phones.numbers import clocks, rules
from phones.numbers.lifecycle import Facts, Move, OutsideTrouble, Stage, Step, standing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
LONG_AGO = NOW - timedelta(days=200)


@pytest.mark.parametrize(
    ("status", "platform_type", "is_registered", "sends"),
    [
        ("CONNECTED", "CLOUD_API", True, "yes"),
        ("CONNECTED", "NOT_APPLICABLE", False, "no"),
        ("CONNECTED", "ON_PREMISE", False, "no"),
        ("CONNECTED", None, None, "unknown"),
        ("CONNECTED", "SOMETHING_NEW", None, "unknown"),
        ("FLAGGED", "CLOUD_API", True, "limited"),
        ("RESTRICTED", "CLOUD_API", True, "limited"),
        ("RATE_LIMITED", "CLOUD_API", True, "limited"),
        ("RATE_LIMITED", None, None, "unknown"),
        ("BANNED", "CLOUD_API", True, "no"),
        ("PENDING", None, False, "no"),
        ("DISCONNECTED", "CLOUD_API", False, "no"),
        ("MIGRATED", None, False, "no"),
        ("LINKED", "CLOUD_API", True, "unknown"),
        (None, "CLOUD_API", True, "unknown"),
        (None, "ON_PREMISE", False, "no"),
        (None, None, None, "unknown"),
    ],
)
def test_registered_and_may_send_are_two_answers(
    status: str | None, platform_type: str | None, is_registered: bool | None, sends: str
) -> None:
    facts = Facts(status=status, platform_type=platform_type)
    assert rules.reported_registered(facts) is is_registered
    assert rules.is_registered(facts) is (is_registered is True)
    assert rules.may_send(facts) == sends


def test_trouble_from_elsewhere_is_not_outdone_by_the_numbers_own_state() -> None:
    healthy = Facts(status="CONNECTED", platform_type="CLOUD_API")
    for sends in (rules.MaySend.NO, rules.MaySend.LIMITED):
        troubled = replace(healthy, trouble=OutsideTrouble(sends, "Its WABA is in trouble.", Move.CLIENT))
        assert rules.may_send(troubled) == sends
        assert standing(troubled, now=NOW).next_action == "Its WABA is in trouble."
    assert rules.may_send(replace(healthy, readable=False)) == rules.MaySend.UNKNOWN


def test_whether_it_is_verified_can_be_unknown() -> None:
    for word in (None, "", "SOMETHING_NEW"):
        facts = Facts(code_verification_status=word)
        assert not rules.is_verified(facts)
        assert not rules.is_unverified(facts)


@pytest.mark.parametrize("status", sorted(rules.DISCONNECTED))
def test_what_was_disconnected_after_its_window_may_be_brought_back(status: str) -> None:
    facts = Facts(status=status, code_verification_status="VERIFIED", last_onboarded_time=LONG_AGO)
    assert standing(facts, now=NOW).step == Step.REGISTER
    assert refusal(ActionKind.REGISTER, Situation(facts), now=NOW) is None


def test_the_page_and_the_guard_close_the_window_at_the_same_moment() -> None:
    for moment, is_closed in [(-TICK, True), (timedelta(0), True), (TICK, False)]:
        facts = Facts(
            status="PENDING",
            platform_type="NOT_APPLICABLE",
            code_verification_status="VERIFIED",
            last_onboarded_time=NOW - clocks.SIGNUP_WINDOW + moment,
        )
        assert (standing(facts, now=NOW).stage == Stage.WINDOW_CLOSED) is is_closed
        assert (refusal(ActionKind.REGISTER, Situation(facts), now=NOW) is not None) is is_closed


def test_deregistering_is_refused_only_where_meta_says_that_it_is_not_registered() -> None:
    for facts, is_refused in [
        (Facts(status="PENDING"), True),
        (Facts(status="CONNECTED", platform_type="NOT_APPLICABLE"), True),
        (Facts(status="CONNECTED"), False),
        (Facts(), False),
    ]:
        assert (refusal(ActionKind.DEREGISTER, Situation(facts), now=NOW) is not None) is is_refused


def test_a_name_that_is_accepted_and_shown_is_live() -> None:
    accepted = Facts(new_name_status="APPROVED", new_display_name="New", verified_name="Old")
    assert rules.is_new_name_waiting(accepted)
    assert not rules.is_new_name_waiting(Facts(new_name_status="APPROVED", new_display_name="New", verified_name="New"))
    assert rules.is_new_name_waiting(Facts(new_name_status="APPROVED")), "no name was returned: it can't be called live"


def test_a_code_lapses_after_ten_minutes() -> None:
    assert clocks.is_code_good(NOW - timedelta(minutes=10) + TICK, now=NOW)
    assert not clocks.is_code_good(NOW - timedelta(minutes=10), now=NOW)
    assert not clocks.is_code_good(None, now=NOW)


def test_the_next_code_waits_a_minute_from_the_last() -> None:
    sent = [NOW - timedelta(hours=1), NOW - timedelta(seconds=59)]
    assert clocks.code_pause_until(sent, now=NOW) == NOW + timedelta(seconds=1)
    assert clocks.code_pause_until(sent, now=NOW + timedelta(seconds=1)) is None
    assert clocks.code_pause_until([], now=NOW) is None


def test_a_deadline_is_near_then_pressing_then_passed() -> None:
    deadline = NOW + timedelta(days=10)
    seen = [
        (clocks.is_near(deadline, now=at), clocks.is_pressing(deadline, now=at), clocks.has_passed(deadline, now=at))
        for at in (NOW, NOW + timedelta(days=4), NOW + timedelta(days=8), deadline)
    ]
    assert seen == [(False, False, False), (True, False, False), (True, True, False), (False, False, True)]


def test_what_was_never_read_is_stale() -> None:
    assert clocks.is_stale(None, now=NOW)
    assert not clocks.is_stale(NOW - timedelta(hours=24), now=NOW)
    assert clocks.is_stale(NOW - timedelta(hours=24) - TICK, now=NOW)
