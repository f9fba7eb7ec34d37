"""/<WABA_ID>/subscribed_apps, and sharing the credit line."""

from typing import Any

import pytest

from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.signing_up import granted_token, sign_up, token_of

ADDRESS = "https://crm.example/wa"


def subscribed(partner: Caller, waba_id: str, **how: Any) -> Any:
    return partner.read(f"{waba_id}/subscribed_apps", **how)["data"]


def delete(partner: Caller, path: str, token: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {token or partner.known.system_user_token}"}
    answer = partner.session.delete(f"{partner.url}/v25.0/{path}", headers=headers, timeout=5)
    return answer.json()


def test_the_app_hears_of_most_wabas_of_the_book_but_not_of_all(practice: Caller) -> None:
    found = [bool(subscribed(practice, waba["id"])) for waba in practice.wabas(relation="client", trouble="")]
    assert sum(found) > len(found) * 0.7
    assert not all(found)


def test_a_new_customers_waba_is_subscribed_to_with_the_business_token(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner)
    token, waba_id = token_of(partner, ending), ending["waba_id"]
    assert subscribed(partner, waba_id, token=token) == []
    assert partner.do(f"{waba_id}/subscribed_apps", token=token) == {"success": True}
    (entry,) = subscribed(partner, waba_id, token=token)
    assert entry.keys() == {"whatsapp_business_api_data"}
    assert entry["whatsapp_business_api_data"].keys() == {"id", "name", "link"}
    assert entry["whatsapp_business_api_data"]["id"] == partner.known.app_id
    assert delete(partner, f"{waba_id}/subscribed_apps", token) == {"success": True}
    assert subscribed(partner, waba_id) == []


def test_a_waba_may_have_an_address_of_its_own_until_a_call_without_one(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner)
    edge = f"{ending['waba_id']}/subscribed_apps"
    partner.do(edge, {"override_callback_uri": ADDRESS, "verify_token": "hush"})
    assert subscribed(partner, ending["waba_id"])[0]["override_callback_uri"] == ADDRESS
    (shown,) = partner.values(ending["phone_number_id"], "webhook_configuration")
    assert shown["whatsapp_business_account"] == ADDRESS
    partner.do(edge)
    assert "override_callback_uri" not in subscribed(partner, ending["waba_id"])[0]
    assert partner.values(ending["phone_number_id"], "webhook_configuration") == (None,)


@pytest.mark.parametrize(
    "body",
    [
        {"override_callback_uri": ADDRESS},
        {"override_callback_uri": ADDRESS, "verify_token": ""},
        {"verify_token": "hush"},
        {"override_callback_uri": "crm.example", "verify_token": "hush"},
        {"override_callback_uri": 1, "verify_token": "hush"},
        {"override_callback_uri": ADDRESS.ljust(201, "x"), "verify_token": "hush"},
    ],
)
def test_an_address_that_cannot_be_used_is_refused(start: Partner, body: dict[str, object]) -> None:
    partner = start()
    waba_id = partner.wabas()[0]["id"]
    before = subscribed(partner, waba_id)
    assert partner.refusal(f"{waba_id}/subscribed_apps", body)["code"] == 100
    assert subscribed(partner, waba_id) == before


def test_an_address_may_have_two_hundred_characters(start: Partner) -> None:
    partner = start()
    body = {"override_callback_uri": ADDRESS.ljust(200, "x"), "verify_token": "hush"}
    assert partner.do(f"{partner.wabas()[0]['id']}/subscribed_apps", body) == {"success": True}


def test_subscribing_wants_a_waba_that_the_token_may_manage(start: Partner) -> None:
    partner = start()
    waba = partner.wabas()[0]
    edge = f"{waba['id']}/subscribed_apps"
    stranger = granted_token(partner)
    assert partner.refusal(edge, token=stranger)["error_subcode"] == 33
    assert partner.refusal(f"{waba['phone_number_ids'][0]}/subscribed_apps")["error_subcode"] == 33
    partner.control("POST", f"tokens/{waba['id']}", {"state": "no_management"})
    assert partner.refusal(edge, token=waba["business_token"])["code"] == 200
    assert partner.error(edge, token=waba["business_token"])["code"] == 200
    assert delete(partner, edge, waba["business_token"])["error"]["code"] == 200


def test_reading_subscriptions_counts_against_the_wabas_quota(start: Partner) -> None:
    partner = start()
    waba_id = partner.wabas()[0]["id"]
    answer = partner.get(f"{waba_id}/subscribed_apps")
    assert waba_id in answer.headers["X-Business-Use-Case-Usage"]


def share(partner: Caller, waba_id: object, currency: object = "USD", **how: Any) -> Any:
    path = f"{partner.known.extended_credit_id}/whatsapp_credit_sharing_and_attach"
    return partner.post(path, {"waba_id": waba_id, "waba_currency": currency}, **how)


def test_the_credit_line_is_shared_and_pays_for_the_waba(start: Partner) -> None:
    partner = start()
    waba_id = sign_up(partner)["waba_id"]
    assert partner.values(waba_id, "primary_funding_id", "currency") == (None, "USD")
    shared = share(partner, waba_id).json()
    assert (shared.keys(), shared["waba_id"]) == ({"allocation_config_id", "waba_id"}, waba_id)
    assert partner.values(waba_id, "primary_funding_id") == (shared["allocation_config_id"],)
    assert share(partner, waba_id).json() == shared


def test_a_share_of_the_credit_line_is_revoked_once_and_goes_on_to_be_shown(start: Partner) -> None:
    partner = start()
    ending = sign_up(partner)
    waba_id = ending["waba_id"]
    share_id = share(partner, waba_id).json()["allocation_config_id"]
    assert partner.read(share_id) == {"id": share_id, "request_status": "APPROVED"}
    assert delete(partner, share_id, token_of(partner, ending))["error"]["code"] == 100
    assert delete(partner, share_id) == {"success": True}
    assert partner.values(waba_id, "primary_funding_id") == (None,)
    assert partner.read(share_id)["request_status"] == "DELETED"
    assert delete(partner, share_id)["error"]["code"] == 100
    assert share(partner, waba_id).json()["allocation_config_id"] == share_id
    assert partner.read(share_id)["request_status"] == "APPROVED"


def test_the_credit_line_is_refused_in_a_currency_that_is_not_the_wabas(start: Partner) -> None:
    partner = start()
    waba_id = sign_up(partner)["waba_id"]
    for currency in ("EUR", "usd", None, 1):
        assert share(partner, waba_id, currency).json()["error"]["code"] == 100
    assert partner.values(waba_id, "primary_funding_id") == (None,)


def test_the_credit_line_goes_to_wabas_that_are_shared_and_by_the_system_user_only(start: Partner) -> None:
    partner = start(wabas=12, numbers=24)
    unshared = partner.wabas(relation="unshared")[0]
    for waba_id in (unshared["id"], "1", None, ["1"]):
        assert share(partner, waba_id, unshared["values"]["currency"]).json()["error"]["code"] == 100
    ending = sign_up(partner)
    answer = share(partner, ending["waba_id"], token=token_of(partner, ending))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, 200)
    body = {"waba_id": ending["waba_id"], "waba_currency": "USD"}
    error = partner.refusal("123456789012345/whatsapp_credit_sharing_and_attach", body)
    assert (error["code"], error["error_subcode"]) == (100, 33)
