"""What the desk makes of edges that fail or are suddenly empty: nothing is lost, and it says so."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SyncRun, User, Waba
from phones.models import PhoneNumber
from tests.conftest import SignIn
from tests.phones.reading import shown_to, text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import graph_error, page

pytestmark = pytest.mark.django_db

EDGES = ("client_whatsapp_business_accounts", "owned_whatsapp_business_accounts")


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


@pytest.mark.parametrize(("failing", "other"), [EDGES, EDGES[::-1]])
def test_an_edge_that_fails_leaves_the_other_to_be_asked(book: ScriptedBook, failing: str, other: str) -> None:
    refusal, listed = graph_error(200, message="Permissions error", status=403), {"id": "77", "name": "New"}
    book.trouble = lambda request: (
        refusal if request.path.endswith(failing) else page(listed) if request.path.endswith(other) else None
    )

    assert sync() == 1

    assert Waba.objects.get().waba_id == "77"
    failure = SyncRun.objects.get().failures.get()
    assert (failure.kind, failure.waba) == ("permission_missing", None)


def test_both_edges_suddenly_empty_lose_nothing_and_are_said_loudly(
    book: ScriptedBook, desk: Browser, capsys: Any
) -> None:
    book.add(3)
    sync()
    book.shared = []
    capsys.readouterr()

    assert sync() == 1

    assert "Meta suddenly lists nothing" in capsys.readouterr().out
    assert Waba.objects.filter(unshared_since=None).count() == 3
    assert PhoneNumber.objects.filter(missing_since=None).count() == 3
    said = text_of(desk.get(f"/syncs/{SyncRun.objects.latest('pk').pk}/"))
    assert "Meta suddenly lists nothing" in said
    assert "3 WABAs were listed before" in said
    assert "Meta suddenly lists nothing" in text_of(desk.get("/"))


def test_a_waba_that_suddenly_lists_no_number_is_said_loudly_and_forgets_none(
    book: ScriptedBook, desk: Browser, capsys: Any
) -> None:
    waba, _other = book.add(2, numbers=2)
    sync()
    numbers, book.wabas[waba] = book.wabas[waba], []
    capsys.readouterr()

    assert sync() == 1
    assert "2 numbers were listed before" in capsys.readouterr().out
    assert "Meta suddenly lists nothing" in text_of(desk.get("/"))
    assert PhoneNumber.objects.count() == 4

    book.wabas[waba] = numbers
    assert sync() == 0
    assert not PhoneNumber.objects.exclude(missing_since=None).exists()
    assert "Meta suddenly lists nothing" not in text_of(desk.get("/"))


def test_edges_that_list_nothing_for_a_day_are_believed_and_the_desk_stops_saying_it(
    book: ScriptedBook, administrator: User, sign_in: SignIn, time_machine: Any
) -> None:
    book.add(3)
    sync()
    began, book.shared = timezone.now(), []
    for hours in (0, 12, 23):
        time_machine.move_to(began + datetime.timedelta(hours=hours))
        assert sync() == 1
    assert not Waba.objects.exclude(unshared_since=None).exists()

    time_machine.move_to(began + datetime.timedelta(hours=25))
    assert sync() == 0
    assert Waba.objects.exclude(unshared_since=None).count() == 3
    assert "Meta suddenly lists nothing" not in shown_to(administrator, "/", sign_in)

    book.shared = None
    assert sync() == 0
    assert not Waba.objects.exclude(unshared_since=None, unlisted_since=None).exists()


def test_edges_that_list_again_within_the_day_begin_it_anew(book: ScriptedBook, time_machine: Any) -> None:
    book.add(3)
    sync()
    began = timezone.now()
    for hours, shared in ((0, []), (12, None), (25, [])):
        time_machine.move_to(began + datetime.timedelta(hours=hours))
        book.shared = shared
        sync()

    assert not Waba.objects.exclude(unshared_since=None).exists()


@pytest.mark.parametrize("count", [1, 2])
def test_numbers_of_a_list_that_is_empty_for_a_day_are_gone_and_the_desk_stops_saying_it(
    book: ScriptedBook, administrator: User, sign_in: SignIn, time_machine: Any, count: int
) -> None:
    waba, _other = book.add(2, numbers=count)
    sync()
    began, book.wabas[waba] = timezone.now(), []
    for hours in (0, 1, 23):
        time_machine.move_to(began + datetime.timedelta(hours=hours))
        assert sync() == 1
        assert "Meta suddenly lists nothing" in shown_to(administrator, "/", sign_in)
    assert PhoneNumber.objects.exclude(missing_since=None).count() == count
    assert not PhoneNumber.objects.exclude(gone_at=None).exists()

    time_machine.move_to(began + datetime.timedelta(hours=25))
    assert sync() == 0
    assert PhoneNumber.objects.exclude(gone_at=None).count() == count
    assert "Meta suddenly lists nothing" not in shown_to(administrator, "/", sign_in)
    assert Waba.objects.get(waba_id=waba).failures_in_a_row == 0


def test_a_list_whose_numbers_moved_to_another_waba_is_no_trouble(book: ScriptedBook) -> None:
    waba, other = book.add(2)
    sync()
    book.wabas[other] += book.wabas[waba]
    book.wabas[waba] = []
    sync()

    assert sync() == 0
    assert Waba.objects.get(waba_id=waba).last_failure is None
