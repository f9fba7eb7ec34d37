"""Webhook events of what happens to numbers and WABAs, signed, at an app's callback."""

import pytest

from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.controls.webhook_controls import settled, subscribed
from tests.portal.sandbox.receiver import Receiver


@pytest.fixture
def partner(start: Partner, receiver: Receiver) -> Caller:
    return start(webhook=receiver.url)


def test_a_change_reaches_the_callback_signed_over_its_raw_bytes(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    change = {"new_display_name": "Bäckerei 24/7", "new_name_status": "DECLINED"}
    partner.control("PATCH", f"numbers/{number}", {"set": change})
    (post,) = receiver.posts()
    assert post.is_signed(partner.known.app_secret)
    assert not post.is_signed(partner.known.app_secret[::-1])
    assert b"B\\u00e4ckerei 24\\/7" in post.body
    assert post.headers["content-type"] == "application/json"
    assert post.headers["user-agent"].startswith("facebook")
    (update,) = post.updates
    assert update["field"] == "phone_number_name_update"
    assert update["entry_id"] in {waba["id"] for waba in partner.wabas()}
    assert update["value"]["requested_verified_name"] == "Bäckerei 24/7"


def test_what_a_partner_does_is_told(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    partner.do(number, {"pin": "314159"})
    partner.do(number, {"new_display_name": "Harbor Tea"})
    partner.forward(61)
    fields = [(each["field"], each["value"].get("decision")) for each in receiver.updates(3)]
    assert fields == [
        *(("security", None), ("phone_number_name_update", "PENDING"), ("phone_number_name_update", "APPROVED")),
    ]


def test_a_review_ends_although_nobody_calls(start: Partner, receiver: Receiver) -> None:
    partner = start(webhook=receiver.url, review_seconds=0.1)
    partner.do(subscribed(partner), {"new_display_name": "Harbor Tea"})
    decisions = [each["value"]["decision"] for each in receiver.updates(2)]
    assert decisions == ["PENDING", "APPROVED"]


def test_an_owner_who_turns_two_step_verification_off_is_told_of(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    partner.control("PATCH", f"numbers/{number}", {"pin": "123456"})
    partner.control("PATCH", f"numbers/{number}", {"pin": None})
    events = [each["value"]["event"] for each in receiver.updates(3)]
    assert events == ["PIN_CHANGED", "PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS"]


def test_settings_badges_and_trials_are_told(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    for before, after in (
        ({"search_visibility": "VISIBLE"}, {"search_visibility": "NON_VISIBLE"}),
        (
            {"official_business_account": {"oba_status": "PENDING"}},
            {"official_business_account": {"oba_status": "REJECTED"}},
        ),
        ({"account_mode": "SANDBOX"}, {"account_mode": "LIVE"}),
    ):
        for values in (before, after):
            partner.control("PATCH", f"numbers/{number}", {"set": values})
    settled(partner)
    found = {each["field"]: each["value"] for each in receiver.updates()}
    assert found["account_settings_update"]["phone_number_settings"]["search_visibility"] == "NON_VISIBLE"
    assert found["account_alerts"]["alert_info"]["alert_type"] == "OBA_REJECTED"
    assert found["account_update"]["event"] == "VERIFIED_ACCOUNT"


def test_only_a_waba_that_the_app_is_subscribed_to_is_heard_of(partner: Caller, receiver: Receiver) -> None:
    number = subscribed(partner)
    waba = next(each["id"] for each in partner.wabas() if number in each["phone_number_ids"])
    drop = {"kind": "account_violated", "waba_id": waba}
    assert partner.session.delete(
        f"{partner.url}/v25.0/{waba}/subscribed_apps",
        headers={"Authorization": f"Bearer {partner.known.system_user_token}"},
        timeout=10,
    ).ok
    partner.control("POST", "drift", drop)
    partner.control("POST", "drift", {"kind": "waba_shared"})
    partner.do(f"{waba}/subscribed_apps")
    partner.control("POST", "drift", drop)
    events = [each["value"]["event"] for each in receiver.updates(3)]
    assert events == ["PARTNER_ADDED", "PARTNER_APP_INSTALLED", "ACCOUNT_VIOLATION"]
