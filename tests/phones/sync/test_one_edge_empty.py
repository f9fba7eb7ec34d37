"""One of the two business edges is suddenly empty while the other lists what it always did."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from clients.models import Waba
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, page

pytestmark = pytest.mark.django_db

OURS = [{"id": str(700 + index), "name": f"Ours {index}"} for index in range(2)]


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def owned(*wabas: dict[str, str]) -> Any:
    def trouble(request: Request) -> Answer | None:
        return page(*wabas) if request.path.endswith("/owned_whatsapp_business_accounts") else None

    return trouble


def test_an_edge_that_listed_several_and_lists_none_loses_nothing_and_is_said(
    book: ScriptedBook, desk: Browser
) -> None:
    book.add(3)
    book.trouble = owned(*OURS)
    assert sync() == 0
    book.trouble = owned()

    assert sync() == 1

    assert not Waba.objects.exclude(unshared_since=None).exists()
    assert "2 WABAs were listed before as “owned by us”" in text_of(desk.get("/"))

    book.trouble, book.shared = owned(*OURS), list(book.wabas)[:2]
    assert sync() == 0
    assert [waba.waba_id for waba in Waba.objects.exclude(unshared_since=None)] == list(book.wabas)[2:]


def test_the_only_waba_of_an_edge_is_unshared_when_it_is_listed_no_longer(book: ScriptedBook) -> None:
    book.add(2)
    book.trouble = owned(OURS[0])
    sync()
    book.trouble = owned()

    assert sync() == 0

    assert Waba.objects.exclude(unshared_since=None).get().waba_id == OURS[0]["id"]
