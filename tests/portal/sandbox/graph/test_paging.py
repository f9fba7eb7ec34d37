"""Cursors, pages, filters and order."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.portal.sandbox.conftest import Caller, Partner


def test_a_listing_is_read_page_by_page_without_loss_or_repetition(practice: Caller) -> None:
    waba = practice.big_waba()
    for limit in (1, 7, 25, 33, 34, 100):
        pages = practice.pages(f"{waba['id']}/phone_numbers", limit=limit, fields="id")
        read = [number["id"] for page in pages for number in page["data"]]
        assert len(read) == len(set(read))
        assert set(read) == set(waba["phone_number_ids"])


def test_a_page_holds_25_unless_told(practice: Caller) -> None:
    assert len(practice.read(f"{practice.big_waba()['id']}/phone_numbers")["data"]) == 25


@pytest.mark.parametrize("limit", ["101", "1000", "0", "-1", "many", "", "²"])
def test_a_limit_beyond_1_to_100_is_refused(practice: Caller, limit: str) -> None:
    error = practice.error(f"{practice.plain_waba()['id']}/phone_numbers", limit=limit)
    assert (error["status"], error["code"]) == (400, 100)
    edge = f"{practice.known.business_id}/client_whatsapp_business_accounts"
    assert practice.error(edge, limit=limit)["code"] == 100


def test_cursors_stand_on_the_last_page_too_and_next_does_not(practice: Caller) -> None:
    last = practice.pages(f"{practice.big_waba()['id']}/phone_numbers", limit=10)[-1]
    assert set(last["paging"]["cursors"]) == {"before", "after"}
    assert "next" not in last["paging"]
    assert "previous" in last["paging"]


def test_the_cursors_of_a_page_with_one_item_are_equal(practice: Caller) -> None:
    cursors = practice.read(f"{practice.big_waba()['id']}/phone_numbers", limit=1)["paging"]["cursors"]
    assert cursors["before"] == cursors["after"]


def test_before_leads_back_to_the_page_before(practice: Caller) -> None:
    path = f"{practice.big_waba()['id']}/phone_numbers"
    first, second = practice.pages(path, limit=10, fields="id")[:2]
    back = practice.read(path, limit=10, fields="id", before=second["paging"]["cursors"]["before"])
    assert back["data"] == first["data"]
    assert "previous" not in back["paging"]


def test_next_holds_the_token_only_when_it_came_as_a_parameter(practice: Caller) -> None:
    path = f"{practice.big_waba()['id']}/phone_numbers"
    in_header = practice.read(path, limit=5, fields="id,status")["paging"]["next"]
    assert practice.known.system_user_token not in in_header
    token = practice.known.system_user_token
    in_query = practice.read(path, token="", access_token=token, limit=5, fields="id,status")["paging"]["next"]
    assert parse_qs(urlsplit(in_query).query)["access_token"] == [token]
    page = practice.session.get(in_query, timeout=5).json()
    assert len(page["data"]) == 5
    assert set(page["data"][0]) == {"id", "status"}


def test_a_cursor_of_another_listing_or_filter_is_refused(practice: Caller) -> None:
    path = f"{practice.big_waba()['id']}/phone_numbers"
    cursor = practice.read(path, limit=5)["paging"]["cursors"]["after"]
    live = json.dumps([{"field": "account_mode", "operator": "EQUAL", "value": "LIVE"}])
    assert practice.error(path, after=cursor, filtering=live)["code"] == 100
    assert practice.error(path, after=cursor, sort="last_onboarded_time_ascending")["code"] == 100
    assert practice.error(f"{practice.plain_waba()['id']}/phone_numbers", after=cursor)["code"] == 100
    assert (
        practice.error(f"{practice.known.business_id}/client_whatsapp_business_accounts", after=cursor)["code"] == 100
    )


@pytest.mark.parametrize("cursor", ["nonsense", "QVFI", "QVFIé", "x" * 5000, "MTIz"])
def test_a_broken_cursor_is_refused(practice: Caller, cursor: str) -> None:
    assert practice.error(f"{practice.big_waba()['id']}/phone_numbers", after=cursor)["code"] == 100


def test_a_cursor_dies_with_the_number_it_points_at(start: Partner) -> None:
    partner = start(wabas=1, numbers=20)
    waba_id = partner.wabas()[0]["id"]
    page = partner.read(f"{waba_id}/phone_numbers", limit=5)
    last = page["data"][-1]["id"]
    partner.control("DELETE", f"wabas/{waba_id}/numbers/{last}")
    assert partner.error(f"{waba_id}/phone_numbers", limit=5, after=page["paging"]["cursors"]["after"])["code"] == 100


def test_a_cursor_outlives_other_changes(start: Partner) -> None:
    partner = start(wabas=1, numbers=20)
    path = f"{partner.wabas()[0]['id']}/phone_numbers"
    first = partner.read(path, limit=5, sort="creation_time.asc")
    second = partner.read(path, limit=5, sort="creation_time.asc", after=first["paging"]["cursors"]["after"])
    partner.control("DELETE", f"wabas/{partner.wabas()[0]['id']}/numbers/{first['data'][0]['id']}")
    again = partner.read(path, limit=5, sort="creation_time.asc", after=first["paging"]["cursors"]["after"])
    assert again["data"] == second["data"]


def test_some_wabas_have_an_empty_page_in_the_middle(practice: Caller) -> None:
    hollow = practice.wabas(hollow=True)
    assert len(hollow) == 2
    for waba in hollow:
        pages = practice.pages(f"{waba['id']}/phone_numbers", limit=100, fields="id")
        assert [bool(page["data"]) for page in pages] == [True, False, True]
        assert {number["id"] for page in pages for number in page["data"]} == set(waba["phone_number_ids"])
        assert len({page["paging"]["cursors"]["after"] for page in pages}) == 3


def test_a_summary_counts_all_that_the_filter_keeps(practice: Caller) -> None:
    waba = practice.big_waba()
    path = f"{waba['id']}/phone_numbers"
    assert practice.read(path, summary="total_count")["summary"] == {"total_count": len(waba["phone_number_ids"])}
    assert "summary" not in practice.read(path)


def test_the_last_onboarded_comes_first(practice: Caller) -> None:
    path = f"{practice.big_waba()['id']}/phone_numbers"
    times = [each.get("last_onboarded_time") for each in practice.read(path, limit=100)["data"]]
    written = [time for time in times if isinstance(time, str)]
    assert written == sorted(written, reverse=True)
    ascending = practice.read(path, limit=100, fields="id", sort="['last_onboarded_time_ascending']")["data"]
    descending = practice.read(path, limit=100, fields="id", sort="last_onboarded_time.desc")["data"]
    assert {each["id"] for each in ascending} == {each["id"] for each in descending}
    assert descending == practice.read(path, limit=100, fields="id")["data"]


@pytest.mark.parametrize("sort", ["display_phone_number", "last_onboarded_time", "['x']", "creation_time.up"])
def test_an_order_that_is_not_offered_is_refused(practice: Caller, sort: str) -> None:
    assert practice.error(f"{practice.plain_waba()['id']}/phone_numbers", sort=sort)["code"] == 100


def test_numbers_are_filtered_by_account_mode(start: Partner) -> None:
    partner = start(wabas=1, numbers=8)
    waba = partner.wabas()[0]
    for number_id in waba["phone_number_ids"]:
        partner.control("PATCH", f"numbers/{number_id}", {"set": {"account_mode": "LIVE"}})
    trial = waba["phone_number_ids"][3]
    partner.control("PATCH", f"numbers/{trial}", {"set": {"account_mode": "SANDBOX"}})
    for mode, count in (("SANDBOX", 1), ("LIVE", 7)):
        wish = json.dumps([{"field": "account_mode", "operator": "EQUAL", "value": mode}])
        found = partner.read(f"{waba['id']}/phone_numbers", filtering=wish, summary="total_count")
        assert found["summary"]["total_count"] == len(found["data"]) == count


def test_a_number_is_found_by_its_digits(practice: Caller) -> None:
    waba = practice.plain_waba()
    number = practice.read(waba["phone_number_ids"][1])
    digits = "".join(letter for letter in number["display_phone_number"] if letter.isdigit())
    found = practice.read(f"{waba['id']}/phone_numbers", display_phone_number=digits)["data"]
    assert [each["id"] for each in found] == [number["id"]]


@pytest.mark.parametrize(
    "wish",
    [
        "[{",
        "account_mode",
        "{}",
        '"x"',
        "[1]",
        '[{"field":"account_mode"}]',
        '[{"field":"account_mode","operator":"EQUAL","value":"TRIAL"}]',
        '[{"field":"account_mode","operator":"LIKE","value":"LIVE"}]',
        '[{"field":"status","operator":"EQUAL","value":"CONNECTED"}]',
        '[{"field":"account_mode","operator":"EQUAL","value":["LIVE"]}]',
    ],
)
def test_a_filter_that_is_not_offered_is_refused(practice: Caller, wish: str) -> None:
    assert practice.error(f"{practice.plain_waba()['id']}/phone_numbers", filtering=wish)["code"] == 100


def test_one_waba_does_not_admit_the_app_to_the_beta_filter(practice: Caller) -> None:
    waba = practice.wabas(admits_account_mode_filter=False)[0]
    wish = json.dumps([{"field": "account_mode", "operator": "EQUAL", "value": "LIVE"}])
    error = practice.error(f"{waba['id']}/phone_numbers", filtering=wish)
    assert error["code"] == 10
    assert "account_mode" in error["message"]
    assert practice.read(f"{waba['id']}/phone_numbers")["data"]


def test_wabas_are_filtered_and_sorted_by_their_creation(practice: Caller) -> None:
    edge = f"{practice.known.business_id}/client_whatsapp_business_accounts"
    ordered = practice.read(edge, fields="creation_time", sort="creation_time_descending", limit=100)["data"]
    times = [waba["creation_time"] for waba in ordered]
    assert times == sorted(times, reverse=True)
    wish = json.dumps([{"field": "creation_time", "operator": "LESS_THAN", "value": times[10]}])
    assert len(practice.read(edge, filtering=wish, limit=100)["data"]) == len(times) - 11
    wish = json.dumps([{"field": "creation_time", "operator": "EQUAL", "value": 1}])
    assert practice.error(edge, filtering=wish)["code"] == 100
