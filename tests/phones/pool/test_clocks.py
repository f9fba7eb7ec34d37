"""The rules that turn a pool number's facts into where it stands, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phones.choices import Tone
from phones.pool.clocks import (
    OVER,
    PoolFacts,
    PoolState,
    PoolStep,
    expiry,
    is_verified,
    may_get_code,
    renewable_from,
    standing,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

ADDED = PoolFacts(first_seen_at=NOW - 2 * DAY, added_at=NOW - 2 * DAY, code_verification_status="NOT_VERIFIED")
VERIFIED = PoolFacts(
    first_seen_at=NOW - 31 * DAY,
    code_verification_status="VERIFIED",
    code_verification_time=NOW - 30 * DAY,
    verification_expiry_time=NOW + 60 * DAY,
)
CLAIMED = replace(VERIFIED, missing_since=NOW - DAY, claimed_at=NOW - 10 * DAY, is_registered=False)


def state_in(facts: PoolFacts, days: float) -> PoolState:
    return standing(facts, now=NOW + days * DAY).state


def test_an_added_number_needs_a_code_and_leaves_the_pool_after_ninety_days() -> None:
    found = standing(ADDED, now=NOW)
    assert (found.state, found.step, found.tone) == (PoolState.NEEDS_CODE, PoolStep.REQUEST_CODE, Tone.ACT)
    assert (found.deadline, found.ends) == (NOW + 88 * DAY, "leaves the pool")


def test_an_unverified_number_warns_when_it_is_about_to_leave() -> None:
    assert [state_in(ADDED, days) for days in (0, 73.9, 74, 87.9)] == [
        PoolState.NEEDS_CODE,
        PoolState.NEEDS_CODE,
        PoolState.LEAVING,
        PoolState.LEAVING,
    ]


def test_of_a_number_that_was_not_added_here_only_the_latest_end_is_known() -> None:
    found = standing(replace(ADDED, added_at=None), now=NOW)
    assert (found.deadline, found.ends) == (NOW + 88 * DAY, "leaves the pool at the latest")
    assert "not known" in found.sentence
    left = standing(replace(ADDED, added_at=None, missing_since=NOW), now=NOW)
    assert "not verified within 90 days, or was deleted elsewhere" in left.sentence


def test_one_that_is_listed_after_its_ninety_days_has_no_clock_that_we_know_of() -> None:
    found = standing(ADDED, now=NOW + 89 * DAY)
    assert (found.state, found.deadline, found.ends) == (PoolState.NEEDS_CODE, None, "")


def test_a_verified_number_goes_from_available_to_expired_by_the_clock() -> None:
    assert [state_in(VERIFIED, days) for days in (0, 14.9, 15, 45.9, 46, 59.9, 60, 400)] == [
        PoolState.AVAILABLE,
        PoolState.AVAILABLE,
        PoolState.RENEWABLE,
        PoolState.RENEWABLE,
        PoolState.EXPIRING,
        PoolState.EXPIRING,
        PoolState.EXPIRED,
        PoolState.EXPIRED,
    ]


def test_the_deadline_of_a_verified_number_is_the_end_of_its_verification() -> None:
    for days in (0, 20, 50):
        found = standing(VERIFIED, now=NOW + days * DAY)
        assert (found.deadline, found.ends) == (NOW + 60 * DAY, "verification lapses")
    assert renewable_from(VERIFIED) == NOW + 15 * DAY


def test_a_lapsed_verification_has_no_clock_any_more_and_wants_a_code() -> None:
    found = standing(VERIFIED, now=NOW + 61 * DAY)
    assert (found.state, found.deadline, found.step, found.tone) == (
        PoolState.EXPIRED,
        None,
        PoolStep.REQUEST_CODE,
        Tone.BAD,
    )


@pytest.mark.parametrize("word", ["EXPIRED", "NOT_VERIFIED", "UNVERIFIED"])
def test_metas_word_for_a_lapsed_verification_counts_before_the_date(word: str) -> None:
    assert state_in(replace(VERIFIED, code_verification_status=word), 0) == PoolState.EXPIRED


def test_without_an_expiry_time_it_is_reckoned_from_the_verification() -> None:
    facts = replace(VERIFIED, verification_expiry_time=None)
    assert expiry(facts) == NOW + 60 * DAY
    assert state_in(facts, 60) == PoolState.EXPIRED


def test_without_both_times_a_verified_number_is_shown_and_is_not_green() -> None:
    found = standing(replace(VERIFIED, verification_expiry_time=None, code_verification_time=None), now=NOW)
    assert (found.state, found.tone, found.deadline, found.step) == (
        PoolState.AVAILABLE,
        Tone.NONE,
        None,
        PoolStep.READ,
    )


@pytest.mark.parametrize("word", [None, "SOMETHING_NEW"])
def test_what_graph_did_not_say_or_what_is_not_known_is_not_known(word: str | None) -> None:
    found = standing(PoolFacts(first_seen_at=NOW, code_verification_status=word), now=NOW)
    assert (found.state, found.tone) == (PoolState.UNKNOWN, Tone.NONE)
    assert word is None or word in found.sentence


def test_a_reserved_number_is_reserved_until_its_verification_lapses() -> None:
    reserved = replace(VERIFIED, is_reserved=True)
    assert [state_in(reserved, days) for days in (0, 20, 50, 60)] == [
        PoolState.RESERVED,
        PoolState.RESERVED,
        PoolState.RESERVED,
        PoolState.EXPIRED,
    ]
    assert standing(reserved, now=NOW).tone == Tone.WAIT
    about_to_lapse = standing(reserved, now=NOW + 50 * DAY)
    assert (about_to_lapse.tone, about_to_lapse.step) == (Tone.WARN, PoolStep.REQUEST_CODE)


def test_a_code_that_was_sent_is_to_be_confirmed_while_it_is_good() -> None:
    assert standing(replace(ADDED, code_sent_at=NOW - timedelta(minutes=9)), now=NOW).step == PoolStep.VERIFY_CODE
    assert standing(replace(ADDED, code_sent_at=NOW - timedelta(minutes=10)), now=NOW).step == PoolStep.REQUEST_CODE


def test_a_claimed_number_must_be_registered_within_ninety_days() -> None:
    found = standing(CLAIMED, now=NOW)
    assert (found.state, found.tone, found.deadline) == (PoolState.CLAIMED, Tone.ACT, NOW + 80 * DAY)
    assert found.ends == "must be registered by"
    assert standing(CLAIMED, now=NOW + 70 * DAY).tone == Tone.WARN
    assert standing(CLAIMED, now=NOW + 81 * DAY).tone == Tone.BAD


def test_the_numbers_own_deadline_counts_before_ours() -> None:
    assert standing(replace(CLAIMED, register_by=NOW + 5 * DAY), now=NOW).deadline == NOW + 5 * DAY


def test_whether_a_claimed_number_is_registered_is_claimed_only_when_known() -> None:
    assert state_in(replace(CLAIMED, is_registered=True), 0) == PoolState.IN_USE
    unknown = standing(replace(CLAIMED, is_registered=None), now=NOW)
    assert unknown.state == PoolState.CLAIMED
    assert "not known" in unknown.sentence


def test_a_number_that_is_gone_says_why_where_that_can_be_told() -> None:
    left = replace(ADDED, missing_since=NOW + 89 * DAY)
    assert "not verified within 90 days" in standing(left, now=NOW + 90 * DAY).sentence
    assert "deleted elsewhere" in standing(replace(VERIFIED, missing_since=NOW), now=NOW).sentence
    assert state_in(replace(VERIFIED, deleted_at=NOW), 0) == PoolState.DELETED


def test_while_something_waits_for_its_outcome_the_next_step_is_to_read() -> None:
    found = standing(replace(ADDED, has_open_action=True), now=NOW)
    assert (found.state, found.step, found.tone) == (PoolState.NEEDS_CODE, PoolStep.READ, Tone.WAIT)


@pytest.mark.parametrize(("days", "may"), [(0, False), (14.9, False), (15, True), (59, True), (61, True)])
def test_a_code_is_taken_in_the_last_forty_five_days_and_after(days: float, may: bool) -> None:
    assert may_get_code(VERIFIED, now=NOW + days * DAY) is may


# --- Whatever the facts -----------------------------------------------------------------------------------------------

some_time = st.timedeltas(timedelta(days=-700), timedelta(days=400)).map(lambda passed: NOW + passed)
moments = st.none() | some_time
words = st.none() | st.sampled_from(["VERIFIED", "NOT_VERIFIED", "UNVERIFIED", "EXPIRED", "NEW_WORD", ""])
any_facts = st.builds(
    PoolFacts,
    first_seen_at=some_time,
    added_at=moments,
    code_verification_status=words,
    code_verification_time=moments,
    verification_expiry_time=moments,
    missing_since=moments,
    deleted_at=moments,
    is_reserved=st.booleans(),
    claimed_at=moments,
    is_registered=st.none() | st.booleans(),
    register_by=moments,
    code_sent_at=moments,
    has_open_action=st.booleans(),
)


@given(any_facts)
def test_every_number_stands_somewhere_and_says_so_in_a_sentence(facts: PoolFacts) -> None:
    found = standing(facts, now=NOW)
    assert found.sentence.endswith(".")
    assert (found.deadline is None) == (found.ends == "")


@given(any_facts)
def test_green_is_only_what_is_known_to_be_well(facts: PoolFacts) -> None:
    found = standing(facts, now=NOW)
    if found.tone != Tone.OK:
        return
    if found.state == PoolState.IN_USE:
        assert facts.is_registered
    else:
        ends = expiry(facts)
        assert found.state == PoolState.AVAILABLE
        assert facts.code_verification_status == "VERIFIED"
        assert ends is not None
        assert ends - NOW > 45 * DAY
        assert facts.missing_since is facts.deleted_at is facts.claimed_at is None


@given(any_facts)
def test_a_deadline_lies_ahead_unless_a_registration_is_late(facts: PoolFacts) -> None:
    found = standing(facts, now=NOW)
    if found.deadline is not None and found.deadline <= NOW:
        assert (found.state, found.tone) in {(PoolState.CLAIMED, Tone.BAD), (PoolState.CLAIMED, Tone.WAIT)}


@given(any_facts)
def test_what_is_over_has_no_step_and_what_can_be_offered_is_verified(facts: PoolFacts) -> None:
    found = standing(facts, now=NOW)
    if found.state in OVER:
        assert (found.step, found.deadline) == (PoolStep.NONE, None)
    if found.state in {PoolState.AVAILABLE, PoolState.RENEWABLE, PoolState.EXPIRING, PoolState.RESERVED}:
        assert is_verified(facts, now=NOW)


@given(any_facts, st.timedeltas(timedelta(0), timedelta(days=400)))
def test_time_alone_never_makes_a_verification_hold_again(facts: PoolFacts, later: timedelta) -> None:
    if not is_verified(facts, now=NOW):
        assert not is_verified(facts, now=NOW + later)
    if may_get_code(facts, now=NOW):
        assert may_get_code(facts, now=NOW + later)
