"""Many WABAs with their numbers in one call, over a socket: what it saves, and that nothing is lost by it."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Credential, Waba
from phones.choices import ChangeKind
from phones.models import Change, Listing, NumberAge, PhoneNumber
from phones.sync import fast_lane
from tests.phones.sync.lane_book import TOGETHER, WABAS, empty, full, in_order, picture, read_by_itself, sync, together
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db

TOO_MUCH = {"status": 500, "graph_error": {"code": 1, "message": "Please reduce the amount of data you're asking for"}}


def test_a_book_that_did_not_change_costs_a_call_for_each_edge_and_no_update_a_number(lane_book: Practice) -> None:
    before = picture()
    compared = sync(lane_book)
    with CaptureQueriesContext(connection) as captured:
        run = sync(lane_book)

    assert picture() == before
    assert in_order(run) == in_order(compared) == (WABAS, 0, WABAS)
    assert run.unchanged == run.numbers == Listing.objects.count()
    assert read_by_itself(lane_book) == empty(lane_book)
    assert len({call["path"] for call in together(lane_book)}) == len(together(lane_book)) == 2
    updates = [one["sql"] for one in captured.captured_queries if one["sql"].startswith('UPDATE "phones_phonenumber"')]
    assert len(updates) <= len(together(lane_book)) + len(empty(lane_book))
    assert not NumberAge.objects.filter(synced_at__lt=run.started_at).exists()
    assert not Waba.objects.filter(last_synced_at__lt=run.started_at).exists()
    assert not Waba.objects.exclude(lease_token=None, attempts=0, sync_run=None).exists()


def test_what_changed_at_meta_is_stored_with_its_history_and_the_rest_is_not_looked_at(lane_book: Practice) -> None:
    sync(lane_book)
    changed = lane_book.wabas()[0]["phone_number_ids"][0]
    lane_book.change(changed, quality_rating="RED", verified_name="Another Name")

    run = sync(lane_book)

    number = PhoneNumber.objects.get(phone_number_id=changed)
    assert (number.quality_rating, number.verified_name, run.changed) == ("RED", "Another Name", 1)
    assert set(Change.objects.filter(number=number, run=run).values_list("field", flat=True)) == {
        "quality_rating",
        "verified_name",
    }
    assert "another name" in number.search_text
    assert sync(lane_book).changed == 0
    assert read_by_itself(lane_book) == empty(lane_book)


def test_a_token_that_knows_no_waba_yet_finds_all_of_them_with_their_numbers(settings: Any) -> None:
    with practice_server(settings, wabas=WABAS, numbers=80, healthy=True) as book:
        run = sync(book)
        assert in_order(run) == (WABAS, 0, WABAS)
        assert Listing.objects.count() == sum(len(waba["phone_number_ids"]) for waba in book.wabas())
        assert read_by_itself(book) == empty(book)
        assert {call["query"]["limit"] for call in together(book)} == {"100"}


def test_a_waba_that_came_to_us_is_found_with_its_numbers(lane_book: Practice) -> None:
    made = lane_book.control("POST", "wabas", {"numbers": 3})
    sync(lane_book)
    waba = Waba.objects.get(waba_id=made["id"])
    assert waba.last_synced_at is not None
    assert Listing.objects.filter(waba=waba).count() == len(made["phone_number_ids"]) > 0
    assert made["id"] not in read_by_itself(lane_book)


def test_a_number_that_is_listed_no_more_is_missing_and_then_gone(lane_book: Practice) -> None:
    sync(lane_book)
    waba = lane_book.wabas()[0]
    lost = waba["phone_number_ids"][0]
    lane_book.control("DELETE", f"wabas/{waba['id']}/numbers/{lost}")
    sync(lane_book)
    number = PhoneNumber.objects.get(phone_number_id=lost)
    assert (number.missing_since is not None, number.gone_at) == (True, None)
    sync(lane_book)
    number.refresh_from_db()
    assert number.gone_at is not None
    kinds = Change.objects.filter(number=number).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [ChangeKind.MISSING, ChangeKind.GONE]
    before = picture()
    sync(lane_book)
    assert picture() == before


def test_a_list_of_several_pages_is_followed_to_its_end(lane_book: Practice) -> None:
    waba = lane_book.wabas()[1]  # the first one has an empty page between two others
    lane_book.control("POST", f"wabas/{waba['id']}/numbers", {"count": 230 - len(waba["phone_number_ids"])})
    sync(lane_book)
    assert Listing.objects.filter(waba__waba_id=waba["id"], missing_since=None).count() == 230
    assert sync(lane_book).unchanged == Listing.objects.count()
    further = [call["query"] for call in lane_book.calls(f"/{waba['id']}/phone_numbers")]
    assert len(further) == 2
    assert all("after" in query for query in further)


def test_a_list_whose_further_pages_fail_is_read_by_itself_and_stores_no_part(lane_book: Practice) -> None:
    waba = lane_book.wabas()[0]
    sync(lane_book)
    before = Listing.objects.filter(waba__waba_id=waba["id"]).count()
    lane_book.control("POST", f"wabas/{waba['id']}/numbers", {"count": 230 - before})
    lane_book.fault({"status": 400, "graph_error": {"code": 100}}, path_contains=f"/{waba['id']}/phone_numbers")

    run = sync(lane_book)

    assert (run.failed, run.read) == (1, WABAS - 1)
    assert Listing.objects.filter(waba__waba_id=waba["id"]).count() == before


def test_a_page_that_is_too_large_is_halved_kept_and_grows_again(lane_book: Practice, settings: Any) -> None:
    settings.SYNC_WABAS_A_CALL = 25
    lane_book.fault(TOO_MUCH, fields_contain=TOGETHER, limit_above=15)
    assert in_order(sync(lane_book)) == (WABAS, 0, WABAS)
    assert [call["query"]["limit"] for call in together(lane_book)][:2] == ["25", "12"]
    assert read_by_itself(lane_book) == empty(lane_book)
    assert Credential.objects.get().wabas_a_call == 12

    sync(lane_book)
    assert {call["query"]["limit"] for call in together(lane_book)} == {"12"}
    assert Credential.objects.get().wabas_a_call == 15

    lane_book.heal()
    for _ in range(3):
        sync(lane_book)
    assert Credential.objects.get().wabas_a_call is None


@pytest.mark.parametrize(
    ("fault", "is_apart"),
    [
        (TOO_MUCH, True),
        (
            {"status": 400, "graph_error": {"code": 100, "message": "(#100) Tried accessing nonexisting field (x)"}},
            True,
        ),
        ({"status": 403, "graph_error": {"code": 200, "message": "Permissions error"}}, True),
        ({"status": 400, "graph_error": {"code": 80008, "message": "(#80008) Too many calls"}}, True),
        ({"status": 503, "body": "<html>Sorry</body></html>"}, False),
        ({"status": 200, "body": "<html></html>"}, False),
        ({"close": True}, False),
    ],
)
def test_whatever_is_refused_together_is_read_one_by_one_at_once(
    lane_book: Practice, fault: dict[str, object], is_apart: bool
) -> None:
    changed = lane_book.wabas()[0]["phone_number_ids"][0]
    lane_book.change(changed, quality_rating="RED")
    lane_book.fault(fault, fields_contain=TOGETHER)

    run = sync(lane_book)

    assert in_order(run) == (WABAS, 0, WABAS)
    assert PhoneNumber.objects.get(phone_number_id=changed).quality_rating == "RED"
    assert read_by_itself(lane_book) == {waba["id"] for waba in lane_book.wabas()}
    credential = Credential.objects.get()
    assert (credential.apart_until is not None) == is_apart
    assert (credential.last_failure, credential.brings_numbers) == (None, False)
    assert not Waba.objects.exclude(unlisted_since=None, unshared_since=None).exists()

    lane_book.heal()
    sync(lane_book)
    assert bool(together(lane_book)) != is_apart
    Credential.objects.update(apart_until=timezone.now())
    sync(lane_book)
    assert together(lane_book)


def test_a_token_that_meta_refuses_ends_the_walk_as_ever(lane_book: Practice) -> None:
    lane_book.fault(
        {"status": 401, "graph_error": {"code": 190, "message": "Session has expired"}}, fields_contain=TOGETHER
    )
    run = sync(lane_book)
    assert run.read == 0
    assert [failure.kind for failure in run.failures.filter(waba=None)] == ["token_dead"]
    assert len(lane_book.calls()) == 1


def test_an_update_of_the_desk_has_every_answer_compared_once(
    lane_book: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(lane_book)
    one = PhoneNumber.objects.get(phone_number_id=lane_book.wabas()[0]["phone_number_ids"][0])
    PhoneNumber.objects.filter(pk=one.pk).update(throughput="of older code")
    sync(lane_book)
    assert PhoneNumber.objects.get(pk=one.pk).throughput == "of older code"

    monkeypatch.setattr("phones.sync.lane_rows._CODE", "another")
    sync(lane_book)
    assert PhoneNumber.objects.get(pk=one.pk).throughput == one.throughput


def test_a_walk_that_runs_out_of_time_leaves_the_rest_to_be_read_one_by_one(
    lane_book: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_lane, "SECONDS", 0)
    assert in_order(sync(lane_book)) == (WABAS, 0, WABAS)
    assert not together(lane_book)
    assert Credential.objects.get().apart_until is None


def test_a_fault_of_ours_harms_no_reading(lane_book: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lane_book.client, "shared_wabas", lambda *_, **__: 1 / 0)
    assert in_order(sync(lane_book)) == (WABAS, 0, WABAS)


def test_a_busy_waba_is_read_later_again_than_the_others(lane_book: Practice, settings: Any) -> None:
    settings.SYNC_INTERVAL_MINUTES = 5
    sync(lane_book)
    busy = full(lane_book)[0]
    page = lane_book.client.shared_wabas

    def with_usage(*args: Any, **kwargs: Any) -> Any:
        kwargs["meter"].usage.object_percent[busy] = 70
        return page(*args, **kwargs)

    lane_book.client.shared_wabas = with_usage  # type: ignore[method-assign] # the practice server has its own usage
    sync(lane_book)
    soon = timezone.now() + datetime.timedelta(minutes=40)
    assert list(Waba.objects.filter(next_sync_at__gt=soon).values_list("waba_id", flat=True)) == [busy]
