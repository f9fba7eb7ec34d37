"""The settings and the username of a number at the practice server."""

from typing import Any

import pytest

from tests.portal.sandbox.conftest import READY, Caller, Partner


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=1, numbers=3)


def test_a_number_has_metas_defaults_until_something_is_set(partner: Caller) -> None:
    number = partner.number(settings={"storage_configuration": {"status": "IN_COUNTRY_STORAGE_ENABLED"}})

    settings = partner.read(f"{number}/settings")

    assert settings["calling"]["status"] == "DISABLED"
    assert settings["storage_configuration"] == {"status": "IN_COUNTRY_STORAGE_ENABLED"}


def test_a_username_comes_with_its_state_and_none_is_an_empty_object(partner: Caller) -> None:
    assert partner.read(f"{partner.number(username='harbor_bakery')}/username")["username"] == "harbor_bakery"
    assert partner.read(f"{partner.number(1, username='')}/username") == {}


@pytest.mark.parametrize("edge", ["settings", "username"])
def test_a_waba_has_neither(partner: Caller, edge: str) -> None:
    waba = partner.read(f"{partner.known.business_id}/client_whatsapp_business_accounts")["data"][0]["id"]

    assert partner.get(f"{waba}/{edge}").status_code == 400


def test_a_username_is_asked_for_changed_and_given_up(partner: Caller) -> None:
    number = partner.number(username="")

    assert partner.do(f"{number}/username", {"username": "harbor_bakery"})["status"] in {"approved", "reserved"}
    partner.do(f"{number}/username", {"username": "Harbor.Bakery"})
    assert partner.read(f"{number}/username")["username"] == "Harbor.Bakery"
    answer = partner.session.delete(
        f"{partner.url}/v25.0/{number}/username", headers={"Authorization": f"Bearer {partner.known.system_user_token}"}
    )

    assert answer.json()["success"] in (True, "true")
    assert partner.read(f"{number}/username") == {}


@pytest.mark.parametrize("wrong", ["", "ab", "x" * 36, "two words", "a..b", ".abc", "1234", "HARBOR_bakery", None, 7])
def test_what_is_no_username_or_anothers_is_refused(partner: Caller, wrong: object) -> None:
    partner.number(1, username="harbor_bakery")

    assert partner.refusal(f"{partner.number(username='')}/username", {"username": wrong})["code"] == 100


def test_meta_suggests_usernames_by_the_display_name(partner: Caller) -> None:
    (found,) = partner.read(f"{partner.number(verified_name='Harbor Bakery')}/username_suggestions")["data"]

    assert "harbor_bakery" in found["username_suggestions"]


TUESDAY = {"day_of_week": "TUESDAY", "open_time": "0900", "close_time": "1200"}
HOURS = {"status": "ENABLED", "timezone_id": "Europe/Madrid", "weekly_operating_hours": [TUESDAY]}
MAY_CALL = "TIER_10K"


def test_what_a_change_of_settings_names_is_set_and_the_rest_stays(partner: Caller) -> None:
    number = partner.number(whatsapp_business_manager_messaging_limit=MAY_CALL)
    holiday = {"date": "2999-12-24", "start_time": "0900", "end_time": "1200"}

    partner.do(f"{number}/settings", {"calling": {"status": "ENABLED"}})
    partner.do(f"{number}/settings", {"calling": {"call_hours": {**HOURS, "holiday_schedule": [holiday]}}})
    partner.do(f"{number}/settings", {"user_identity_change": {"enable_identity_key_check": True}})

    found = partner.read(f"{number}/settings")
    assert found["calling"]["status"] == "ENABLED"
    assert found["calling"]["call_hours"] == {**HOURS, "holiday_schedule": [holiday]}
    assert found["user_identity_change"] == {"enable_identity_key_check": True}
    partner.do(f"{number}/settings", {"calling": {"call_hours": HOURS}})
    assert partner.read(f"{number}/settings")["calling"]["call_hours"]["holiday_schedule"] == []


def test_call_settings_that_meta_would_not_take_are_refused(partner: Caller) -> None:
    number = partner.number(whatsapp_business_manager_messaging_limit=MAY_CALL)
    afternoon = {**TUESDAY, "open_time": "1130", "close_time": "1700"}
    evening = {**TUESDAY, "open_time": "1800", "close_time": "2000"}
    day = {"date": "2999-12-24", "start_time": "0900", "end_time": "1200"}
    wrong: list[object] = [
        {},
        {"mood": "good"},
        {"status": "on"},
        {"call_icon_visibility": "ENABLED"},
        {"call_hours": {**HOURS, "status": "on"}},
        {"call_hours": {**HOURS, "mood": "good"}},
        {"call_hours": {**HOURS, "timezone_id": "Europe/Harbor"}},
        {"call_hours": {**HOURS, "weekly_operating_hours": []}},
        {"call_hours": {**HOURS, "weekly_operating_hours": [{**TUESDAY, "day_of_week": "Tuesday"}]}},
        {"call_hours": {**HOURS, "weekly_operating_hours": [{**TUESDAY, "open_time": "09:00"}]}},
        {"call_hours": {**HOURS, "weekly_operating_hours": [{**TUESDAY, "open_time": "1300"}]}},
        {"call_hours": {**HOURS, "weekly_operating_hours": [TUESDAY, afternoon]}},
        {"call_hours": {**HOURS, "weekly_operating_hours": [TUESDAY, {**afternoon, "open_time": "1300"}, evening]}},
        {"call_hours": {**HOURS, "holiday_schedule": [{**day, "date": "2020-12-24"}]}},
        {"call_hours": {**HOURS, "holiday_schedule": [{**day, "date": "24.12.2999"}]}},
        {"call_hours": {**HOURS, "holiday_schedule": [{**day, "date": f"2999-12-{n:02}"} for n in range(1, 22)]}},
    ]

    for calling in wrong:
        assert partner.refusal(f"{number}/settings", {"calling": calling})["code"] == 100, calling
    assert partner.refusal(f"{number}/settings", {})["code"] == 100
    assert partner.read(f"{number}/settings")["calling"]["status"] == "DISABLED"


def test_a_number_with_a_small_messaging_limit_takes_no_calls(partner: Caller) -> None:
    number = partner.number(whatsapp_business_manager_messaging_limit="TIER_250")

    assert partner.refusal(f"{number}/settings", {"calling": {"status": "ENABLED"}})["code"] == 138015


def test_storage_is_told_before_registration_and_not_after(partner: Caller) -> None:
    number = partner.number(**READY)
    germany = {"status": "IN_COUNTRY_STORAGE_ENABLED", "data_localization_region": "DE"}

    partner.do(f"{number}/settings", {"storage_configuration": germany})
    assert partner.read(f"{number}/settings")["storage_configuration"] == germany
    for wrong in (
        {},
        {"status": "DEFAULT"},
        {**germany, "data_localization_region": "FR"},
        {"status": germany["status"]},
    ):
        assert partner.refusal(f"{number}/settings", {"storage_configuration": wrong})["code"] == 100
    partner.register(number, data_localization_region="IN")
    assert partner.read(f"{number}/settings")["storage_configuration"]["data_localization_region"] == "IN"

    answer = partner.refusal(f"{number}/settings", {"storage_configuration": {"status": "IN_COUNTRY_STORAGE_DISABLED"}})
    assert "not registered only" in answer["message"]
    wrong_check = {"user_identity_change": {"enable_identity_key_check": "yes"}}
    assert partner.refusal(f"{number}/settings", wrong_check)["code"] == 100


def test_what_a_chat_offers_is_set_changed_and_taken_away(partner: Caller) -> None:
    number, edge = partner.number(), "conversational_automation"
    menu = {"command_name": "menu", "command_description": "What there is"}

    partner.do(f"{number}/{edge}", {"prompts": ["Open today?"], "commands": [menu]})
    partner.do(f"{number}/{edge}", {"enable_welcome_message": True, "commands": []})

    (found,) = partner.values(number, edge)
    assert found == {"id": number, "enable_welcome_message": True, "prompts": ["Open today?"]}
    wrong: list[object] = [
        {},
        {"enable_welcome_message": "perhaps"},
        {"prompts": "Open today?"},
        {"prompts": ["Open?"] * 5},
        {"prompts": ["x" * 81]},
        {"prompts": ["Open \N{DOUGHNUT}?"]},
        {"commands": [menu] * 31},
        {"commands": ["menu"]},
        {"commands": [{**menu, "command_name": "x" * 33}]},
        {"commands": [{**menu, "command_description": "x" * 257}]},
    ]
    for body in wrong:
        assert partner.refusal(f"{number}/{edge}", body)["code"] == 100, body


def test_an_official_account_is_asked_for_once_with_what_meta_wants(partner: Caller) -> None:
    edge = "official_business_account"
    ready: dict[str, Any] = {"name_status": "APPROVED", "is_pin_enabled": True, edge: {"oba_status": "REJECTED"}}
    number = partner.number(**ready)
    asked = {"business_website_url": "https://harbor.example/", "primary_country_of_operation": "Spain"}
    links = [f"https://news.example/{n}" for n in range(5)]

    for wrong in (
        {},
        {"business_website_url": "https://harbor.example/"},
        {**asked, "primary_language": 7},
        {**asked, "supporting_links": links[:4]},
        {**asked, "supporting_links": ["no link"] * 5},
    ):
        assert partner.refusal(f"{number}/{edge}", wrong)["code"] == 100, wrong
    assert "submitted" in partner.do(f"{number}/{edge}", {**asked, "supporting_links": links})["message"]
    assert partner.read(f"{number}/{edge}")["oba_status"] == "PENDING"
    assert partner.refusal(f"{number}/{edge}", asked)["code"] == 100
    for not_yet in ({"is_pin_enabled": False}, {"name_status": "PENDING_REVIEW"}):
        assert partner.refusal(f"{partner.number(1, **{**ready, **not_yet})}/{edge}", asked)["code"] == 100
