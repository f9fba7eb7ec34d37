"""Adding numbers to a WABA, and moving them there."""

from typing import Any

import pytest

from tests.portal.sandbox.conftest import REGISTERED, Caller, Partner

NEW = {"cc": "44", "phone_number": "7700 900 999", "verified_name": "Harbor Bakery"}


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start()


def added(partner: Caller, body: Any = NEW, place: int = 0, **sent: Any) -> str:
    reply = partner.do(f"{partner.wabas()[place]['id']}/phone_numbers", body, **sent)
    assert set(reply) == {"id"}
    number_id: str = reply["id"]
    return number_id


def refused(partner: Caller, body: Any = NEW, place: int = 0, **sent: Any) -> Any:
    return partner.refusal(f"{partner.wabas()[place]['id']}/phone_numbers", body, **sent)


def test_an_added_number_is_listed_and_has_to_be_verified(partner: Caller) -> None:
    number = added(partner)
    waba = partner.wabas()[0]
    assert number in {each["id"] for each in partner.read(f"{waba['id']}/phone_numbers", limit=100)["data"]}
    found = partner.values(number, "display_phone_number", "verified_name", "country_code", "country_dial_code")
    assert found == ("+44 7700900999", "Harbor Bakery", "GB", "44")
    found = partner.values(number, "status", "code_verification_status", "name_status", "last_onboarded_time")
    assert found == ("PENDING", "NOT_VERIFIED", "PENDING_REVIEW", None)


def test_an_added_number_goes_all_the_way_to_its_registration(partner: Caller) -> None:
    number = added(partner)
    assert partner.not_registered(number)["code"] == 133006
    partner.do(f"{number}/request_code", {"code_method": "SMS", "language": "en"})
    partner.do(f"{number}/verify_code", {"code": partner.behind(number)["code"]})
    assert partner.not_registered(number)["error_subcode"] == 2388001
    partner.forward(61)
    partner.register(number)
    assert partner.values(number, "status", "platform_type") == ("CONNECTED", "CLOUD_API")


@pytest.mark.parametrize(
    ("body", "display"),
    [
        ({"cc": "1", "phone_number": "(212) 555-0188"}, "+1 212-555-0188"),
        ({"cc": "44", "phone_number": "+44 7700 900999"}, "+44 7700900999"),
        ({"cc": "90", "phone_number": "5550001122"}, "+90 5550001122"),
    ],
)
def test_numbers_are_taken_in_many_notations(partner: Caller, body: dict[str, str], display: str) -> None:
    number = added(partner, NEW | body)
    assert partner.values(number, "display_phone_number") == (display,)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"cc": "+44"},
        {"cc": 44},
        {"cc": "0"},
        {"cc": None},
        {"phone_number": ""},
        {"phone_number": "7700-BAKERY"},
        {"phone_number": 7700900999},
        {"phone_number": "1" * 15},
        {"verified_name": None},
        {"verified_name": "H"},
        {"preverified_id": "500000000000001"},
        {"preverified_id": {}},
    ],
)
def test_what_is_no_number_is_refused(partner: Caller, body: dict[str, object]) -> None:
    assert refused(partner, NEW | body if body else {})["code"] == 100


def test_a_number_that_some_waba_has_is_not_added_again(partner: Caller) -> None:
    number = added(partner)
    for place in (0, 1):
        error = refused(partner, NEW, place)
        assert error["code"] == 100
        assert number not in error["message"]
    partner.control("DELETE", f"wabas/{partner.wabas()[0]['id']}/numbers/{number}")
    assert added(partner, NEW, 1) != number


MOVE = {"cc": "44", "phone_number": "7700900999", "migrate_phone_number": True}


def review(partner: Caller, decision: str) -> None:
    """What Meta says of the WABA that numbers are to move to."""
    waba_id = partner.wabas()[1]["id"]
    partner.control("POST", "drift", {"kind": "account_reviewed", "waba_id": waba_id, "decision": decision})


def test_a_number_moves_when_it_is_registered_at_its_new_place(partner: Caller) -> None:
    review(partner, "APPROVED")
    partner.do(f"{partner.wabas()[1]['id']}/subscribed_apps")
    assert "eligible to be added directly" in refused(partner, MOVE, 1)["message"]
    old = added(partner, NEW, 0)
    partner.control("PATCH", f"numbers/{old}", {"set": {**REGISTERED, "quality_rating": "YELLOW"}})
    assert "already present" in refused(partner, MOVE, 0)["message"]
    assert "Two-step" in refused(partner, MOVE, 1)["message"]
    partner.control("PATCH", f"numbers/{old}", {"pin": None, "set": {"name_status": "PENDING_REVIEW"}})
    assert "approved display name" in refused(partner, MOVE, 1)["message"]
    partner.control("PATCH", f"numbers/{old}", {"set": {"name_status": "APPROVED"}})
    new = added(partner, MOVE, 1)
    assert new != old
    assert partner.values(new, "verified_name", "name_status", "quality_rating") == (
        "Harbor Bakery",
        "APPROVED",
        "YELLOW",
    )
    assert partner.values(old, "status") == ("CONNECTED",)
    assert partner.not_registered(new)["code"] == 133006
    partner.do(f"{new}/request_code", {"code_method": "SMS", "language": "en"})
    partner.do(f"{new}/verify_code", {"code": partner.behind(new)["code"]})
    partner.register(new)
    assert partner.values(old, "status", "platform_type") == ("MIGRATED", "NOT_APPLICABLE")
    assert partner.not_registered(old)["error_subcode"] == 2388001


def test_nothing_moves_to_a_waba_that_is_not_ready_for_it(partner: Caller) -> None:
    review(partner, "APPROVED")
    old = added(partner, NEW, 0)
    partner.control("PATCH", f"numbers/{old}", {"pin": None, "set": {"name_status": "APPROVED"}})
    waba_id = partner.wabas()[1]["id"]
    partner.session.delete(
        f"{partner.url}/v25.0/{waba_id}/subscribed_apps",
        headers={"Authorization": f"Bearer {partner.known.system_user_token}"},
        timeout=5,
    )
    assert "Webhooks have not been set up" in refused(partner, MOVE, 1)["message"]
    partner.do(f"{waba_id}/subscribed_apps")
    review(partner, "REJECTED")
    assert "must be approved" in refused(partner, MOVE, 1)["message"]


def test_a_portfolio_has_a_most_of_numbers(start: Partner) -> None:
    partner = start(wabas=1, numbers=20)
    error = refused(partner)
    assert (error["status"], error["code"], error["error_subcode"]) == (403, 200, 1349175)


def test_only_the_wabas_own_token_and_the_system_user_may_add(partner: Caller) -> None:
    own, other, _ = partner.wabas()
    error = refused(partner, token=other["business_token"])
    assert (error["code"], error["error_subcode"]) == (100, 33)
    assert added(partner, token=own["business_token"])
    number = own["phone_number_ids"][0]
    assert partner.refusal(f"{number}/phone_numbers", NEW)["error_subcode"] == 33


def test_a_waba_that_was_never_shared_is_no_partners(start: Partner) -> None:
    partner = start(wabas=12, numbers=24)
    waba = partner.wabas(relation="unshared")[0]
    error = partner.refusal(f"{waba['id']}/phone_numbers", NEW, token=waba["business_token"])
    assert (error["code"], error["error_subcode"]) == (200000, 3095008)


def test_a_waba_that_cannot_be_read_takes_no_numbers_either(start: Partner) -> None:
    partner = start(wabas=12, numbers=24)
    codes = [partner.refusal(f"{waba['id']}/phone_numbers", NEW)["code"] for waba in partner.wabas() if waba["trouble"]]
    assert sorted(codes) == [100, 200]
