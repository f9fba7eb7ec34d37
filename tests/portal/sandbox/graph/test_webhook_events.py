"""Which webhook events a change of the practice world brings, and how Meta writes them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from portal.sandbox.controls import requested_changes
from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.graph import webhook_events
from portal.sandbox.graph.webhook_events import Event
from portal.sandbox.http.messages import Values
from portal.sandbox.world import book, display_names, random_changes, store
from portal.sandbox.world.values import number_value, waba_value
from portal.sandbox.world.world import World

STARTED = 1_790_000_000.0
READY = {"status": "CONNECTED", "platform_type": "CLOUD_API", "quality_rating": "GREEN", "is_on_biz_app": False}


class Heard:
    """A world of one's own, and every event of it."""

    def __init__(self) -> None:
        self.world = World(7, STARTED)
        book.stock(self.world, wabas=12, numbers=40)
        self.waba = next(each for each in self.world.related("client") if each.numbers and not each.trouble)
        self.number = next(each for each in self.waba.numbers if len(each.wabas) == 1)
        self.world.change_number(self.number, READY, ("new_display_name", "new_name_status"))
        self.events: list[Event] = []
        self.world.heard = lambda entry: self.events.extend(webhook_events.of(self.world, entry))

    @property
    def digits(self) -> str:
        return re.sub(r"\D", "", str(number_value(self.number, "display_phone_number")))

    def values(self, field: str) -> list[Values]:
        """The values of the events so far, all of which must have this field."""
        assert {each.field for each in self.events} <= {field}
        return [each.value for each in self.events]

    def make(self, kind: str, **wish: object) -> Values:
        return requested_changes.make(self.world, {"kind": kind, **wish})

    def to_number(self, kind: str, **wish: object) -> Values:
        return self.make(kind, phone_number_id=self.number.id, **wish)

    def to_waba(self, kind: str, **wish: object) -> Values:
        return self.make(kind, waba_id=self.waba.id, **wish)


@pytest.fixture
def heard() -> Heard:
    return Heard()


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


def test_a_new_client_is_told_of_in_the_partners_own_entry(heard: Heard) -> None:
    waba = heard.world.wabas[str(heard.make("waba_shared")["waba_id"])]
    added, installed = heard.values("account_update")
    info = {"waba_id": waba.id, "owner_business_id": waba.owner.id}
    assert added == {"event": "PARTNER_ADDED", "waba_info": info}
    app_id = heard.world.credentials.app_id
    assert installed == {"event": "PARTNER_APP_INSTALLED", "waba_info": info | {"partner_app_id": app_id}}
    assert {each.entry_id for each in heard.events} == {heard.world.partner.id}


def test_a_client_that_leaves_takes_the_waba_and_its_token_along(heard: Heard) -> None:
    heard.to_waba("waba_unshared")
    removed, uninstalled = heard.values("account_update")
    info = {"waba_id": heard.waba.id, "owner_business_id": heard.waba.owner.id}
    assert removed == {"event": "PARTNER_REMOVED", "waba_info": info}
    assert uninstalled["event"] == "PARTNER_APP_UNINSTALLED"
    assert {each.entry_id for each in heard.events} == {heard.world.partner.id}
    assert heard.waba not in heard.world.related("client")
    assert heard.world.token_states[f"waba:{heard.waba.id}"] == "revoked"


def test_a_restriction_ends_by_itself_and_untold(heard: Heard) -> None:
    heard.world.change_waba(heard.waba, {"status": "ACTIVE"})
    heard.to_waba("account_restricted", seconds=3600, restriction_type="RESTRICTED_ADD_PHONE_NUMBER_ACTION")
    (told,) = heard.values("account_update")
    assert told["event"] == "ACCOUNT_RESTRICTION"
    (restriction,) = cast_list(told["restriction_info"])
    assert restriction["restriction_type"] == "RESTRICTED_ADD_PHONE_NUMBER_ACTION"
    assert abs(restriction["expiration"] - heard.world.now() - 3600) < 60
    assert waba_value(heard.waba, "status") == "RESTRICTED"
    heard.world.clock_offset += 3601
    requested_changes.settle(heard.world)
    assert waba_value(heard.waba, "status") == "ACTIVE"
    assert len(heard.events) == 1


def test_a_scheduled_disable_comes_about_at_its_time(heard: Heard) -> None:
    heard.world.clock_offset = 1_744_848_000 - heard.world.now()  # 17 April 2025
    heard.to_waba("disable_scheduled", seconds=86_400)
    heard.world.clock_offset += 86_401
    requested_changes.settle(heard.world)
    heard.to_waba("account_reinstated")
    scheduled, disabled, reinstated = heard.values("account_update")
    assert scheduled == {
        "event": "DISABLED_UPDATE",
        "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE", "waba_ban_date": "April 18, 2025"},
    }
    assert cast_dict(disabled["ban_info"])["waba_ban_state"] == "DISABLE"
    assert cast_dict(reinstated["ban_info"])["waba_ban_state"] == ["REINSTATE"]
    assert heard.waba.own["status"] == "ACTIVE"


def test_a_waba_that_is_reinstated_in_time_is_not_disabled(heard: Heard) -> None:
    heard.to_waba("disable_scheduled", seconds=100)
    heard.to_waba("account_reinstated")
    heard.world.clock_offset += 200
    requested_changes.settle(heard.world)
    assert [cast_dict(each["ban_info"])["waba_ban_state"] for each in heard.values("account_update")] == [
        *("SCHEDULE_FOR_DISABLE", ["REINSTATE"])
    ]


@pytest.mark.parametrize(
    ("kind", "field", "shape"),
    [
        ("account_deleted", "account_update", {"event": "ACCOUNT_DELETED"}),
        ("account_violated", "account_update", {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type"}}),
        ("account_reviewed", "account_review_update", {"decision": "REJECTED"}),
        (
            "alert_raised",
            "account_alerts",
            {
                "entity_type": "BUSINESS",
                "entity_id": None,
                "alert_info": {"alert_severity", "alert_status", "alert_type", "alert_description"},
            },
        ),
        (
            "limit_changed",
            "business_capability_update",
            {
                "max_daily_conversations_per_business": "TIER_10K",
                "max_phone_numbers_per_business": None,
                "max_phone_numbers_per_waba": None,
            },
        ),
    ],
)
def test_what_happens_to_a_waba_has_the_shape_of_metas(heard: Heard, kind: str, field: str, shape: Values) -> None:
    heard.to_waba(kind)
    told = heard.values(field)[0]
    assert heard.events[0].entry_id in {each.id for each in heard.world.wabas.values()}
    assert told.keys() == shape.keys()
    for name, expected in shape.items():
        value = told[name]
        assert expected is None or value == expected or (isinstance(value, dict) and value.keys() == expected)


@pytest.mark.parametrize(
    ("event", "key"),
    [
        ("PARTNER_APP_INSTALLED", "waba_info"),
        ("PARTNER_APP_UNINSTALLED", "waba_info"),
        ("AD_ACCOUNT_LINKED", "waba_info"),
        ("MM_LITE_TERMS_SIGNED", "waba_info"),
        ("PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", "partner_client_certification_info"),
        ("AUTH_INTL_PRICE_ELIGIBILITY_UPDATE", "auth_international_rate_eligibility"),
        ("BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "country"),
        ("VOLUME_BASED_PRICING_TIER_UPDATE", "volume_tier_info"),
    ],
)
def test_every_other_account_update_can_be_had(heard: Heard, event: str, key: str) -> None:
    heard.to_waba("account_updated", event=event)
    (told,) = heard.values("account_update")
    assert told["event"] == event
    assert told.keys() == {"event", key}
    expected = heard.world.partner.id if key == "waba_info" else heard.waba.id
    assert heard.events[0].entry_id == expected


def test_a_limit_is_told_to_every_waba_of_the_portfolio(heard: Heard) -> None:
    heard.to_waba("limit_changed", limit="TIER_100K")
    portfolio = [each.id for each in heard.world.wabas.values() if each.owner is heard.waba.owner]
    assert [each.entry_id for each in heard.events] == portfolio


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


def test_what_happened_to_wabas_and_is_to_happen_outlives_a_restart(tmp_path: Path) -> None:
    path, size = tmp_path / "practice.json", store.Size(7, 12, 40, healthy=True)
    world, _ = store.load(None, size, STARTED)
    one, other, third = world.related("client")[:3]
    requested_changes.make(world, {"kind": "disable_scheduled", "waba_id": one.id, "seconds": 3600})
    requested_changes.make(world, {"kind": "waba_unshared", "waba_id": other.id})
    requested_changes.make(world, {"kind": "limit_changed", "waba_id": third.id, "limit": "TIER_UNLIMITED"})
    store.save(world, path, size)
    again, _ = store.load(path, size, STARTED)
    assert again.appointments == world.appointments != []
    assert again.wabas[other.id].relation == "unshared"
    assert again.wabas[third.id].owner.limit == "TIER_UNLIMITED"
    again.clock_offset += 3601
    requested_changes.settle(again)
    assert waba_value(again.wabas[one.id], "status") == "DISABLED"


def cast_list(value: object) -> list[Any]:
    assert isinstance(value, list)
    return value


def cast_dict(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value
