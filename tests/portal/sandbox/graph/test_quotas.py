"""Hourly quotas and the headers that tell of them."""

import json
from typing import Any

from tests.portal.sandbox.conftest import Caller, Partner


def usage(answer: Any, waba_id: str) -> Any:
    return json.loads(answer.headers["X-Business-Use-Case-Usage"])[waba_id][0]


def quiet_waba(partner: Caller) -> Any:
    """A WABA without a registered number."""
    waba = partner.wabas()[0]
    for number_id in waba["phone_number_ids"]:
        partner.control("PATCH", f"numbers/{number_id}", {"set": {"status": "PENDING"}})
    return waba


def test_calls_on_a_waba_carry_its_usage(start: Partner) -> None:
    partner = start(quota=0.05)
    waba = quiet_waba(partner)
    paths = (waba["id"], f"{waba['id']}/phone_numbers", waba["phone_number_ids"][0])
    shown = [usage(partner.get(path), waba["id"]) for path in paths]
    assert [each["call_count"] for each in shown] == [10, 20, 30]
    assert all(each["type"] == "whatsapp_business_management" for each in shown)
    assert all(each["estimated_time_to_regain_access"] == 0 for each in shown)


def test_calls_on_a_business_carry_the_apps_usage_only(start: Partner) -> None:
    partner = start()
    answer = partner.get(f"{partner.known.business_id}/client_whatsapp_business_accounts")
    assert "call_count" in json.loads(answer.headers["X-App-Usage"])
    assert "X-Business-Use-Case-Usage" not in answer.headers


def test_a_waba_beyond_its_quota_is_refused_and_others_are_not(start: Partner) -> None:
    partner = start(quota=0.05)
    waba = quiet_waba(partner)
    for _ in range(10):
        partner.read(waba["id"])
    answer = partner.get(waba["id"], headers={"Accept-Language": "es"})
    assert answer.json()["error"]["code"] == 80008
    assert answer.json()["error"]["error_user_title"] == "Demasiadas llamadas"
    shown = usage(answer, waba["id"])
    assert shown["call_count"] == 100
    assert 58 <= shown["estimated_time_to_regain_access"] <= 60
    assert partner.read(partner.wabas()[1]["id"])


def test_a_waba_with_a_registered_number_has_25_times_the_quota(start: Partner) -> None:
    partner = start(quota=0.05)
    waba = quiet_waba(partner)
    for _ in range(11):
        partner.get(waba["id"])
    values = {"status": "CONNECTED", "platform_type": "CLOUD_API"}
    partner.control("PATCH", f"numbers/{waba['phone_number_ids'][0]}", {"set": values})
    assert usage(partner.get(waba["id"]), waba["id"])["call_count"] == 4


def test_calls_made_while_blocked_prolong_the_block(start: Partner) -> None:
    partner = start(quota=0.05)
    waba = quiet_waba(partner)
    for _ in range(11):
        partner.get(waba["id"])
    partner.control("POST", "clock", {"advance_seconds": 1800})
    for _ in range(10):
        assert partner.error(waba["id"])["code"] == 80008
    partner.control("POST", "clock", {"advance_seconds": 1801})
    assert partner.error(waba["id"])["code"] == 80008
    partner.control("POST", "clock", {"advance_seconds": 3601})
    assert partner.read(waba["id"])


def test_an_expanded_call_counts_against_every_waba_in_it(start: Partner) -> None:
    partner = start()
    edge = f"{partner.known.business_id}/client_whatsapp_business_accounts"
    answer = partner.get(edge, fields="id,phone_numbers{id}")
    assert set(json.loads(answer.headers["X-Business-Use-Case-Usage"])) == {waba["id"] for waba in partner.wabas()}


def test_quotas_can_be_switched_off(start: Partner) -> None:
    partner = start(no_quota=True, quota=0.005)
    waba = quiet_waba(partner)
    assert all(partner.get(waba["id"]).status_code == 200 for _ in range(5))
