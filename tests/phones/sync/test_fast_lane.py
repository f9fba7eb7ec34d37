"""Many WABAs with their numbers in one call, over a socket: what it saves, and that nothing is lost by it."""

import datetime
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients import leases
from clients.choices import RunScope, RunTrigger
from clients.models import Credential, SyncRun, Waba
from phones.choices import ChangeKind
from phones.models import Change, Listing, PhoneNumber
from phones.sync import claims, fast_lane, record
from phones.sync.engine import Engine
from portal import stopping
from tests.factories import make_credential
from tests.phones.sync.test_locked_rows import locked
from tests.practice import Practice, practice_server

pytestmark = pytest.mark.django_db

WABAS = 44
TOO_MUCH = {"status": 500, "graph_error": {"code": 1, "message": "Please reduce the amount of data you're asking for"}}
TOGETHER = "phone_numbers.limit"


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[Practice]:
    """A partner whose WABAs were read once, each by itself, as the desk does before it knows of any."""
    with practice_server(settings, wabas=WABAS, numbers=140, healthy=True) as server:
        server.already_read()
        yield server


def sync(book: Practice) -> SyncRun:
    """A sync of everything, alone in the log of calls."""
    book.control("POST", "log/clear")
    return book.sync()


def together(book: Practice) -> list[Any]:
    """The calls that asked for WABAs with their numbers."""
    return [call for call in book.calls("_accounts") if TOGETHER in call["query"].get("fields", "")]


def read_by_itself(book: Practice) -> set[str]:
    """The WABAs (Graph's ids) whose numbers were asked for from the start in a call of their own."""
    return {call["path"].split("/")[2] for call in book.calls("/phone_numbers") if "after" not in call["query"]}


def empty(book: Practice) -> set[str]:
    return {waba["id"] for waba in book.wabas() if not waba["phone_number_ids"]}


def full(book: Practice) -> list[str]:
    """The WABAs with numbers, those with most of them first."""
    return [waba["id"] for waba in book.wabas() if waba["phone_number_ids"]]


def picture() -> object:
    columns = ("phone_number_id", "status", "verified_name", "quality_rating", "missing_since", "waba")
    return list(PhoneNumber.objects.order_by("pk").values_list(*columns)), Change.objects.count()


def in_order(run: SyncRun) -> tuple[int, int, int]:
    return run.read, run.failed, run.wabas


def test_a_book_that_did_not_change_costs_a_call_for_twenty_wabas_and_no_update_a_number(book: Practice) -> None:
    before = picture()
    compared = sync(book)
    with CaptureQueriesContext(connection) as captured:
        run = sync(book)

    assert picture() == before
    assert in_order(run) == in_order(compared) == (WABAS, 0, WABAS)
    assert run.unchanged == run.numbers == Listing.objects.count()
    assert read_by_itself(book) == empty(book)
    assert len(together(book)) <= WABAS / 20
    updates = [one["sql"] for one in captured.captured_queries if one["sql"].startswith('UPDATE "phones_phonenumber"')]
    assert len(updates) <= len(together(book)) + len(empty(book))
    assert not PhoneNumber.objects.filter(synced_at__lt=run.started_at).exists()
    assert not Waba.objects.filter(last_synced_at__lt=run.started_at).exists()
    assert not Waba.objects.exclude(lease_token=None, attempts=0, sync_run=None).exists()


def test_what_changed_at_meta_is_stored_with_its_history_and_the_rest_is_not_looked_at(book: Practice) -> None:
    sync(book)
    changed = book.wabas()[0]["phone_number_ids"][0]
    book.change(changed, quality_rating="RED", verified_name="Another Name")

    run = sync(book)

    number = PhoneNumber.objects.get(phone_number_id=changed)
    assert (number.quality_rating, number.verified_name, run.changed) == ("RED", "Another Name", 1)
    assert set(Change.objects.filter(number=number, run=run).values_list("field", flat=True)) == {
        "quality_rating",
        "verified_name",
    }
    assert "another name" in number.search_text
    assert sync(book).changed == 0
    assert read_by_itself(book) == empty(book)


def test_a_waba_that_came_to_us_is_found_with_its_numbers(book: Practice) -> None:
    made = book.control("POST", "wabas", {"numbers": 3})
    sync(book)
    waba = Waba.objects.get(waba_id=made["id"])
    assert waba.last_synced_at is not None
    assert Listing.objects.filter(waba=waba).count() == len(made["phone_number_ids"]) > 0
    assert made["id"] not in read_by_itself(book)


def test_a_number_that_is_listed_no_more_is_missing_and_then_gone(book: Practice) -> None:
    sync(book)
    waba = book.wabas()[0]
    lost = waba["phone_number_ids"][0]
    book.control("DELETE", f"wabas/{waba['id']}/numbers/{lost}")
    sync(book)
    number = PhoneNumber.objects.get(phone_number_id=lost)
    assert (number.missing_since is not None, number.gone_at) == (True, None)
    sync(book)
    number.refresh_from_db()
    assert number.gone_at is not None
    kinds = Change.objects.filter(number=number).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [ChangeKind.MISSING, ChangeKind.GONE]
    before = picture()
    sync(book)
    assert picture() == before


def test_a_list_of_several_pages_is_followed_to_its_end(book: Practice) -> None:
    waba = book.wabas()[0]
    book.control("POST", f"wabas/{waba['id']}/numbers", {"count": 230 - len(waba["phone_number_ids"])})
    sync(book)
    assert Listing.objects.filter(waba__waba_id=waba["id"], missing_since=None).count() == 230
    assert sync(book).unchanged == Listing.objects.count()
    further = [call["query"] for call in book.calls(f"/{waba['id']}/phone_numbers")]
    assert len(further) == 2
    assert all("after" in query for query in further)


def test_a_list_whose_further_pages_fail_is_read_by_itself_and_stores_no_part(book: Practice) -> None:
    waba = book.wabas()[0]
    sync(book)
    before = Listing.objects.filter(waba__waba_id=waba["id"]).count()
    book.control("POST", f"wabas/{waba['id']}/numbers", {"count": 230 - before})
    book.fault({"status": 400, "graph_error": {"code": 100}}, path_contains=f"/{waba['id']}/phone_numbers")

    run = sync(book)

    assert (run.failed, run.read) == (1, WABAS - 1)
    assert Listing.objects.filter(waba__waba_id=waba["id"]).count() == before


def test_a_page_that_is_too_large_is_halved_kept_and_grows_again(book: Practice) -> None:
    book.fault(TOO_MUCH, fields_contain=TOGETHER, limit_above=15)
    assert in_order(sync(book)) == (WABAS, 0, WABAS)
    assert [call["query"]["limit"] for call in together(book)][:3] == ["50", "25", "12"]
    assert read_by_itself(book) == empty(book)
    assert Credential.objects.get().wabas_a_call == 12

    sync(book)
    assert {call["query"]["limit"] for call in together(book)} == {"12"}
    assert Credential.objects.get().wabas_a_call == 15

    book.heal()
    for _ in range(7):
        sync(book)
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
    book: Practice, fault: dict[str, object], is_apart: bool
) -> None:
    changed = book.wabas()[0]["phone_number_ids"][0]
    book.change(changed, quality_rating="RED")
    book.fault(fault, fields_contain=TOGETHER)

    run = sync(book)

    assert in_order(run) == (WABAS, 0, WABAS)
    assert PhoneNumber.objects.get(phone_number_id=changed).quality_rating == "RED"
    assert read_by_itself(book) == {waba["id"] for waba in book.wabas()}
    credential = Credential.objects.get()
    assert (credential.apart_until is not None) == is_apart
    assert (credential.last_failure, credential.brings_numbers) == (None, False)
    assert not Waba.objects.exclude(unlisted_since=None, unshared_since=None).exists()

    book.heal()
    sync(book)
    assert bool(together(book)) != is_apart
    Credential.objects.update(apart_until=timezone.now())
    sync(book)
    assert together(book)


def test_a_token_that_meta_refuses_ends_the_walk_as_ever(book: Practice) -> None:
    book.fault({"status": 401, "graph_error": {"code": 190, "message": "Session has expired"}}, fields_contain=TOGETHER)
    run = sync(book)
    assert run.read == 0
    assert [failure.kind for failure in run.failures.filter(waba=None)] == ["token_dead"]
    assert len(book.calls()) == 1


def test_wabas_with_trouble_a_token_an_event_or_a_wait_of_their_own_are_read_by_themselves(book: Practice) -> None:
    sync(book)
    hidden, own_token, hinted, small_pages, alone = full(book)[:5]
    now = timezone.now()
    by_id = {waba.waba_id: waba for waba in Waba.objects.all()}
    token = make_credential(book.credentials.system_user_token, label="of a client")
    Waba.objects.filter(waba_id=hidden).update(failures_in_a_row=1)
    Waba.objects.filter(waba_id=own_token).update(credential=token)
    Waba.objects.filter(waba_id=hinted).update(hinted_at=now)
    Waba.objects.filter(waba_id=small_pages).update(page_limit=25, page_limit_until=now + datetime.timedelta(hours=1))
    run = SyncRun.objects.create(scope=RunScope.WABA, trigger=RunTrigger.PERSON, waba=by_id[alone], wabas=1)
    Waba.objects.update(next_sync_at=now)
    Credential.objects.update(next_sync_at=now)
    Waba.objects.filter(waba_id=alone).update(sync_run=run)

    book.control("POST", "log/clear")
    Engine(client=book.client, threads=4).work(seconds=30)

    assert together(book)
    assert read_by_itself(book) == empty(book) | {hidden, own_token, hinted, small_pages, alone}
    assert not Waba.objects.filter(last_synced_at__lt=now).exists()


def test_while_a_walk_brings_wabas_nobody_else_takes_them_and_a_dead_walk_holds_up_none(book: Practice) -> None:
    now = timezone.now()
    Waba.objects.update(next_sync_at=now)
    hinted = Waba.objects.get(waba_id=full(book)[0])
    Waba.objects.filter(pk=hinted.pk).update(hinted_at=now)
    walk = uuid.uuid4()
    leases.take(
        Credential.objects.all(), holder=walk, span=datetime.timedelta(minutes=1), brings_numbers=True, next_sync_at=now
    )
    taken = claims.take_wabas(holder=uuid.uuid4(), limit=100)
    assert [claim.pk for claim in taken] == [hinted.pk]

    Credential.objects.update(lease_until=now - datetime.timedelta(seconds=1))
    assert len(claims.take_wabas(holder=uuid.uuid4(), limit=100)) == WABAS - 1


def test_a_waba_that_somebody_holds_is_left_to_them(book: Practice) -> None:
    sync(book)
    held = Waba.objects.get(waba_id=full(book)[0])
    somebody = uuid.uuid4()
    claims.take_waba(held.pk, holder=somebody, span=datetime.timedelta(minutes=5))
    book.change(book.wabas()[0]["phone_number_ids"][0], quality_rating="RED")
    Waba.objects.update(next_sync_at=timezone.now())
    Credential.objects.update(next_sync_at=timezone.now())

    Engine(client=book.client, threads=4).work(seconds=30)

    row = Waba.objects.get(pk=held.pk)
    assert (row.lease_token, row.last_synced_at) == (somebody, held.last_synced_at)
    assert Waba.objects.filter(last_synced_at__gt=held.last_synced_at).count() == WABAS - 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_a_waba_and_a_number_that_somebody_has_locked_hold_up_no_other(settings: Any, transactional_db: None) -> None:
    with practice_server(settings, wabas=WABAS, numbers=140, healthy=True) as book:
        book.sync()
        sync(book)
        waba_ids = full(book)[:2]
        waba = Waba.objects.get(waba_id=waba_ids[0])
        number = PhoneNumber.objects.filter(waba__waba_id=waba_ids[1])[0]
        Waba.objects.update(next_sync_at=timezone.now())
        Credential.objects.update(next_sync_at=timezone.now())
        before = timezone.now()
        book.control("POST", "log/clear")
        with locked(waba, number):
            Engine(client=book.client, threads=4).work(seconds=5)
        assert together(book)
        unread = Waba.objects.filter(last_synced_at__lt=before).values_list("waba_id", flat=True)
        assert set(unread) == set(waba_ids)

        Waba.objects.update(next_sync_at=timezone.now())
        Engine(client=book.client, threads=4).work(seconds=5)
        assert not Waba.objects.filter(last_synced_at__lt=before).exists()
        assert not Waba.objects.exclude(lease_token=None, attempts=0, failures_in_a_row=0).exists()


def test_what_a_later_reading_said_is_neither_undone_nor_hidden_by_an_answer_that_stays_the_same(
    book: Practice,
) -> None:
    sync(book)
    number = PhoneNumber.objects.get(phone_number_id=book.wabas()[0]["phone_number_ids"][0])
    graph = book.book()["phone_numbers"][number.phone_number_id]["quality_rating"]
    read_later = timezone.now() + datetime.timedelta(milliseconds=1)
    PhoneNumber.objects.filter(pk=number.pk).update(quality_rating="RED", synced_at=read_later)

    run = sync(book)

    assert PhoneNumber.objects.get(pk=number.pk).quality_rating == graph
    assert (run.changed, read_by_itself(book)) == (1, empty(book))


def test_rows_that_were_lost_here_come_back_though_the_answer_stays_the_same(book: Practice) -> None:
    sync(book)
    listing, moved = Listing.objects.filter(waba__waba_id=full(book)[0])[0], Listing.objects.last()
    assert moved is not None
    number_id = listing.number.phone_number_id
    listing.delete()
    Listing.objects.filter(pk=moved.pk).update(missing_since=timezone.now())

    sync(book)

    assert Listing.objects.filter(number__phone_number_id=number_id, missing_since=None).exists()
    assert Listing.objects.get(pk=moved.pk).missing_since is None


def test_an_update_of_the_desk_has_every_answer_compared_once(book: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    sync(book)
    one = PhoneNumber.objects.get(phone_number_id=book.wabas()[0]["phone_number_ids"][0])
    PhoneNumber.objects.filter(pk=one.pk).update(throughput="of older code")
    sync(book)
    assert PhoneNumber.objects.get(pk=one.pk).throughput == "of older code"

    monkeypatch.setattr("phones.sync.lane_rows._CODE", "another")
    sync(book)
    assert PhoneNumber.objects.get(pk=one.pk).throughput == one.throughput


def test_the_next_walk_comes_before_the_wabas_that_this_one_brought_are_due(book: Practice) -> None:
    sync(book)
    turn = Credential.objects.get().next_sync_at
    assert turn > timezone.now() + record.interval() / 2
    assert not Waba.objects.filter(next_sync_at__lte=turn).exists()


def test_a_discovery_that_an_event_brings_forward_asks_for_no_numbers(book: Practice) -> None:
    sync(book)
    book.control("POST", "log/clear")
    Credential.objects.update(next_sync_at=timezone.now())
    Engine(client=book.client, threads=4).work(seconds=30)
    assert book.calls("client_whatsapp_business_accounts")
    assert not together(book)


def test_a_walk_that_runs_out_of_time_leaves_the_rest_to_be_read_one_by_one(
    book: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fast_lane, "SECONDS", 0)
    assert in_order(sync(book)) == (WABAS, 0, WABAS)
    assert not together(book)
    assert Credential.objects.get().apart_until is None


@pytest.mark.parametrize(("wabas_a_call", "asks"), [(10, "shared_wabas"), (0, "client_wabas")])
def test_a_worker_that_is_to_stop_leaves_the_walk_to_the_next_and_concludes_nothing(
    book: Practice, settings: Any, monkeypatch: pytest.MonkeyPatch, wabas_a_call: int, asks: str
) -> None:
    settings.SYNC_WABAS_A_CALL = wabas_a_call
    now = timezone.now()
    Waba.objects.update(next_sync_at=now)
    Credential.objects.update(next_sync_at=now)
    asked = getattr(book.client, asks)

    def ask_once(*args: Any, **kwargs: Any) -> Any:
        stopping.ask()
        return asked(*args, **kwargs)

    book.control("POST", "log/clear")
    with monkeypatch.context() as patch:
        patch.setattr(book.client, asks, ask_once)
        try:
            Engine(client=book.client, threads=2).work(seconds=30)
        finally:
            stopping.take_back()

    assert len(book.calls("_accounts")) == 1
    credential = Credential.objects.get()
    assert (credential.lease_token, credential.brings_numbers, credential.next_sync_at) == (None, False, now)
    assert not Waba.objects.exclude(unlisted_since=None, unshared_since=None).exists()
    assert not Waba.objects.exclude(lease_token=None, attempts=0).exists()
    Engine(client=book.client, threads=2).work(seconds=30)
    assert not Waba.objects.filter(last_synced_at__lt=now).exists()


def test_a_fault_of_ours_harms_no_reading(book: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book.client, "shared_wabas", lambda *_, **__: 1 / 0)
    assert in_order(sync(book)) == (WABAS, 0, WABAS)


def test_a_busy_waba_is_read_later_again_than_the_others(book: Practice, settings: Any) -> None:
    settings.SYNC_INTERVAL_MINUTES = 5
    sync(book)
    busy = full(book)[0]
    page = book.client.shared_wabas

    def with_usage(*args: Any, **kwargs: Any) -> Any:
        kwargs["meter"].usage.object_percent[busy] = 70
        return page(*args, **kwargs)

    book.client.shared_wabas = with_usage  # type: ignore[method-assign] # the practice server has its own usage
    sync(book)
    soon = timezone.now() + datetime.timedelta(minutes=40)
    assert list(Waba.objects.filter(next_sync_at__gt=soon).values_list("waba_id", flat=True)) == [busy]
