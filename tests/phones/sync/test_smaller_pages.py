"""Meta finds a page too large: the same numbers come in smaller ones, and it is not tried anew for a day."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from clients.models import SyncFailure
from phones.models import PhoneNumber
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, graph_error

pytestmark = pytest.mark.django_db

TOO_MUCH = "(#1) Please reduce the amount of data you're asking for, then retry your request"


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def at_most(limit: int) -> Any:
    def trouble(request: Request) -> Answer | None:
        too_large = request.path.endswith("/phone_numbers") and int(request.query["limit"]) > limit
        return graph_error(1, message=TOO_MUCH, status=500) if too_large else None

    return trouble


def limits(book: ScriptedBook) -> list[str]:
    return [request.query["limit"] for request in book.asked()]


def test_a_page_that_is_too_large_is_halved_until_it_comes_and_that_is_kept_for_a_day(book: ScriptedBook) -> None:
    book.add(1, numbers=130)
    book.trouble = at_most(30)

    assert sync() == 0
    assert PhoneNumber.objects.count() == 130
    assert limits(book) == ["100", "50"] + ["25"] * 6

    book.graph.requests.clear()
    assert sync() == 0
    assert limits(book) == ["25"] * 6

    book.trouble = lambda _: None
    with time_machine.travel(timezone.now() + datetime.timedelta(hours=25)):
        book.graph.requests.clear()
        assert sync() == 0
    assert limits(book) == ["100", "100"]


def test_a_page_of_one_that_is_still_too_large_is_a_failure_in_words(book: ScriptedBook, capsys: Any) -> None:
    book.add(1, numbers=3)
    book.trouble = at_most(0)

    assert sync() == 1
    assert limits(book) == ["100", "50", "25", "12", "6", "3", "1"]
    assert SyncFailure.objects.get().kind == "too_much_data"
    assert "too large" in capsys.readouterr().out
