"""Answers of Meta's that were lost on the way: settled by reading, and nothing is sent twice."""

from __future__ import annotations

import datetime

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User
from phones import tasks
from phones.actions import lost_answers, settle
from phones.choices import ActionKind, ActionState
from phones.models import Action, PreverifiedNumber
from phones.pool import perform
from phones.pool.clocks import PoolState
from tests.phones.pool.pooling import add, at_meta, board, changes_seen, do, in_state, make_row, page, partner, state_of
from tests.phones.reading import text_of
from tests.practice import Practice

DIGITS = "447700900999"
LOST: dict[str, object] = {"lose_reply": True}


def test_a_lost_verification_is_settled_by_the_number_itself(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "renewable")
    do(browser, row, "request-code", code_method="SMS", language="en_US")
    code = at_meta(practice, row)["code"]
    practice.fault(LOST, times=1, path_contains="verify_code")

    shown = do(browser, row, "verify-code", code=code)

    action = Action.objects.get(kind=ActionKind.VERIFY_CODE)
    assert (action.state, action.settled_by_reading) == ("succeeded", True)
    assert "Done, as the pool itself shows" in shown
    assert changes_seen(practice) == ["POST request_code", "POST verify_code"]


def test_a_verification_that_did_not_happen_is_not_taken_for_the_older_one(
    practice: Practice, browser: Browser
) -> None:
    row = in_state(practice, "renewable")
    do(browser, row, "request-code", code_method="SMS", language="en_US")
    practice.fault({"close": True}, times=1, path_contains="verify_code")
    do(browser, row, "verify-code", code=at_meta(practice, row)["code"])
    action = Action.objects.get(kind=ActionKind.VERIFY_CODE)
    assert (action.state, action.closed_at) == ("unknown", None)
    assert "Meta’s answer was lost" in page(browser, row)

    with time_machine.travel(timezone.now() + lost_answers.GRACE):
        tasks.settle()

    action.refresh_from_db()
    assert (action.state, action.settled_by_reading) == ("failed", True)
    assert changes_seen(practice).count("POST verify_code") == 1


def test_whether_a_code_was_sent_stays_unknown_and_blocks_nothing(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "unverified")
    practice.fault(LOST, times=1, path_contains="request_code")
    shown = do(browser, row, "request-code", code_method="SMS", language="en_US")
    assert "so the desk does not know whether it was done" in shown
    action = Action.objects.get()
    assert (action.state, action.closed_at is not None) == ("unknown", True)
    do(browser, row, "verify-code", code=at_meta(practice, row)["code"])
    assert state_of(row) == PoolState.AVAILABLE


@pytest.mark.parametrize(("answer", "state"), [(LOST, "succeeded"), ({"close": True}, "unknown")])
def test_a_lost_addition_is_settled_by_the_list(
    practice: Practice, browser: Browser, answer: dict[str, object], state: str
) -> None:
    practice.fault(answer, times=1, path_contains="add_phone_numbers")

    shown = add(browser)

    action = Action.objects.get()
    assert action.state == state
    assert changes_seen(practice) == ["POST add_phone_numbers"]
    if state == "succeeded":
        assert action.preverified_number == PreverifiedNumber.objects.get(digits=DIGITS)
        assert action.preverified_number.added_at == action.sent_at
        return
    assert "Nothing is sent again" in shown
    assert "under way" in add(browser)
    with time_machine.travel(timezone.now() + lost_answers.GRACE):
        browser.post("/preverified/read/")
    action.refresh_from_db()
    assert (action.state, action.preverified_number) == ("failed", None)
    assert "Nothing is sent again" not in board(browser)
    assert changes_seen(practice) == ["POST add_phone_numbers"]


def test_an_addition_stays_unknown_where_meta_lists_a_number_without_its_digits(
    practice: Practice, browser: Browser
) -> None:
    practice.fault({"close": True}, times=1, path_contains="add_phone_numbers")
    add(browser)
    make_row(preverified_id="599999999999999", phone_number=None, digits="", first_seen_at=timezone.now())

    with time_machine.travel(timezone.now() + lost_answers.GRACE):
        settle.settle_pool_additions()

    action = Action.objects.get()
    assert (action.state, action.preverified_number, action.closed_at is not None) == ("unknown", None, True)


def test_a_lost_deletion_is_settled_by_the_list(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    practice.fault(LOST, times=1, method="DELETE")
    do(browser, row, "delete", last_digits=row.digits[-4:])
    action = Action.objects.get()
    assert (action.state, action.settled_by_reading) == ("succeeded", True)
    assert state_of(row) == PoolState.DELETED
    assert len(changes_seen(practice)) == 1


@pytest.mark.parametrize(("answer", "state"), [(LOST, "succeeded"), ({"close": True}, "unknown")])
def test_a_lost_share_is_settled_by_the_partners(
    practice: Practice, browser: Browser, answer: dict[str, object], state: str
) -> None:
    row = in_state(practice, "fresh")
    practice.fault(answer, times=1, path_contains="share_preverified_numbers")
    do(browser, row, "share", business_id=partner(practice))
    action = Action.objects.get()
    assert action.state == state
    assert row.shares.exists() is (state == "succeeded")
    assert changes_seen(practice) == ["POST share_preverified_numbers"]


def test_partners_that_can_not_be_read_leave_a_lost_share_open(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    practice.fault(LOST, times=1, path_contains="share_preverified_numbers")
    practice.fault({"status": 500, "body": "oops"}, path_contains="/partners")
    do(browser, row, "share", business_id=partner(practice))
    assert Action.objects.get().closed_at is None
    practice.heal()
    browser.post(f"/preverified/{row.preverified_id}/read/")
    assert Action.objects.get().state == ActionState.SUCCEEDED


def test_an_answer_that_is_open_keeps_everything_else_from_being_sent(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "expired")
    practice.fault({"close": True}, times=1, path_contains="share_preverified_numbers")
    do(browser, row, "share", business_id=partner(practice))
    shown = text_of(browser.get(f"/preverified/{row.preverified_id}/confirm/request-code/"))
    assert "waits for its outcome" in shown
    assert 'name="confirmation"' not in shown
    assert len(changes_seen(practice)) == 1


def test_a_process_that_died_before_it_sent_anything_is_told_from_one_that_died_after(
    practice: Practice, lead: User
) -> None:
    row, other = in_state(practice, "unverified", 0), in_state(practice, "unverified", 1)
    long_ago = timezone.now() - lost_answers.ANSWER_LIMIT - datetime.timedelta(seconds=1)
    kind = ActionKind.VERIFY_CODE
    never = Action.objects.create(preverified_number=row, kind=kind, created_at=long_ago)
    sent = Action.objects.create(
        preverified_number=other,
        kind=ActionKind.REQUEST_CODE,
        state=ActionState.SENT,
        created_at=long_ago,
        sent_at=long_ago,
    )
    assert perform.settle_all() == 2
    never.refresh_from_db()
    sent.refresh_from_db()
    assert (never.state, sent.state) == ("failed", "unknown")
    assert sent.closed_at is not None
    assert changes_seen(practice) == []


def test_a_reading_that_fails_settles_nothing(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    practice.fault({"status": 500, "body": "oops"}, path_contains=f"/{row.preverified_id}")
    told = perform.read_number(row)
    assert told.failure is not None
