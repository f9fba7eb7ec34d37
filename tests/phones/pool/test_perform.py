"""Doing things to the pool through the pages, with the practice server's socket behind them."""

from __future__ import annotations

import datetime
import threading
import uuid
from typing import Any

import pytest
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings

from clients.choices import Role
from clients.models import Client, User
from phones.actions.send_once import NotSentError
from phones.choices import ActionKind, ActionState
from phones.models import Action, PreverifiedNumber, PreverifiedShare
from phones.pool import facts as situations
from phones.pool import rules
from phones.pool.clocks import PoolState
from phones.pool.perform import OnPool, perform
from phones.views.pool.forms import FORMS
from tests.conftest import SignIn
from tests.factories import make_person
from tests.phones.pool.pooling import (
    NEW_NUMBER,
    add,
    at_meta,
    changes_seen,
    do,
    in_state,
    make_link,
    make_row,
    partner,
    read,
    state_of,
    token_for,
    token_in,
)
from tests.phones.reading import text_of
from tests.practice import Practice

DIGITS = "447700900999"
LOST: dict[str, object] = {"lose_reply": True}


# --- From added to verified -------------------------------------------------------------------------------------------


def test_a_number_is_added_gets_its_code_and_is_verified(practice: Practice, browser: Browser) -> None:
    shown = add(browser)

    assert "Add to the pool: done." in shown
    row = PreverifiedNumber.objects.get(digits=DIGITS)
    assert row.added_at is not None
    assert row.code_verification_status == "NOT_VERIFIED"
    assert "+44 7700 900999" in shown
    assert state_of(row) == PoolState.NEEDS_CODE

    shown = do(browser, row, "request-code", code_method="SMS", language="en_US")
    assert "Request code: done." in shown
    assert "A code was sent: confirm it" in shown
    code = at_meta(practice, row)["code"]
    shown = do(browser, row, "verify-code", code=f"{code[:3]}-{code[3:]}")

    assert "Confirm code: done." in shown
    assert state_of(row) == PoolState.AVAILABLE
    assert changes_seen(practice) == ["POST add_phone_numbers", "POST request_code", "POST verify_code"]
    assert code not in shown
    assert not any(code in str(values) for values in Action.objects.values())
    done = Action.objects.order_by("pk").values_list("kind", "state", "preverified_number__digits")
    assert [*done] == [(kind, "succeeded", DIGITS) for kind in ("add-to-pool", "request-code", "verify-code")]


def test_a_verification_is_renewed_in_its_last_45_days(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "renewable")
    before = row.verification_expiry_time
    do(browser, row, "request-code", code_method="VOICE", language="en_US")
    do(browser, row, "verify-code", code=at_meta(practice, row)["code"])
    row.refresh_from_db()
    assert before is not None
    assert row.verification_expiry_time is not None
    assert row.verification_expiry_time > before
    assert state_of(row) == PoolState.AVAILABLE


def test_sharing_and_its_end(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    business = partner(practice)

    shown = do(browser, row, "share", business_id=business)
    assert "Share with a partner: done." in shown
    assert at_meta(practice, row)["partner_business_ids"] == [business]
    share = PreverifiedShare.objects.get(number=row)
    assert (share.business_id, share.business_name) == (business, "Northgate Messaging Ltd")
    assert "Northgate Messaging Ltd" in shown

    do(browser, row, "unshare", business_id=business)
    assert at_meta(practice, row)["partner_business_ids"] == []
    assert not PreverifiedShare.objects.filter(number=row).exists()
    assert changes_seen(practice) == ["POST share_preverified_numbers", "DELETE share_preverified_numbers"]


def test_a_number_is_deleted_once_its_last_digits_are_typed(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    assert "These are not the last four digits" in do(browser, row, "delete", last_digits="0")
    assert changes_seen(practice) == []

    shown = do(browser, row, "delete", last_digits=row.digits[-4:])

    assert "Delete from the pool: done." in shown
    assert state_of(row) == PoolState.DELETED
    there = [one["id"] for one in practice.control("GET", "preverified")["preverified"]]
    assert row.preverified_id not in there
    read(practice)
    assert state_of(row) == PoolState.DELETED


# --- What the desk refuses --------------------------------------------------------------------------------------------


def test_no_code_is_asked_for_while_the_verification_is_young(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    shown = text_of(browser.get(f"/preverified/{row.preverified_id}/confirm/request-code/"))
    assert "Meta takes a new code only in the last 45 days" in shown
    assert 'name="confirmation"' not in shown


def test_a_second_code_waits_for_a_minute(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "unverified")
    do(browser, row, "request-code", code_method="SMS", language="en_US")
    shown = text_of(browser.get(f"/preverified/{row.preverified_id}/confirm/request-code/"))
    assert "give it a minute" in shown
    assert changes_seen(practice) == ["POST request_code"]


def test_the_desk_stops_before_metas_limit_of_codes(db: None) -> None:
    row = make_row(code_verification_status="NOT_VERIFIED", code_verification_time=None, verification_expiry_time=None)
    for hours in range(1, rules.MOST_CODES + 1):
        at = timezone.now() - datetime.timedelta(hours=hours)
        Action.objects.create(
            preverified_number=row,
            kind=ActionKind.REQUEST_CODE,
            state=ActionState.SUCCEEDED,
            created_at=at,
            sent_at=at,
            closed_at=at,
        )
    refusal = situations.refusal_of(row, ActionKind.REQUEST_CODE)
    assert refusal is not None
    assert "8 codes were requested within 72 hours" in refusal.sentence
    assert refusal.until is not None


def test_a_reserved_number_is_not_deleted(
    practice: Practice, browser: Browser, alices_client: Client, lead: User
) -> None:
    row = in_state(practice, "fresh")
    token = token_for(browser, row, "delete")
    make_link(alices_client, lead, row)

    shown = text_of(browser.get(f"/preverified/{row.preverified_id}/confirm/delete/"))
    assert "A signup link offers this number to a client: free it first" in shown
    late = {"confirmation": token, "last_digits": row.digits[-4:]}
    assert "out of date" in text_of(browser.post(f"/preverified/{row.preverified_id}/delete/", late, follow=True))
    with pytest.raises(NotSentError, match="free it first"):
        perform(OnPool(key=uuid.uuid4(), kind=ActionKind.DELETE, number=row, user=lead))
    assert changes_seen(practice) == []


def test_nothing_is_done_to_a_number_that_is_out_of_the_pool(db: None, lead: User) -> None:
    now = timezone.now()
    for row in (make_row(missing_since=now), make_row(deleted_at=now), make_row(missing_since=now, claimed_at=now)):
        for kind in FORMS:
            assert situations.refusal_of(row, kind) is not None


def test_a_number_that_is_in_the_pool_is_not_added_again(practice: Practice, browser: Browser) -> None:
    add(browser)
    practice.control("POST", "log/clear")
    assert "This number is in the pool already" in add(browser)
    assert changes_seen(practice) == []


@pytest.mark.parametrize("typed", ["", "7700 900999", "+44 77", "words", "+44 7700 900999 1234567"])
def test_what_is_no_whole_number_is_not_added(practice: Practice, browser: Browser, typed: str) -> None:
    shown = add(browser, typed)
    assert 'class="errorlist"' in shown
    assert changes_seen(practice) == []


def test_a_page_that_is_out_of_date_sends_nothing(practice: Practice, browser: Browser, lead: User) -> None:
    row = in_state(practice, "unverified")
    token = token_for(browser, row, "request-code")
    do(browser, row, "share", business_id=partner(practice))
    practice.control("POST", "log/clear")
    data = {"confirmation": token, "code_method": "SMS", "language": "en_US"}
    shown = text_of(browser.post(f"/preverified/{row.preverified_id}/request-code/", data, follow=True))
    assert "out of date" in shown
    assert changes_seen(practice) == []


def test_a_token_is_good_for_its_number_its_action_and_its_person_alone(
    practice: Practice, browser: Browser, sign_in: SignIn, administrator: User
) -> None:
    row = in_state(practice, "unverified")
    token = token_for(browser, row, "request-code")
    data = {"confirmation": token, "code_method": "SMS", "language": "en_US"}
    other = PreverifiedNumber.objects.exclude(pk=row.pk).first()
    assert other is not None
    address = "/preverified/{}/{}/"
    tries = [
        (browser, address.format(other.preverified_id, "request-code")),
        (browser, address.format(row.preverified_id, "verify-code")),
        (sign_in(administrator), address.format(row.preverified_id, "request-code")),
    ]
    for who, where in tries:
        assert "not made for you" in text_of(who.post(where, data, follow=True))
    assert changes_seen(practice) == []


def test_without_a_token_nothing_is_sent(browser: Browser, settings: Settings) -> None:
    assert "Nothing was sent. There is no usable system user token" in add(browser)
    assert not Action.objects.exists()


# --- What Meta refuses ------------------------------------------------------------------------------------------------


def test_a_wrong_code_is_explained_with_the_trace(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "unverified")
    do(browser, row, "request-code", code_method="SMS", language="en_US")
    wrong = "000000" if at_meta(practice, row)["code"] != "000000" else "111111"

    shown = do(browser, row, "verify-code", code=wrong)

    assert "The code was not accepted" in shown
    action = Action.objects.get(kind=ActionKind.VERIFY_CODE)
    assert (action.state, action.code) == ("failed", 136025)
    assert action.fbtrace_id
    assert f"trace {action.fbtrace_id}" in shown
    assert state_of(row) == PoolState.NEEDS_CODE


def test_a_number_that_somebody_uses_on_whatsapp_is_not_added(practice: Practice, browser: Browser) -> None:
    taken = next(iter(practice.book()["phone_numbers"].values()))["display_phone_number"]
    shown = add(browser, taken)
    assert "Meta did not accept it" in shown
    assert "registered to a WhatsApp account already" in shown
    assert Action.objects.get().state == ActionState.FAILED


def test_a_business_that_meta_does_not_know_gets_no_number(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "fresh")
    shown = do(browser, row, "share", business_id="123456789")
    assert "Meta did not accept it" in shown
    assert not PreverifiedShare.objects.filter(number=row).exists()


@pytest.mark.parametrize("kind", ["request-code", "verify-code", "share", "delete"])
def test_a_refused_token_leaves_the_truth_and_one_call(practice: Practice, browser: Browser, kind: str) -> None:
    row = in_state(practice, "unverified")
    token = token_for(browser, row, kind)
    practice.control("POST", "tokens/system_user", {"state": "expired"})
    data = {
        "code_method": "SMS",
        "language": "en_US",
        "code": "123456",
        "business_id": "123456789",
        "last_digits": row.digits[-4:],
    }
    shown = text_of(
        browser.post(f"/preverified/{row.preverified_id}/{kind}/", {"confirmation": token, **data}, follow=True)
    )
    assert "failed" in shown
    assert len(changes_seen(practice)) == 1
    assert Action.objects.get().state == ActionState.FAILED


# --- Once -------------------------------------------------------------------------------------------------------------


def test_a_double_submit_is_one_post(practice: Practice, browser: Browser) -> None:
    row = in_state(practice, "unverified")
    data = {"confirmation": token_for(browser, row, "request-code"), "code_method": "SMS", "language": "en_US"}
    for _ in range(3):
        shown = text_of(browser.post(f"/preverified/{row.preverified_id}/request-code/", data, follow=True))
        assert "Request code: done." in shown
    assert changes_seen(practice) == ["POST request_code"]


def test_adding_twice_with_one_form_is_one_post(practice: Practice, browser: Browser) -> None:
    data = {"confirmation": token_in(text_of(browser.get("/preverified/add/"))), "phone_number": NEW_NUMBER}
    for _ in range(2):
        assert "Add to the pool: done." in text_of(browser.post("/preverified/add/", data, follow=True))
    assert changes_seen(practice) == ["POST add_phone_numbers"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_key", [True, False])
def test_of_several_at_once_one_is_sent(practice: Practice, same_key: bool) -> None:
    person = make_person("tess", Role.TEAM_LEAD)
    row = in_state(practice, "unverified")
    key = uuid.uuid4()
    results: list[Any] = []

    def ask() -> None:
        request = OnPool(
            key=key if same_key else uuid.uuid4(),
            kind=ActionKind.REQUEST_CODE,
            number=row,
            user=person,
            details={"code_method": "SMS", "language": "en_US"},
        )
        try:
            results.append(perform(request).pk)
        except NotSentError as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert changes_seen(practice) == ["POST request_code"]
    assert Action.objects.count() == 1
    refused = [one for one in results if isinstance(one, NotSentError)]
    assert len(refused) == (0 if same_key else 3)
