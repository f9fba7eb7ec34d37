"""What the desk makes of edges that fail or are suddenly empty: nothing is lost, and it says so."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import SyncRun, Waba
from phones.models import PhoneNumber
from tests.phones.reading import text_of
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
