"""The fast lane on Graph's bad days: answers that are cut off, doubled or half stored, and rows changed by hand."""

import dataclasses
import datetime
import threading
from typing import Any

import pytest
from django.db import DatabaseError

from clients.access import DISCOVERY_SECONDS
from clients.models import Credential, Waba
from phones import tasks
from phones.choices import ChangeKind
from phones.models import Change, Listing, PhoneNumber
from phones.sync import discovery, fast_lane, lane_rows
from tests.phones.sync.lane_book import TOGETHER, WABAS, empty, full, in_order, read_by_itself, sync, together
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def test_a_list_that_was_cut_off_without_a_word_makes_no_number_missing(lane_book: Practice) -> None:
    sync(lane_book)
    page, cut_off = lane_book.client.shared_wabas, full(lane_book)[0]

    def lacking_one(*args: Any, **kwargs: Any) -> Any:
        found = page(*args, **kwargs)
        for place, one in enumerate(found.items):
            if one.waba_id == cut_off:
                found.items[place] = dataclasses.replace(one, raw_numbers=(one.raw_numbers or [])[1:])
        return found

    lane_book.client.shared_wabas = lacking_one  # type: ignore[method-assign] # the practice server tells where it cuts
    for _ in range(2):
        assert in_order(sync(lane_book)) == (WABAS, 0, WABAS)
        assert read_by_itself(lane_book) == empty(lane_book) | {cut_off}
    assert not Change.objects.filter(kind__in=[ChangeKind.MISSING, ChangeKind.GONE]).exists()
    assert not PhoneNumber.objects.exclude(missing_since=None).exists()


def test_a_waba_that_is_twice_on_a_page_is_stored_once(lane_book: Practice) -> None:
    number = {"id": "880000000000001", "display_phone_number": "+1 555-010-0001"}
    waba = {"id": "990000000000001", "name": "Twice", "phone_numbers": {"data": [number]}}
    lane_book.fault({"body": {"data": [waba, waba]}}, times=1, fields_contain=TOGETHER)

    run = sync(lane_book)

    assert not run.failures.exclude(credential=None).filter(kind="internal").exists()
    made = Waba.objects.get(waba_id=waba["id"])
    assert Change.objects.filter(waba=made, kind=ChangeKind.ADDED, number=None).count() == 1
    assert Listing.objects.filter(waba=made).count() == 1


def test_facts_that_could_not_be_stored_are_stored_by_the_next_walk(
    lane_book: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(lane_book)
    waba_id = full(lane_book)[0]
    lane_book.control("POST", "drift", {"kind": "account_restricted", "waba_id": waba_id})

    def locked(readings: Any, **_: Any) -> set[str]:
        return {one.waba_id for one in readings}

    with monkeypatch.context() as patch:
        patch.setattr(discovery, "record_page", locked)
        sync(lane_book)
    assert Waba.objects.get(waba_id=waba_id).status != "RESTRICTED"

    sync(lane_book)
    assert Waba.objects.get(waba_id=waba_id).status == "RESTRICTED"


@pytest.mark.parametrize("fault", [{"endless": True}, {"repeat_cursor": True}])
def test_an_edge_without_an_end_is_left_after_a_few_calls(lane_book: Practice, fault: dict[str, object]) -> None:
    lane_book.fault(fault, fields_contain=TOGETHER)
    assert in_order(sync(lane_book)) == (WABAS, 0, WABAS)
    assert len(together(lane_book)) <= 5
    assert Credential.objects.get().last_failure is None


@pytest.mark.parametrize("depth", range(900, 1000, 20))
def test_an_answer_too_deep_to_be_written_down_again_ends_the_lane_and_no_worker(
    lane_book: Practice, depth: int
) -> None:
    sync(lane_book)
    deep = "[" * depth + "]" * depth
    waba = f'{{"id": "{full(lane_book)[0]}", "unasked": {deep}, "phone_numbers": {{"data": [{{"id": "1"}}]}}}}'
    lane_book.fault({"body": f'{{"data": [{waba}]}}'}, fields_contain=TOGETHER)
    assert in_order(sync(lane_book)) == (WABAS, 0, WABAS)


def test_so_few_wabas_a_call_that_one_by_one_is_as_good_are_not_asked_for(lane_book: Practice) -> None:
    too_much = {"code": 1, "message": "Please reduce the amount of data you're asking for"}
    lane_book.fault({"status": 500, "graph_error": too_much}, fields_contain=TOGETHER, limit_above=1)
    assert in_order(sync(lane_book)) == (WABAS, 0, WABAS)
    assert min(int(call["query"]["limit"]) for call in together(lane_book)) >= fast_lane.LEAST_SIZE
    assert Credential.objects.get().apart_until is not None


def test_rows_changed_by_hand_are_put_right_within_a_day_though_the_answer_stays_the_same(
    lane_book: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(lane_book)
    number = PhoneNumber.objects.get(phone_number_id=lane_book.wabas()[0]["phone_number_ids"][0])
    PhoneNumber.objects.filter(pk=number.pk).update(verified_name="By hand")
    monkeypatch.setattr(lane_rows, "COMPARED_AFTER", datetime.timedelta(milliseconds=1))

    sync(lane_book)

    assert PhoneNumber.objects.get(pk=number.pk).verified_name == number.verified_name


def test_a_worker_has_the_time_for_a_lane_and_for_the_edge_without_it(settings: Any) -> None:
    assert tasks.WORK_SECONDS + fast_lane.SECONDS + DISCOVERY_SECONDS < settings.CELERY_TASK_SOFT_TIME_LIMIT


@pytest.mark.parametrize("is_stored", [True, False])
def test_the_next_page_is_asked_for_while_one_is_stored_and_dropped_where_that_ends_the_walk(
    lane_book: Practice, settings: Any, monkeypatch: pytest.MonkeyPatch, *, is_stored: bool
) -> None:
    settings.SYNC_WABAS_A_CALL = 10
    sync(lane_book)
    lane_book.change(lane_book.wabas()[0]["phone_number_ids"][0], quality_rating="RED")
    asked = [threading.Event() for _ in range(2)]
    ask, store = lane_book.client.shared_wabas, discovery.record_page

    def ask_and_tell(*args: Any, **kwargs: Any) -> Any:
        next(event for event in asked if not event.is_set() or event is asked[-1]).set()
        return ask(*args, **kwargs)

    def store_once_the_next_is_asked(*args: Any, **kwargs: Any) -> set[str]:
        assert asked[1].wait(10)
        if not is_stored:
            raise DatabaseError
        return store(*args, **kwargs)

    lane_book.client.shared_wabas = ask_and_tell  # type: ignore[method-assign] # the practice server is asked all the same
    monkeypatch.setattr(discovery, "record_page", store_once_the_next_is_asked)
    run = sync(lane_book)

    assert asked[1].is_set()
    credential = Credential.objects.get()
    assert (credential.lease_token, credential.brings_numbers) == (None, False)
    assert run.failures.filter(kind="internal", message="DatabaseError").count() == (not is_stored)
    assert not Waba.objects.exclude(lease_token=None, attempts=0).exists()
    assert PhoneNumber.objects.filter(quality_rating="RED").exists()
