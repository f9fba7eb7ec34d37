"""POST /<id>: an address for a number's own events, and what a WABA is set to. PINs and names have their own tests."""

import pytest

from tests.portal.sandbox.conftest import Partner

ADDRESS = "https://shop.example/wa"


def test_a_number_may_have_an_address_of_its_own_beside_its_wabas(start: Partner) -> None:
    partner = start()
    number_id = partner.number(webhook_configuration={"application": "https://crm.example/"})
    partner.do(f"{partner.wabas()[0]['id']}/subscribed_apps", {"override_callback_uri": ADDRESS, "verify_token": "one"})
    mine = {"override_callback_uri": f"{ADDRESS}/7", "verify_token": "two"}
    partner.do(number_id, {"webhook_configuration": mine})
    shown = {"application": "https://crm.example/", "whatsapp_business_account": ADDRESS}
    assert partner.values(number_id, "webhook_configuration") == (shown | {"phone_number": f"{ADDRESS}/7"},)
    assert "two" not in str(partner.control("GET", "log"))
    partner.do(number_id, {"webhook_configuration": {"override_callback_uri": ""}})
    assert partner.values(number_id, "webhook_configuration") == (shown,)


@pytest.mark.parametrize(
    "configuration",
    [
        "nonsense",
        [],
        {},
        {"override_callback_uri": ADDRESS},
        {"override_callback_uri": "shop.example", "verify_token": "hush"},
        {"override_callback_uri": ADDRESS, "verify_token": "hush", "fields": "messages"},
    ],
)
def test_an_address_of_a_number_that_cannot_be_used_changes_nothing(start: Partner, configuration: object) -> None:
    partner = start()
    number_id = partner.number()
    before = partner.values(number_id, "webhook_configuration", "new_display_name")
    body = {"webhook_configuration": configuration, "new_display_name": "Harbor Bakery 2"}
    assert partner.refusal(number_id, body)["code"] == 100
    assert partner.values(number_id, "webhook_configuration", "new_display_name") == before


def test_a_waba_is_set_to_true_or_false_and_nothing_else(start: Partner) -> None:
    partner = start()
    waba_id = partner.plain_waba()["id"]
    assert partner.do(waba_id, {"disable_marketing_messages_on_cloud_api": True}) == {"id": waba_id}
    both = {"disable_marketing_messages_on_cloud_api": False, "is_enabled_for_insights": "perhaps"}
    assert partner.refusal(waba_id, both)["code"] == 100
    assert partner.values(waba_id, "disable_marketing_messages_on_cloud_api") == (True,)
    assert partner.refusal(waba_id, {"pin": "123456"})["error_subcode"] == 33
