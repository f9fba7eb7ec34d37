"""The rules that turn a number's facts into what to do next."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phones.numbers.lifecycle import Facts, Move, Stage, Step, standing
from phones.numbers.rules import MaySend, may_send, registration_deadline

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)

HEALTHY = Facts(
    status="CONNECTED",
    platform_type="CLOUD_API",
    code_verification_status="VERIFIED",
    name_status="APPROVED",
    verified_name="Harbor Bakery",
    last_onboarded_time=NOW - 200 * DAY,
)
SIGNED_UP = Facts(
    status="PENDING",
    platform_type="NOT_APPLICABLE",
    code_verification_status="VERIFIED",
    name_status="APPROVED",
    last_onboarded_time=NOW - 2 * DAY,
)


def at(facts: Facts, **changes: object) -> tuple[Stage, Move, Step]:
    found = standing(replace(facts, **changes), now=NOW)  # type: ignore[arg-type] # any field of Facts
    return found.stage, found.move, found.step


def test_a_registered_number_with_nothing_open_needs_nothing() -> None:
    assert standing(HEALTHY, now=NOW).next_action == "Nothing to do."
    assert at(HEALTHY) == (Stage.REGISTERED, Move.NOBODY, Step.NONE)


@pytest.mark.parametrize("code", ["EXPIRED", "NOT_VERIFIED", None, "SOMETHING"])
def test_the_code_status_says_nothing_of_a_registered_number(code: str | None) -> None:
    assert at(HEALTHY, code_verification_status=code) == (Stage.REGISTERED, Move.NOBODY, Step.NONE)


def test_connected_without_cloud_api_is_not_registered() -> None:
    assert at(HEALTHY, platform_type="NOT_APPLICABLE", last_onboarded_time=NOW)[0] == Stage.READY
    assert at(HEALTHY, platform_type=None)[0] == Stage.UNKNOWN


def test_a_verified_number_in_its_window_is_ready_and_has_a_clock() -> None:
    found = standing(SIGNED_UP, now=NOW)
    assert (found.stage, found.step, found.deadline) == (Stage.READY, Step.REGISTER, NOW + 12 * DAY)


def test_our_own_signup_record_comes_before_metas_time() -> None:
    assert registration_deadline(replace(SIGNED_UP, signup_at=NOW - DAY), now=NOW) == NOW + 13 * DAY


def test_a_pre_verified_number_has_ninety_days() -> None:
    assert registration_deadline(replace(SIGNED_UP, is_preverified_number=True), now=NOW) == NOW + 88 * DAY


def test_after_the_window_the_client_signs_up_again() -> None:
    assert at(SIGNED_UP, last_onboarded_time=NOW - 15 * DAY) == (Stage.WINDOW_CLOSED, Move.CLIENT, Step.NONE)


def test_a_number_added_in_whatsapp_manager_needs_a_code_from_us() -> None:
    found = standing(replace(SIGNED_UP, code_verification_status="NOT_VERIFIED", last_onboarded_time=None), now=NOW)
    assert (found.stage, found.move, found.step) == (Stage.NEEDS_CODE, Move.US, Step.REQUEST_CODE)
    assert found.next_action.startswith("Added by hand")


def test_once_a_code_is_sent_the_client_has_the_next_move() -> None:
    assert at(SIGNED_UP, code_verification_status="NOT_VERIFIED", code_sent_at=NOW) == (
        Stage.NEEDS_CODE,
        Move.CLIENT,
        Step.VERIFY_CODE,
    )


@pytest.mark.parametrize("name", ["DECLINED", "EXPIRED", "NONE"])
def test_a_name_without_certificate_blocks_the_registration(name: str) -> None:
    assert at(SIGNED_UP, name_status=name) == (Stage.NAME_BLOCKS, Move.US, Step.DISPLAY_NAME)


@pytest.mark.parametrize("name", ["APPROVED", "AVAILABLE_WITHOUT_REVIEW", "PENDING_REVIEW", None])
def test_a_name_that_may_be_used_or_is_not_known_does_not(name: str | None) -> None:
    assert at(SIGNED_UP, name_status=name)[0] == Stage.READY


def test_a_certificate_that_meta_has_not_issued_yet_is_metas_move() -> None:
    assert at(SIGNED_UP, name_status="PENDING_REVIEW", registration_refused="certificate_error") == (
        Stage.NAME_BLOCKS,
        Move.META,
        Step.NONE,
    )


def test_an_approved_new_name_wants_a_new_registration_within_fourteen_days() -> None:
    facts = replace(HEALTHY, new_name_status="APPROVED", new_display_name="Harbor Café", name_approved_at=NOW - 3 * DAY)
    found = standing(facts, now=NOW)
    assert (found.stage, found.step, found.deadline) == (Stage.REGISTERED, Step.REGISTER, NOW + 11 * DAY)
    assert "Harbor Café" in found.next_action


def test_an_approved_name_that_is_live_already_wants_nothing() -> None:
    assert at(HEALTHY, new_name_status="APPROVED", new_display_name="Harbor Bakery")[1] == Move.NOBODY


def test_a_number_on_the_business_app_is_left_alone_only_while_it_works() -> None:
    assert at(HEALTHY, is_on_biz_app=True) == (Stage.BUSINESS_APP, Move.NOBODY, Step.NONE)
    assert at(SIGNED_UP, is_on_biz_app=True) == (Stage.BUSINESS_APP, Move.CLIENT, Step.NONE)
    assert at(HEALTHY, is_on_biz_app=True, status="DISCONNECTED") == (Stage.DISCONNECTED, Move.CLIENT, Step.NONE)
    assert at(HEALTHY, is_on_biz_app=True, status=None)[0] == Stage.UNKNOWN
    for status in ("BANNED", "FLAGGED", "RESTRICTED", "RATE_LIMITED"):
        assert at(HEALTHY, is_on_biz_app=True, status=status)[:2] == (Stage.RESTRICTED, Move.CLIENT)


@pytest.mark.parametrize("status", ["BANNED", "RESTRICTED", "FLAGGED", "RATE_LIMITED"])
def test_a_number_that_meta_holds_back_is_restricted(status: str) -> None:
    assert at(HEALTHY, status=status)[0] == Stage.RESTRICTED


def test_an_open_registration_shows_as_such() -> None:
    assert at(SIGNED_UP, open_action="register", open_action_at=NOW)[0] == Stage.REGISTERING


def test_a_number_that_no_waba_lists_is_not_visible() -> None:
    assert at(HEALTHY, missing_since=NOW)[0] == Stage.NOT_VISIBLE


def test_a_state_that_the_desk_does_not_know_is_shown_and_not_healthy() -> None:
    found = standing(replace(HEALTHY, status="PAUSED"), now=NOW)
    assert found.stage == Stage.UNKNOWN
    assert "PAUSED" in found.next_action


def words(*known: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, "SOMETHING_NEW", "", *known])


moments = st.one_of(st.none(), st.integers(-400, 10).map(lambda days: NOW + days * DAY))
flags = st.sampled_from([None, True, False])
any_facts = st.builds(
    Facts,
    status=words(
        "PENDING",
        "CONNECTED",
        "DISCONNECTED",
        "FLAGGED",
        "RESTRICTED",
        "RATE_LIMITED",
        "BANNED",
        "MIGRATED",
        "DELETED",
        "UNVERIFIED",
        "UNKNOWN",
        "LINKED",
        "UNLINKED",
    ),
    platform_type=words("CLOUD_API", "ON_PREMISE", "NOT_APPLICABLE"),
    code_verification_status=words("VERIFIED", "NOT_VERIFIED", "EXPIRED", "UNVERIFIED"),
    name_status=words(
        "APPROVED", "AVAILABLE_WITHOUT_REVIEW", "DECLINED", "EXPIRED", "PENDING_REVIEW", "NONE", "NON_EXISTS"
    ),
    new_name_status=words("APPROVED", "DECLINED", "PENDING_REVIEW", "NONE"),
    new_display_name=words("A name"),
    verified_name=words("A name", "Another name"),
    is_on_biz_app=flags,
    is_preverified_number=flags,
    last_onboarded_time=moments,
    missing_since=moments,
    readable=st.booleans(),
    signup_at=moments,
    open_action=st.sampled_from(["", "register", "deregister", "request-code"]),
    open_action_at=moments,
    code_sent_at=moments,
    name_approved_at=moments,
    registered_before=moments,
    registration_accepted_at=moments,
    registration_refused=st.sampled_from(["", "certificate_error", "pin_mismatch", "not_verified", "transient"]),
    pin_unknown=st.booleans(),
)


@given(any_facts)
def test_every_combination_of_facts_has_a_stage_and_a_sentence(facts: Facts) -> None:
    found = standing(facts, now=NOW)
    assert found.next_action.endswith(".") or found.next_action.endswith("”.")
    assert (found.move == Move.NOBODY) <= (found.step == Step.NONE)


@given(any_facts)
def test_health_is_claimed_only_on_facts_that_say_so(facts: Facts) -> None:
    if standing(facts, now=NOW).stage == Stage.REGISTERED:
        assert (facts.status, facts.platform_type) == ("CONNECTED", "CLOUD_API")
        assert facts.missing_since is None
        assert facts.readable
        assert may_send(facts) == MaySend.YES


@given(any_facts)
def test_registering_is_never_offered_for_a_number_that_may_not_be_registered(facts: Facts) -> None:
    found = standing(facts, now=NOW)
    if found.step == Step.REGISTER:
        assert not facts.is_on_biz_app
        assert facts.missing_since is None
        if found.stage == Stage.READY:
            assert facts.code_verification_status == "VERIFIED"
            assert facts.name_status not in {"DECLINED", "EXPIRED", "NONE"} or facts.new_name_status == "APPROVED"
            deadline = registration_deadline(facts, now=NOW)
            assert deadline is None or deadline >= NOW


@given(any_facts, st.integers(0, 500))
def test_time_alone_never_reopens_a_closed_window(facts: Facts, days: int) -> None:
    if standing(facts, now=NOW).stage == Stage.WINDOW_CLOSED:
        assert standing(facts, now=NOW + days * DAY).stage == Stage.WINDOW_CLOSED
