"""Faults on demand, seen from the other end of the socket."""

import gzip
import http.client
import threading
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.portal.sandbox.conftest import Caller, Partner


@pytest.fixture
def partner(start: Partner) -> Caller:
    return start(wabas=2, numbers=60)


@pytest.fixture
def path(partner: Caller) -> str:
    return f"{partner.wabas()[0]['id']}/phone_numbers"


def raw_get(partner: Caller, path: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(partner.url).netloc, timeout=5)
    headers = {"Authorization": f"Bearer {partner.known.system_user_token}", "Connection": "close"}
    connection.request("GET", f"/v25.0/{path}", headers=headers)
    return connection.getresponse()


def wait_for(condition: Any) -> None:
    give_up_at = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < give_up_at


def test_an_answer_of_any_status_body_and_headers(partner: Caller, path: str) -> None:
    partner.fault({"status": 502, "body": "<html>Bad gateway</html>", "headers": {"Content-Type": "text/html"}})
    answer = partner.get(path)
    assert (answer.status_code, answer.text) == (502, "<html>Bad gateway</html>")
    assert answer.headers["Content-Type"] == "text/html"
    assert partner.get(path).status_code == 200


def test_an_error_of_any_code(partner: Caller, path: str) -> None:
    partner.fault({"graph_error": {"code": 2, "subcode": 99, "is_transient": True}, "status": 503})
    error = partner.error(path)
    assert (error["status"], error["code"], error["error_subcode"], error["is_transient"]) == (503, 2, 99, True)


def test_a_connection_closed_without_an_answer(partner: Caller, path: str) -> None:
    partner.fault({"close": True})
    with pytest.raises(http.client.RemoteDisconnected):
        raw_get(partner, path)
    assert partner.control("GET", "log")["requests"][-1]["status"] is None


def test_a_body_cut_short(partner: Caller, path: str) -> None:
    partner.fault({"truncate": 40})
    with pytest.raises(http.client.IncompleteRead) as error:
        raw_get(partner, path).read()
    assert len(error.value.partial) == 40


def test_a_body_that_comes_byte_by_byte(partner: Caller, path: str) -> None:
    partner.fault({"drip_seconds_per_byte": 0.001})
    business = raw_get(partner, partner.known.business_id).read()
    assert partner.known.business_id.encode() in business
    partner.fault({"drip_seconds_per_byte": 60})
    answer = raw_get(partner, path)
    assert answer.status == 200
    assert not answer.isclosed()
    answer.close()


def test_a_body_of_many_megabytes_plain_or_packed(partner: Caller, path: str) -> None:
    partner.fault({"big_megabytes": 3})
    assert len(raw_get(partner, path).read()) > 3_000_000
    partner.fault({"big_megabytes": 3, "gzip": True})
    packed = raw_get(partner, path).read()
    assert len(packed) < 10_000
    assert len(gzip.decompress(packed)) > 3_000_000


def test_a_redirect(partner: Caller, path: str) -> None:
    partner.fault({"redirect": "http://169.254.169.254/latest"})
    answer = raw_get(partner, path)
    assert (answer.status, answer.headers["Location"]) == (302, "http://169.254.169.254/latest")


def test_an_answer_held_back_shows_the_world_as_it_was(partner: Caller, path: str) -> None:
    partner.fault({"hold": True}, path_contains=path)
    found: list[Any] = []
    with requests.Session() as session:
        headers = {"Authorization": f"Bearer {partner.known.system_user_token}"}
        url = f"{partner.url}/v25.0/{path}?fields=status&limit=100"
        caller = threading.Thread(target=lambda: found.append(session.get(url, headers=headers, timeout=5).json()))
        caller.start()
        wait_for(lambda: partner.control("GET", "log")["in_flight"] == 1)
        number = partner.wabas()[0]["phone_number_ids"][0]
        partner.control("PATCH", f"numbers/{number}", {"set": {"status": "NEWER"}})
        assert "NEWER" in partner.get(path, fields="status", limit=100).text
        assert not found
        assert partner.control("POST", "release") == {"in_flight": 1}
        caller.join()
    assert "NEWER" not in str(found)
    assert partner.control("GET", "log")["in_flight"] == 0


def test_a_fault_on_the_third_page_of_a_listing_only(partner: Caller, path: str) -> None:
    partner.fault({"graph_error": {"code": 190}, "status": 401}, times=None, path_contains="phone_numbers", page=3)
    first = partner.read(path, limit=5)
    second = partner.read(path, limit=5, after=first["paging"]["cursors"]["after"])
    after = second["paging"]["cursors"]["after"]
    assert partner.error(path, limit=5, after=after)["code"] == 190
    assert partner.error(path, limit=5, after=after)["code"] == 190
    assert partner.read(path, limit=5) == first


def test_a_fault_begins_after_some_calls_and_ends_after_some_times(partner: Caller, path: str) -> None:
    partner.fault({"status": 500, "body": ""}, times=2, path_contains="phone_numbers", after_calls=1)
    assert [partner.get(path).status_code for _ in range(5)] == [200, 500, 500, 200, 200]
    assert partner.control("GET", "faults")["faults"] == []


def test_a_fault_on_one_waba_leaves_others_alone_until_it_is_dropped(partner: Caller, path: str) -> None:
    partner.fault({"status": 500, "body": ""}, times=None, path_contains=path)
    other = partner.wabas()[1]["id"]
    assert [partner.get(each).status_code for each in (path, f"{other}/phone_numbers")] == [500, 200]
    assert partner.control("GET", "faults")["faults"][0]["applied"] == 1
    assert partner.control("DELETE", "faults") == {"dropped": 1}
    assert partner.get(path).status_code == 200


def test_a_cursor_that_repeats_itself(partner: Caller, path: str) -> None:
    partner.fault({"repeat_cursor": True}, times=None, page=2)
    first = partner.read(path, limit=5)
    after = first["paging"]["cursors"]["after"]
    for _ in range(3):
        page = partner.read(path, limit=5, after=after)
        assert page["paging"]["cursors"]["after"] == after
        assert "next" in page["paging"]


def test_a_listing_without_end(partner: Caller, path: str) -> None:
    partner.fault({"endless": True}, times=None, path_contains="phone_numbers")
    cursors = set()
    after: dict[str, str] = {}
    for _ in range(5):
        page = partner.read(path, **after)
        after = {"after": page["paging"]["cursors"]["after"]}
        cursors.add(after["after"])
        assert page["paging"]["next"]
    assert len(cursors) == 5


def test_a_fault_for_pages_above_a_size_and_for_calls_that_ask_for_a_field(partner: Caller, path: str) -> None:
    partner.fault({"status": 500, "body": ""}, times=None, limit_above=10, fields_contain="status")
    asked = [("limit=11&fields=id,status", 500), ("limit=10&fields=id,status", 200), ("limit=11&fields=id", 200)]
    assert [partner.get(f"{path}?{query}").status_code for query, _ in asked] == [status for _, status in asked]
