"""Which webhook events a change of a WABA or its portfolio brings."""

from pathlib import Path
from typing import Any

import pytest

from portal.sandbox.controls import requested_changes
from portal.sandbox.http.messages import Values
from portal.sandbox.world import store
from portal.sandbox.world.values import waba_value
from tests.portal.sandbox.graph.conftest import STARTED, Heard


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
