"""The pre-verified pool as a partner asks for it: adding, codes, reading, listing, sharing, removing."""

from typing import Any

import pytest

from portal.sandbox.world.book import credentials
from tests.portal.sandbox.conftest import Caller, Partner
from tests.portal.sandbox.pooling import (
    BUSINESS,
    MOBILE,
    SMS,
    VOICE,
    added,
    behind,
    deleted,
    in_state,
    listed,
    moment,
    sent,
    status,
    verify,
)

FIELDS = "id,phone_number,code_verification_status,code_verification_time,verification_expiry_time,owner_business"
LISTING = f"{BUSINESS}/preverified_numbers"
ADDING = f"{BUSINESS}/add_phone_numbers"
SHARING = f"{BUSINESS}/share_preverified_numbers"


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start()


def other_business(partner: Caller) -> str:
    pool = partner.control("GET", "preverified")["preverified"]
    found: str = next(each["partner_business_ids"][0] for each in pool if each["partner_business_ids"])
    return found


def test_an_added_number_has_yet_to_be_verified(partner: Caller) -> None:
    entry = added(partner)
    assert partner.read(entry, fields=FIELDS) == {
        "id": entry,
        "phone_number": MOBILE,
        "code_verification_status": "NOT_VERIFIED",
        "owner_business": {"id": BUSINESS, "name": "Practice Partner"},
    }


def test_a_number_is_added_by_a_query_as_well(partner: Caller) -> None:
    assert partner.do(ADDING, params={"phone_number": MOBILE})["id"]


@pytest.mark.parametrize(
    "digits", [None, "", "+447700900999", "07700900999", "44 7700 900999", "441", "4" * 16, 447700]
)
def test_what_is_no_number_in_digits_is_not_added(partner: Caller, digits: object) -> None:
    error = partner.refusal(ADDING, {"phone_number": digits})
    assert (error["status"], error["code"], "error_subcode" in error) == (400, 100, False)


def test_a_number_that_is_in_the_pool_is_not_added_again(partner: Caller) -> None:
    entry = added(partner)
    assert "pre-verified" in partner.refusal(ADDING, {"phone_number": MOBILE})["message"]
    deleted(partner, entry)
    assert added(partner) != entry


def test_a_number_that_a_waba_uses_is_not_added(partner: Caller) -> None:
    number = partner.number(display_phone_number="+44 7700 900-999")
    assert "WhatsApp account" in partner.refusal(ADDING, {"phone_number": MOBILE})["message"]
    partner.control("PATCH", f"numbers/{number}", {"set": {"status": "DELETED"}})
    added(partner)


def test_a_number_of_the_pool_is_not_added_to_a_waba_as_a_new_one(partner: Caller) -> None:
    added(partner)
    body = {"cc": "44", "phone_number": "7700900999", "verified_name": "Harbor Bakery"}
    error = partner.refusal(f"{partner.wabas()[0]['id']}/phone_numbers", body)
    assert (error["code"], "pre-verified" in error["message"]) == (100, True)


@pytest.mark.parametrize("path", [ADDING, SHARING])
def test_a_business_token_gets_no_permission_for_the_pool(partner: Caller, path: str) -> None:
    token = partner.wabas()[0]["business_token"]
    error = partner.refusal(path, {"phone_number": MOBILE}, token=token)
    assert (error["status"], error["code"]) == (403, 200)
    assert deleted(partner, SHARING, token=token)["error"]["code"] == 200
    assert partner.error(LISTING, token=token)["code"] == 200


def test_a_business_token_sees_no_number_of_the_pool(partner: Caller) -> None:
    entry, token = in_state(partner, "unverified"), partner.wabas()[0]["business_token"]
    assert partner.error(entry, token=token)["error_subcode"] == 33
    assert partner.refusal(f"{entry}/request_code", VOICE, token=token)["error_subcode"] == 33
    assert deleted(partner, entry, token=token)["error"]["error_subcode"] == 33


def test_another_business_has_no_pool_that_the_partner_may_use(partner: Caller) -> None:
    client = partner.wabas()[0]["owner_business_id"]
    assert partner.refusal(f"{client}/add_phone_numbers", {"phone_number": MOBILE})["code"] == 200
    assert partner.error(f"{client}/preverified_numbers")["code"] == 200


def test_what_is_no_business_has_no_pool(partner: Caller) -> None:
    waba = partner.wabas()[0]["id"]
    assert partner.refusal(f"{waba}/add_phone_numbers", {"phone_number": MOBILE})["error_subcode"] == 33
    assert "nonexisting field (preverified_numbers)" in partner.error(f"{waba}/preverified_numbers")["message"]
    assert "nonexisting field (partners)" in partner.error(f"{waba}/partners")["message"]
    assert deleted(partner, waba)["error"]["error_subcode"] == 33


def test_what_is_done_to_numbers_is_not_done_to_the_pool(partner: Caller) -> None:
    entry = in_state(partner, "fresh")
    assert partner.not_registered(entry)["error_subcode"] == 33
    assert partner.refusal(entry, {"pin": "246810"})["error_subcode"] == 33
    assert partner.error(f"{entry}/phone_numbers")["code"] == 100


def test_every_call_wants_a_token_and_its_proof(start: Partner) -> None:
    partner = start(require_proof=True)
    assert partner.error(LISTING, token="")["code"] == 104
    assert "appsecret_proof" in partner.refusal(ADDING, {"phone_number": MOBILE})["message"]


def test_every_reply_tells_the_apps_usage(partner: Caller) -> None:
    entry = in_state(partner, "fresh")
    for path in (LISTING, entry, f"{entry}/partners"):
        assert "call_count" in partner.get(path).headers["X-App-Usage"]


def test_a_code_verifies_a_number_for_ninety_days(partner: Caller) -> None:
    entry = added(partner)
    verify(partner, entry)
    found = partner.read(entry, fields=FIELDS)
    begins, ends = moment(found["code_verification_time"]), moment(found["verification_expiry_time"])
    assert (found["code_verification_status"], ends - begins) == ("VERIFIED", 90 * 86_400)
    assert behind(partner, entry)["code"] is None


def test_the_verification_begins_with_the_code_not_with_the_adding(partner: Caller) -> None:
    entry = added(partner)
    partner.forward(10 * 86_400)
    verify(partner, entry)
    begun = moment(partner.read(entry)["code_verification_time"])
    assert begun - moment(behind(partner, entry)["created"]) >= 10 * 86_400


def test_a_code_works_for_ten_minutes_and_once(partner: Caller) -> None:
    entry = added(partner)
    code = sent(partner, entry)
    partner.forward(601)
    assert partner.refusal(f"{entry}/verify_code", {"code": code})["code"] == 136025
    code = sent(partner, entry)
    partner.do(f"{entry}/verify_code", {"code": code})
    assert partner.refusal(f"{entry}/verify_code", {"code": code})["code"] == 136025


def test_a_wrong_code_is_refused_and_five_of_them_lock(partner: Caller) -> None:
    entry = added(partner)
    code = sent(partner, entry)
    wrong = "000000" if code != "000000" else "111111"
    errors = [partner.refusal(f"{entry}/verify_code", {"code": wrong}) for _ in range(5)]
    assert [error.get("error_subcode") for error in errors] == [2388093] * 4 + [None]
    assert "12 hours" in errors[-1]["error_data"]["details"]
    assert status(partner, entry) == "NOT_VERIFIED"


def test_the_eleventh_code_in_72_hours_is_too_many(partner: Caller) -> None:
    entry = added(partner)
    for _ in range(10):
        sent(partner, entry)
    assert partner.refusal(f"{entry}/request_code", SMS)["error_subcode"] == 2388367


@pytest.mark.parametrize("body", [{}, {"code_method": "SMS"}, {"code_method": "PIGEON", "language": "en"}])
def test_a_request_for_a_code_that_makes_no_sense_is_refused(partner: Caller, body: dict[str, str]) -> None:
    assert partner.refusal(f"{added(partner)}/request_code", body)["code"] == 100


def test_a_landline_is_called(partner: Caller) -> None:
    entry = added(partner, "442079460999")
    assert partner.refusal(f"{entry}/request_code", SMS)["error_subcode"] == 2388091
    verify(partner, entry)


def test_a_verified_number_takes_no_code_until_its_last_45_days(partner: Caller) -> None:
    entry = in_state(partner, "verified")
    error = partner.refusal(f"{entry}/request_code", VOICE)
    assert (error["code"], "error_subcode" in error) == (136024, False)
    partner.forward(15 * 86_400 - 60)
    partner.refusal(f"{entry}/request_code", VOICE)
    partner.forward(60)
    before = moment(partner.read(entry)["verification_expiry_time"])
    verify(partner, entry)
    assert moment(partner.read(entry)["verification_expiry_time"]) - before >= 45 * 86_400


def test_an_expired_number_is_verified_again(partner: Caller) -> None:
    entry = in_state(partner, "expired")
    verify(partner, entry)
    assert status(partner, entry) == "VERIFIED"


def test_an_unknown_field_fails_the_call(partner: Caller) -> None:
    entry = in_state(partner, "fresh")
    for path in (entry, LISTING):
        message = partner.error(path, fields="id,availability_status")["message"]
        assert "(availability_status) on node type (WhatsAppBusinessPreVerifiedPhoneNumber)" in message


def test_the_fields_asked_for_come_and_no_others(partner: Caller) -> None:
    entry = in_state(partner, "fresh")
    assert set(partner.read(entry, fields="phone_number")) == {"id", "phone_number"}
    assert partner.read(entry, fields="owner_business{name}")["owner_business"].keys() >= {"name"}
    assert all(set(each) == {"id", "phone_number"} for each in listed(partner, fields="phone_number"))


def test_times_come_as_dates_for_some_numbers_and_in_seconds_for_others(practice: Caller) -> None:
    dated = [each for each in listed(practice) if "code_verification_time" in each]
    forms = {type(each["code_verification_time"]) for each in dated}
    assert forms == {str, int}
    for each in dated:
        assert type(each["code_verification_time"]) is type(each["verification_expiry_time"])
        moment(each["code_verification_time"])
        moment(each["verification_expiry_time"])


def test_the_pool_is_listed_in_the_order_of_its_growth(partner: Caller) -> None:
    entry = added(partner)
    found = [each["id"] for each in listed(partner)]
    assert (found[-1], len(found)) == (entry, 13)
    created = [behind(partner, each)["created"] for each in found]
    assert created == sorted(created)


def test_the_listing_comes_in_pages(partner: Caller) -> None:
    pages = partner.pages(LISTING, limit=5, fields="id")
    assert [len(page["data"]) for page in pages] == [5, 5, 2]
    assert "previous" in pages[1]["paging"]
    assert [each for page in pages for each in page["data"]] == listed(partner, fields="id")


@pytest.mark.parametrize("parameters", [{"limit": 101}, {"limit": 0}, {"limit": "all"}, {"after": "nonsense"}])
def test_a_limit_or_cursor_that_is_none_is_refused(partner: Caller, parameters: dict[str, Any]) -> None:
    assert partner.error(LISTING, **parameters)["code"] == 100


def test_a_cursor_is_good_for_its_own_filter_only(partner: Caller) -> None:
    after = partner.read(LISTING, limit=1, code_verification_status="VERIFIED")["paging"]["cursors"]["after"]
    assert partner.error(LISTING, limit=1, code_verification_status="EXPIRED", after=after)["code"] == 100


@pytest.mark.parametrize(("wanted", "count"), [("VERIFIED", 8), ("NOT_VERIFIED", 2), ("EXPIRED", 2)])
def test_the_listing_is_filtered_by_status(practice: Caller, wanted: str, count: int) -> None:
    found = listed(practice, code_verification_status=wanted)
    assert [each["code_verification_status"] for each in found] == [wanted] * count


def test_a_status_that_there_is_not_is_refused(practice: Caller) -> None:
    assert practice.error(LISTING, code_verification_status="UNVERIFIED")["code"] == 100


def test_the_listing_is_filtered_by_number(partner: Caller) -> None:
    entry = added(partner)
    assert [each["id"] for each in listed(partner, phone_number=MOBILE)] == [entry]
    assert partner.read(LISTING, phone_number="15550100077") == {"data": []}
    assert partner.read(LISTING, phone_number=MOBILE, code_verification_status="VERIFIED") == {"data": []}


def test_a_number_is_shared_with_another_business_and_taken_back(partner: Caller) -> None:
    entry, other = added(partner), other_business(partner)
    body = {"preverified_id": entry, "partner_business_id": other}
    for _ in range(2):
        assert partner.do(SHARING, body)["success"] in (True, "true")
    assert partner.read(f"{entry}/partners")["data"] == [{"id": other, "name": "Northgate Messaging Ltd"}]
    reply = deleted(partner, SHARING, body)
    assert (reply["status"], reply["success"] in (True, "true")) == (200, True)
    assert partner.read(f"{entry}/partners") == {"data": []}
    assert deleted(partner, SHARING, body)["error"]["code"] == 100


@pytest.mark.parametrize(
    "change",
    [
        {"preverified_id": None},
        {"preverified_id": "1"},
        {"preverified_id": []},
        {"partner_business_id": None},
        {"partner_business_id": "1"},
        {"partner_business_id": credentials().business_id},
    ],
)
def test_only_the_pools_numbers_are_shared_and_only_with_other_businesses(
    partner: Caller, change: dict[str, object]
) -> None:
    body = {"preverified_id": added(partner), "partner_business_id": other_business(partner)} | change
    assert partner.refusal(SHARING, body)["code"] == 100
    assert deleted(partner, SHARING, body)["error"]["code"] == 100


def test_partners_come_in_pages_with_the_fields_asked_for(partner: Caller) -> None:
    entry, others = added(partner), [other_business(partner), partner.wabas()[0]["owner_business_id"]]
    for other in others:
        partner.do(SHARING, {"preverified_id": entry, "partner_business_id": other})
    pages = partner.pages(f"{entry}/partners", limit=1, fields="id")
    assert [page["data"] for page in pages] == [[{"id": other}] for other in others]
    assert partner.error(f"{entry}/partners", fields="colour")["code"] == 100


def test_a_removed_number_is_gone(partner: Caller) -> None:
    entry = added(partner)
    assert deleted(partner, entry)["success"] in (True, "true")
    assert partner.error(entry)["error_subcode"] == 33
    assert entry not in [each["id"] for each in listed(partner)]
    assert deleted(partner, entry)["error"]["error_subcode"] == 33
    assert partner.refusal(f"{entry}/request_code", SMS)["error_subcode"] == 33
