"""Reading nodes and listings, as Graph answers them."""

import re

import pytest

from tests.portal.sandbox.conftest import Caller

CORE = (
    "id,display_phone_number,verified_name,code_verification_status,quality_rating,platform_type,throughput,status,"
    "name_status,new_name_status,last_onboarded_time,webhook_configuration"
)
EXTRA = (
    "account_mode,is_official_business_account,is_pin_enabled,is_on_biz_app,is_preverified_number,new_display_name,"
    "whatsapp_business_manager_messaging_limit"
)
ON_DEMAND = (
    "health_status,quality_score,search_visibility,official_business_account,conversational_automation,username,"
    "country_dial_code,country_code,host_platform,unified_cert_status,messaging_limit_tier,certificate,new_certificate,"
    "eligibility_for_api_business_global_search,whatsapp_business_profile"
)
WABA_FIELDS = (
    "id,name,currency,timezone_id,message_template_namespace,account_review_status,business_verification_status,status,"
    "ownership_type,owner_business,owner_business_info,on_behalf_of_business_info,primary_funding_id,country,"
    "purchase_order_number,primary_business_location,creation_time,health_status,is_enabled_for_insights,"
    "whatsapp_business_manager_messaging_limit,is_shared_with_partners,template_auto_archival_enabled,"
    "disable_marketing_messages_on_cloud_api,marketing_messages_lite_api_status,marketing_messages_onboarding_status,"
    "auth_international_rate_eligibility,linked_commerce_account"
)


def test_a_waba_lists_its_numbers_with_the_default_fields(practice: Caller) -> None:
    waba = practice.plain_waba()
    numbers = practice.read(f"{waba['id']}/phone_numbers")["data"]
    assert {number["id"] for number in numbers} == set(waba["phone_number_ids"])
    assert set(numbers[0]) >= {"id", "display_phone_number", "code_verification_status", "quality_rating"}
    assert not set(numbers[0]) & {"status", "name_status", "account_mode"}


def test_a_number_answers_the_same_as_its_listing(practice: Caller) -> None:
    waba = practice.plain_waba()
    for listed in practice.read(f"{waba['id']}/phone_numbers", fields=CORE)["data"]:
        assert practice.read(listed["id"], fields=CORE) == listed


def test_only_the_fields_asked_for_come_and_always_the_id(practice: Caller) -> None:
    waba = practice.plain_waba()
    for number in practice.read(f"{waba['id']}/phone_numbers", fields="status,display_phone_number")["data"]:
        assert set(number) == {"status", "display_phone_number", "id"}


@pytest.mark.parametrize("fields", [CORE, EXTRA, ON_DEMAND], ids=["core", "extra", "on demand"])
def test_every_documented_number_field_may_be_asked_for(practice: Caller, fields: str) -> None:
    practice.read(practice.plain_waba()["phone_number_ids"][0], fields=fields)


def test_every_documented_waba_field_may_be_asked_for(practice: Caller) -> None:
    waba = practice.plain_waba()
    found = practice.read(waba["id"], fields=WABA_FIELDS)
    assert found["owner_business"]["id"] == found["owner_business_info"]["id"] == waba["owner_business_id"]


def test_a_waba_answers_its_default_fields(practice: Caller) -> None:
    found = practice.read(practice.plain_waba()["id"])
    assert set(found) == {"id", "name", "currency", "timezone_id", "message_template_namespace"}


def test_a_business_answers_its_id_and_name(practice: Caller) -> None:
    assert set(practice.read(practice.known.business_id)) == {"id", "name"}
    owner = practice.plain_waba()["owner_business_id"]
    assert practice.read(owner, fields="id,name")["id"] == owner


def test_an_unknown_field_fails_the_whole_call(practice: Caller) -> None:
    waba = practice.plain_waba()
    for path in (f"{waba['id']}/phone_numbers", waba["phone_number_ids"][0]):
        error = practice.error(path, fields="id,status,colour")
        assert (error["status"], error["code"]) == (400, 100)
        assert error["message"] == (
            "(#100) Tried accessing nonexisting field (colour) on node type (WhatsAppBusinessPhoneNumber)"
        )


def test_an_unknown_field_deep_inside_fails_the_whole_call(practice: Caller) -> None:
    waba = practice.plain_waba()
    edge = f"{practice.known.business_id}/client_whatsapp_business_accounts"
    assert "(colour)" in practice.error(edge, fields="id,phone_numbers{id,colour}")["message"]
    assert "(colour)" in practice.error(f"{waba['id']}/phone_numbers", fields="throughput{colour}")["message"]
    assert "(colour)" in practice.error(waba["id"], fields="owner_business{colour}")["message"]
    assert practice.error(waba["id"], fields="name{first}")["code"] == 100


@pytest.mark.parametrize("fields", ["id,,name", "id{", "id}", "phone_numbers.limit(5", "a" + "{a" * 50, "1x", "id,"])
def test_fields_that_cannot_be_read_are_a_syntax_error(practice: Caller, fields: str) -> None:
    assert practice.error(practice.plain_waba()["id"], fields=fields)["code"] == 2500


def test_white_space_between_fields_does_no_harm(practice: Caller) -> None:
    found = practice.read(practice.plain_waba()["id"], fields="\nid ,\n name ")
    assert set(found) == {"id", "name"}


def test_parts_of_an_object_may_be_chosen(practice: Caller) -> None:
    number = practice.plain_waba()["phone_number_ids"][0]
    found = practice.read(number, fields="throughput{level},health_status{entities{id,entity_type}}")
    assert set(found["throughput"]) == {"level"}
    assert all(set(entity) == {"id", "entity_type"} for entity in found["health_status"]["entities"])


def test_the_numbers_of_many_wabas_come_in_one_expanded_call(practice: Caller) -> None:
    business = practice.known.business_id
    answer = practice.get(
        f"{business}/client_whatsapp_business_accounts",
        fields="id,name,phone_numbers.limit(2){id,display_phone_number,throughput{level}}",
        limit=100,
    )
    expanded = {waba["id"]: waba for waba in answer.json()["data"]}
    waba = practice.big_waba()
    inner = expanded[waba["id"]]["phone_numbers"]
    assert len(inner["data"]) == 2
    assert "/phone_numbers?" in inner["paging"]["next"]
    assert practice.session.get(inner["paging"]["next"], headers=answer.request.headers, timeout=5).status_code == 200


def test_an_expanded_edge_without_items_is_left_out(practice: Caller) -> None:
    empty = next(waba for waba in practice.wabas() if not waba["phone_number_ids"])
    assert "phone_numbers" not in practice.read(empty["id"], fields="id,phone_numbers{id}")
    assert practice.read(f"{empty['id']}/phone_numbers") == {"data": []}


def test_the_business_edges_list_what_is_shared_and_what_is_owned(practice: Caller) -> None:
    business = practice.known.business_id
    for relation in ("client", "owned"):
        pages = practice.pages(f"{business}/{relation}_whatsapp_business_accounts", limit=20)
        listed = [waba["id"] for page in pages for waba in page["data"]]
        assert listed == [waba["id"] for waba in practice.wabas(relation=relation)]


def test_the_messaging_limit_is_the_portfolios_and_the_same_on_all_its_numbers(practice: Caller) -> None:
    waba = practice.big_waba()
    field = "whatsapp_business_manager_messaging_limit"
    limits = {number[field] for number in practice.read(f"{waba['id']}/phone_numbers", fields=field)["data"]}
    assert limits == {practice.read(waba["owner_business_id"], fields=field)[field]}


def test_every_reply_names_the_version_that_answered_and_a_trace(practice: Caller) -> None:
    answer = practice.get(practice.plain_waba()["id"])
    assert answer.headers["facebook-api-version"] == "v25.0"
    assert re.fullmatch(r"A[\w-]{20,}", answer.headers["x-fb-trace-id"])


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("v20.0/", "v21.0"), ("v15.0/", "v21.0"), ("v21.0/", "v21.0"), ("v26.0/", "v26.0"), ("", "v25.0")],
)
def test_old_versions_are_answered_by_the_oldest_and_none_by_the_chosen_one(
    practice: Caller, asked: str, answered: str
) -> None:
    url = f"{practice.url}/{asked}{practice.known.business_id}"
    answer = practice.session.get(url, params={"access_token": practice.known.system_user_token}, timeout=5)
    assert (answer.status_code, answer.headers["facebook-api-version"]) == (200, answered)


def test_the_new_messaging_limit_is_not_there_before_version_24(practice: Caller) -> None:
    number = practice.plain_waba()["phone_number_ids"][0]
    for version, status in (("v23.0", 400), ("v24.0", 200)):
        url = f"{practice.url}/{version}/{number}?fields=whatsapp_business_manager_messaging_limit"
        headers = {"Authorization": f"Bearer {practice.known.system_user_token}"}
        assert practice.session.get(url, headers=headers, timeout=5).status_code == status
