"""Reading a practice server over real HTTP: what the desk has afterwards."""

import datetime
from typing import Any

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, SyncRun, Waba
from phones.choices import ChangeKind
from phones.models import Change, Listing, PhoneNumber
from tests.practice import Practice

pytestmark = pytest.mark.django_db


def counts(run: SyncRun) -> dict[str, int]:
    return {name: getattr(run, name) for name in ("wabas", "read", "failed", "numbers", "added", "changed", "missing")}


def test_a_first_sync_brings_every_number_with_graphs_own_values(whole_practice: Practice) -> None:
    run = whole_practice.sync()
    book = whole_practice.book()
    expected = {pk for waba in whole_practice.wabas() for pk in waba["phone_number_ids"]}
    assert set(PhoneNumber.objects.values_list("phone_number_id", flat=True)) == expected
    assert (run.wabas, run.failed, run.added) == (len(whole_practice.wabas()) + 2, 2, len(expected))
    for number in PhoneNumber.objects.all():
        graph = book["phone_numbers"][number.phone_number_id]
        for name in ("display_phone_number", "verified_name", "status", "quality_rating", "name_status"):
            assert getattr(number, name) == graph.get(name), (number.phone_number_id, name)
        assert number.throughput == (graph.get("throughput") or {}).get("level")


def test_a_waba_lists_the_numbers_that_graph_lists_on_it(practice: Practice) -> None:
    practice.already_read()
    for waba in practice.wabas():
        listed = Listing.objects.filter(waba__waba_id=waba["id"]).values_list("number__phone_number_id", flat=True)
        assert set(listed) == set(waba["phone_number_ids"])


def test_a_client_is_made_for_each_owning_business_but_ours_and_nobody_is_assigned(whole_practice: Practice) -> None:
    whole_practice.sync()
    owners = [waba["values"].get("owner_business_info") for waba in whole_practice.wabas()]
    named = {owner["id"] for owner in owners if owner} - {whole_practice.credentials.business_id}
    assert Client.objects.filter(portfolios__business_id__in=named).distinct().count() == len(named)
    assert not Client.objects.exclude(owner=None).exists()


def test_a_second_sync_of_the_same_book_changes_nothing(practice: Practice) -> None:
    first = practice.sync()
    history = Change.objects.count()
    second = practice.sync()
    assert counts(second) == {**counts(first), "added": 0, "changed": 0, "missing": 0}
    assert second.unchanged == first.added
    assert Change.objects.count() == history


def test_an_unchanged_number_costs_no_update_of_its_own(practice: Practice, django_assert_max_num_queries: Any) -> None:
    practice.already_read()
    with django_assert_max_num_queries(200) as captured:
        practice.sync()
    updates = [one["sql"] for one in captured.captured_queries if one["sql"].startswith('UPDATE "phones_phonenumber"')]
    assert len(updates) <= Waba.objects.count()
    assert isinstance(captured, CaptureQueriesContext)


def test_one_call_reads_a_waba(practice: Practice) -> None:
    practice.already_read()
    waba = practice.wabas()[0]["id"]
    practice.control("POST", "log/clear")
    practice.sync(waba)
    assert len(practice.calls("phone_numbers")) == 1


def test_a_change_at_meta_is_on_the_desk_and_in_the_history(practice: Practice) -> None:
    practice.already_read()
    number = practice.wabas()[0]["phone_number_ids"][0]
    before = PhoneNumber.objects.get(phone_number_id=number).quality_rating
    practice.change(number, quality_rating="RED", verified_name="Another Name")
    run = practice.sync()
    after = PhoneNumber.objects.get(phone_number_id=number)
    assert (after.quality_rating, after.verified_name, run.changed) == ("RED", "Another Name", 1)
    change = Change.objects.get(number=after, field="quality_rating")
    assert (change.old, change.new, change.source, change.run) == (before, "RED", "sync", run)


def test_a_former_name_is_remembered_for_the_search(practice: Practice) -> None:
    practice.already_read()
    number = practice.wabas()[0]["phone_number_ids"][0]
    practice.change(number, verified_name="First Name")
    practice.sync()
    practice.change(number, verified_name="Second Name")
    practice.sync()
    row = PhoneNumber.objects.get(phone_number_id=number)
    assert "First Name" in row.former_names
    assert "first name" in row.search_text


def test_a_number_added_in_whatsapp_manager_is_news_and_those_of_the_first_sync_are_not(practice: Practice) -> None:
    practice.already_read()
    assert not Change.objects.exclude(number=None).exists()
    added = practice.control("POST", f"wabas/{practice.wabas()[0]['id']}/numbers", {})
    run = practice.sync()
    change = Change.objects.get(kind=ChangeKind.ADDED, run=run)
    assert change.number is not None
    assert change.number.phone_number_id == added["id"]


def test_an_unknown_value_is_data(practice: Practice) -> None:
    number = practice.wabas()[0]["phone_number_ids"][0]
    practice.change(number, status="SOMETHING_NEW", quality_rating=None, throughput="oops")
    practice.sync()
    row = PhoneNumber.objects.get(phone_number_id=number)
    assert (row.status, row.quality_rating) == ("SOMETHING_NEW", None)


def test_a_number_that_is_no_longer_listed_is_missing_first_and_gone_after_a_second_look(practice: Practice) -> None:
    practice.already_read()
    waba = practice.wabas()[0]
    number = waba["phone_number_ids"][0]
    practice.control("DELETE", f"wabas/{waba['id']}/numbers/{number}")
    run = practice.sync()
    row = PhoneNumber.objects.get(phone_number_id=number)
    assert (run.missing, row.missing_since is not None, row.gone_at) == (1, True, None)
    practice.sync()
    row.refresh_from_db()
    assert row.gone_at is not None
    kinds = Change.objects.filter(number=row).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == [ChangeKind.MISSING, ChangeKind.GONE]


def test_a_number_that_comes_back_is_no_longer_missing(practice: Practice) -> None:
    practice.already_read()
    one, two = practice.wabas()[:2]
    number = one["phone_number_ids"][0]
    practice.control("POST", "move", {"phone_number_id": number, "from_waba_id": one["id"], "to_waba_id": two["id"]})
    practice.sync(one["id"])
    assert PhoneNumber.objects.get(phone_number_id=number).missing_since is not None
    practice.control("POST", "move", {"phone_number_id": number, "from_waba_id": two["id"], "to_waba_id": one["id"]})
    practice.sync(one["id"])
    row = PhoneNumber.objects.get(phone_number_id=number)
    assert (row.missing_since, row.waba.waba_id) == (None, one["id"])


@pytest.mark.parametrize("order", ["old one first", "new one first"])
def test_a_number_that_moved_is_one_event_whichever_waba_is_read_first(practice: Practice, order: str) -> None:
    practice.already_read()
    one, two = practice.wabas()[:2]
    number = one["phone_number_ids"][0]
    practice.control("POST", "move", {"phone_number_id": number, "from_waba_id": one["id"], "to_waba_id": two["id"]})
    wabas = [one["id"], two["id"]] if order == "old one first" else [two["id"], one["id"]]
    for waba in wabas:
        practice.sync(waba)
    row = PhoneNumber.objects.get(phone_number_id=number)
    assert (row.waba.waba_id, row.missing_since) == (two["id"], None)
    current = Listing.objects.current().filter(number=row)
    assert [listing.waba.waba_id for listing in current] == [two["id"]]
    moved = Change.objects.filter(number=row, kind=ChangeKind.MOVED)
    assert [(change.old, change.new) for change in moved] == [(one["id"], two["id"])]


def test_the_people_of_a_number_that_moved_away_no_longer_see_it(practice: Practice, account_manager: Any) -> None:
    practice.already_read()
    one, two = practice.wabas()[:2]
    number = one["phone_number_ids"][0]
    left, right = (Waba.objects.get(waba_id=waba["id"]).client for waba in (one, two))
    if left == right:
        Waba.objects.filter(waba_id=two["id"]).update(client=Client.objects.create(name="Elsewhere"))
    Client.objects.filter(pk=left.pk).update(owner=account_manager)
    assert PhoneNumber.objects.visible_to(account_manager).filter(phone_number_id=number).exists()
    practice.control("POST", "move", {"phone_number_id": number, "from_waba_id": one["id"], "to_waba_id": two["id"]})
    practice.sync()
    assert not PhoneNumber.objects.visible_to(account_manager).filter(phone_number_id=number).exists()


def test_a_waba_that_the_business_no_longer_lists_is_marked_and_kept(practice: Practice) -> None:
    practice.already_read()
    kept = Waba.objects.first()
    assert kept is not None
    stray = Waba.objects.create(
        waba_id="999999999999999", client=kept.client, credential=kept.credential, origin="client", name="Gone away"
    )
    Waba.objects.filter(pk=stray.pk).update(created_at=timezone.now() - datetime.timedelta(days=1))
    practice.sync()
    stray.refresh_from_db()
    kept.refresh_from_db()
    assert stray.unshared_since is not None
    assert kept.unshared_since is None


def test_a_new_waba_of_a_known_owner_goes_to_its_client_even_after_a_merge(practice: Practice) -> None:
    from clients.clients import merge_clients

    practice.already_read()
    clients = list(Client.objects.all())
    merge_clients(keep=clients[0], absorb=clients[1:], actor=None)
    practice.sync()
    assert Client.objects.count() == 1


def test_a_listing_of_several_pages_arrives_whole(practice: Practice) -> None:
    waba = practice.wabas()[0]
    practice.control("POST", f"wabas/{waba['id']}/numbers", {"count": 130})
    practice.sync()
    assert Listing.objects.filter(waba__waba_id=waba["id"]).count() == 130 + len(waba["phone_number_ids"])


def test_a_waba_drifts_to_its_next_turn_about_an_interval_later(practice: Practice, settings: Any) -> None:
    settings.SYNC_INTERVAL_MINUTES = 60
    practice.sync()
    waits = [waba.next_sync_at - timezone.now() for waba in Waba.objects.all()]
    pressing = [wait for wait in waits if wait < datetime.timedelta(minutes=50)]
    assert all(datetime.timedelta(minutes=25) < wait < datetime.timedelta(minutes=35) for wait in pressing)
    assert max(waits) < datetime.timedelta(minutes=70)
    assert len(pressing) < len(waits)
