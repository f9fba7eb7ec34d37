"""What a client reads of a number: plain words for wherever it stands."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from phones.choices import ActionKind, Tone
from phones.models import PhoneNumber
from phones.numbers.lifecycle import Facts, Move, Stage, Step, standing
from phones.numbers.rules import may_send
from phones.onboarding.client_words import ClientStanding, sentence_of, standing_of

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
FRESH = {
    "status": "PENDING",
    "platform_type": "NOT_APPLICABLE",
    "code_verification_status": "VERIFIED",
    "name_status": "APPROVED",
    "last_onboarded_time": NOW - timedelta(days=2),
}
LIVE = {**FRESH, "status": "CONNECTED", "platform_type": "CLOUD_API", "verified_name": "Harbor Bakery"}
JARGON = re.compile(r"\b(API|WABA|Graph|webhook|token|OTP|PIN|id|status|register the|endpoint|Cloud)\b|\d{6,}|_")


def words_for(facts: dict[str, Any], **records: Any) -> ClientStanding:
    """The words for a number with these facts, as `phones.numbers.standing` would have stored it."""
    known = Facts(**facts, **records)
    found, sends = standing(known, now=NOW), may_send(known).value
    return standing_of(
        PhoneNumber(stage=found.stage.value, step=found.step.value, move=found.move.value, may_send=sends, **facts)
    )


def plain(found: ClientStanding) -> ClientStanding:
    text = f"{found.title} {found.sentence} {found.what_to_do}"
    assert not JARGON.search(text), text
    assert found.title
    assert found.sentence
    assert found.tone in Tone.values
    return found


@pytest.mark.parametrize("stage", [*Stage, "", "something new"])
def test_there_are_plain_words_for_every_stage(stage: str) -> None:
    statuses = (None, "PENDING", "BANNED", "FLAGGED", "DELETED", "MIGRATED", "SOMETHING")
    for step, move, status in itertools.product(Step, Move, statuses):
        plain(standing_of(PhoneNumber(stage=str(stage), step=step.value, move=move.value, status=status)))


def test_a_number_that_wants_its_code_leads_to_the_code_page() -> None:
    found = plain(words_for({**FRESH, "code_verification_status": "NOT_VERIFIED"}))
    assert (found.needs_code, found.tone) == (True, Tone.ACT)
    assert "ask for the code" in found.what_to_do
    sent = plain(words_for({**FRESH, "code_verification_status": "NOT_VERIFIED"}, code_sent_at=NOW))
    assert "Type the code" in sent.what_to_do
    assert sent.needs_code


def test_a_number_in_the_app_that_is_not_connected_is_the_clients_to_connect() -> None:
    for facts in ({**FRESH, "is_on_biz_app": True}, {**LIVE, "status": "DISCONNECTED", "is_on_biz_app": True}):
        found = plain(words_for(facts))
        assert (found.tone, found.needs_code) == (Tone.ACT, False)
        assert "in the app" in found.what_to_do


def test_a_number_that_we_register_asks_nothing_of_the_client() -> None:
    for found in (words_for(FRESH), words_for(FRESH, open_action="register", open_action_at=NOW)):
        assert (plain(found).what_to_do, found.tone, found.needs_code) == ("", Tone.WAIT, False)


def test_a_live_number_is_live() -> None:
    found = plain(words_for(LIVE))
    assert (found.title, found.what_to_do, found.tone) == ("Live", "", Tone.OK)


@pytest.mark.parametrize(
    "facts",
    [
        {**FRESH, "name_status": "DECLINED"},
        {**LIVE, "name_status": "DECLINED"},
        {**LIVE, "new_name_status": "REJECTED"},
    ],
)
def test_a_name_that_was_refused_is_the_clients_to_change(facts: dict[str, Any]) -> None:
    found = plain(words_for(facts))
    assert "another name" in found.what_to_do
    assert found.tone == Tone.ACT


@pytest.mark.parametrize(
    "facts",
    [
        {**FRESH, "name_status": "NONE"},
        {**LIVE, "name_status": "PENDING_REVIEW"},
        {**LIVE, "new_name_status": "PENDING_REVIEW"},
        {**LIVE, "new_name_status": "APPROVED", "new_display_name": "Harbor Bread"},
        {**LIVE, "is_on_biz_app": True},
        {**FRESH, "status": "MIGRATED"},
        {**FRESH, "status": "DELETED"},
    ],
)
def test_where_the_client_can_do_nothing_nothing_is_asked(facts: dict[str, Any]) -> None:
    assert plain(words_for(facts)).what_to_do == ""


def test_after_the_window_the_client_signs_up_again() -> None:
    found = plain(words_for({**FRESH, "last_onboarded_time": NOW - timedelta(days=30)}))
    assert "signup link" in found.what_to_do


def test_no_failure_of_the_code_page_speaks_of_systems() -> None:
    kinds = ["code_rejected", "code_request_failed", "throttled", "token_dead", "permission_missing", "no_token", ""]
    for kind in (ActionKind.REQUEST_CODE, ActionKind.VERIFY_CODE):
        for error_kind in kinds:
            for lost in (False, True):
                assert not JARGON.search(sentence_of(kind, error_kind, answer_lost=lost))
