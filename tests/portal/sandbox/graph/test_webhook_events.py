"""Which webhook events a change of a number brings, which none does, and how Meta writes them."""

import json

import pytest

from portal.sandbox.controls import requested_changes
from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.graph import webhook_events
from portal.sandbox.graph.webhook_events import Event
from portal.sandbox.http.messages import Values
from portal.sandbox.world import display_names, random_changes
from portal.sandbox.world.values import number_value
from tests.portal.sandbox.graph.conftest import Heard


def test_a_declined_name_is_told_with_its_reason(heard: Heard) -> None:
    heard.to_number("name_decided", new_display_name="WhatsApp Bäckerei")
    requested, rejected = heard.values("phone_number_name_update")
    assert (requested["decision"], requested["rejection_reason"]) == ("PENDING", None)
    assert rejected == {
        "display_phone_number": heard.digits,
        "decision": "REJECTED",
        "requested_verified_name": "WhatsApp Bäckerei",
        "rejection_reason": "NAME_ENDCLIENT_NOTRELATED",
    }
    assert number_value(heard.number, "new_name_status") == "DECLINED"
    assert {each.entry_id for each in heard.events} == {heard.waba.id}


@pytest.mark.parametrize(
    ("decision", "status"), [("APPROVED", "APPROVED"), ("REJECTED", "DECLINED"), ("DEFERRED", "PENDING_REVIEW")]
)
def test_a_review_comes_to_what_was_asked_for(heard: Heard, decision: str, status: str) -> None:
    heard.to_number("name_decided", decision=decision, rejection_reason="NAME_EMPLOYEE_ISSUE")
    told = heard.values("phone_number_name_update")[-1]
    reason = "NAME_EMPLOYEE_ISSUE" if decision == "REJECTED" else None
    assert (told["decision"], told["rejection_reason"]) == (decision, reason)
    assert told["requested_verified_name"] == number_value(heard.number, "new_display_name")
    assert number_value(heard.number, "new_name_status") == status


def test_a_review_that_ends_by_the_clock_is_told(heard: Heard) -> None:
    values = {"new_display_name": "Harbor Tea", "new_name_status": "PENDING_REVIEW"}
    heard.world.change_number(heard.number, values)
    display_names.begin_review(heard.world, heard.number)
    heard.world.clock_offset += 61
    requested_changes.settle(heard.world)
    (told,) = heard.values("phone_number_name_update")
    assert (told["decision"], told["requested_verified_name"]) == ("APPROVED", "Harbor Tea")


def test_a_rating_is_told_by_flags_and_never_by_its_colour(heard: Heard) -> None:
    heard.to_number("quality_dropped", quality_rating="YELLOW")
    assert heard.events == []
    heard.to_number("quality_dropped")
    random_changes.rate(heard.world, heard.number, "quality_recovered", "YELLOW")
    flagged, unflagged = heard.values("phone_number_quality_update")
    limit = heard.waba.owner.limit
    tier = "TIER_NOT_SET" if limit == "UNTIERED" else limit
    assert flagged == {"display_phone_number": heard.digits, "event": "FLAGGED", "current_limit": tier}
    assert unflagged["event"] == "UNFLAGGED"


def test_an_upgrade_of_throughput_has_old_and_new_limits(heard: Heard) -> None:
    heard.world.change_number(heard.number, {"throughput": {"level": "STANDARD"}})
    heard.to_number("throughput_upgraded")
    (told,) = heard.values("phone_number_quality_update")
    assert told.keys() == {
        *("display_phone_number", "event", "old_limit", "current_limit", "max_daily_conversations_per_business")
    }
    assert (told["event"], told["current_limit"]) == ("THROUGHPUT_UPGRADE", "TIER_UNLIMITED")


def test_a_registration_and_its_pin_are_told(heard: Heard) -> None:
    heard.world.act(heard.number, "pin_set", {"is_pin_enabled": True})
    heard.world.act(heard.number, "registered", {"status": "CONNECTED"})
    pin, registered = heard.events
    assert pin.field == "security"
    assert pin.value == {
        "display_phone_number": heard.digits,
        "event": "PIN_CHANGED",
        "requester": heard.world.credentials.system_user_id,
    }
    assert registered.value["event"] == "ONBOARDING"
    assert registered.value.keys() == {"display_phone_number", "event", "max_daily_conversations_per_business"}


def test_a_number_on_two_wabas_is_told_of_on_both(heard: Heard) -> None:
    other = next(each for each in heard.world.related("client") if each is not heard.waba)
    heard.world.list_on(heard.number, other)
    heard.to_number("quality_dropped")
    assert [each.entry_id for each in heard.events] == [heard.waba.id, other.id]


def test_a_number_of_the_business_app_is_lost_and_comes_back(heard: Heard) -> None:
    heard.world.change_number(heard.number, {"is_on_biz_app": True})
    heard.to_number("business_app_disconnected", reason="COMPANION_INACTIVITY")
    heard.to_number("business_app_reconnected")
    heard.to_number("business_app_disconnected", disconnection_info=False)
    removed, offboarded, reconnected, bare, _ = heard.values("account_update")
    assert removed == {
        "event": "PARTNER_REMOVED",
        "phone_number": heard.digits,
        "disconnection_info": {"reason": "COMPANION_INACTIVITY", "initiated_by": "SYSTEM"},
    }
    assert offboarded == {"event": "ACCOUNT_OFFBOARDED", "phone_number": heard.digits}
    assert reconnected == {"event": "ACCOUNT_RECONNECTED", "phone_number": heard.digits}
    assert bare == {"event": "PARTNER_REMOVED", "phone_number": heard.digits}
    assert {each.entry_id for each in heard.events} == {heard.waba.id}


def test_another_number_is_lost_without_a_word(heard: Heard) -> None:
    heard.world.act(heard.number, "disconnected", {"status": "DISCONNECTED"})
    assert heard.events == []


def test_adding_and_moving_numbers_brings_no_event(heard: Heard) -> None:
    heard.make("number_added")
    heard.world.record("number_moved", waba_id=heard.waba.id, phone_number_id=heard.number.id, from_waba_id="1")
    assert heard.events == []


def test_slow_change_brings_events_that_meta_knows(heard: Heard) -> None:
    for _ in range(300):
        random_changes.change(heard.world)
    assert {each.field for each in heard.events} <= set(webhook_events.FIELDS)
    assert {each.field for each in heard.events} >= {"phone_number_name_update", "phone_number_quality_update"}
    for each in heard.events:
        assert str(each.value.get("display_phone_number", "1")).isdigit()
        assert "phone_number_id" not in each.value


def test_a_body_is_escaped_as_meta_escapes_it() -> None:
    one = Event("1", 5, "account_alerts", {"text": "Bäckerei/日本 🍞"})
    raw = webhook_events.body([one])
    assert b'"text":"B\\u00e4ckerei\\/\\u65e5\\u672c \\ud83c\\udf5e"' in raw
    assert json.loads(raw)["entry"][0]["changes"][0]["value"] == {"text": "Bäckerei/日本 🍞"}


def test_updates_of_one_waba_and_second_share_an_entry() -> None:
    updates = [Event("1", 5, "a", {}), Event("2", 5, "b", {}), Event("1", 5, "c", {}), Event("1", 6, "d", {})]
    entries = json.loads(webhook_events.body(updates))["entry"]
    assert [(each["id"], each["time"], len(each["changes"])) for each in entries] == [
        ("1", 5, 2),
        ("2", 5, 1),
        ("1", 6, 1),
    ]


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "flood"},
        {"kind": "quality_dropped", "phone_number_id": "1"},
        {"kind": "quality_dropped", "quality_rating": "BLUE"},
        {"kind": "account_restricted", "waba_id": "1"},
        {"kind": "account_restricted", "seconds": "soon"},
        {"kind": "name_decided", "decision": "MAYBE"},
        {"kind": "alert_raised", "waba_id": 4},
    ],
)
def test_what_cannot_happen_is_refused_and_changes_nothing(heard: Heard, wish: Values) -> None:
    with pytest.raises(BadRequestError):
        requested_changes.make(heard.world, wish)
    assert heard.events == []
