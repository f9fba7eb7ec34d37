"""Meta refuses the app or the token while something beside the sync asks with it: a handful of calls, no more."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from phones.bulk import work as bulk
from phones.events import subscriptions
from phones.models import Health, Subscription
from phones.sync import health
from phones.sync.first_calls import HANDFUL
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.phones.sync.test_refusals import ADDRESS, SECRET
from tests.scripted_graph import Answer, graph_error

pytestmark = pytest.mark.django_db

DEAD = graph_error(190, subcode=463, status=401)
APP_LIMIT = graph_error(4, status=403)


def read_health() -> None:
    health.gather()
    health.work(seconds=10)


def check_subscriptions() -> None:
    subscriptions.check_due(seconds=10)


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        made.add(12)
        sync()
        yield made


@pytest.mark.parametrize("refusal", [DEAD, SECRET, ADDRESS, APP_LIMIT], ids=["dead", "secret", "address", "limit"])
@pytest.mark.parametrize("ask", [read_health, check_subscriptions])
def test_what_is_asked_beside_the_sync_stops_after_a_handful_of_refusals(
    book: ScriptedBook, ask: Callable[[], None], refusal: Answer
) -> None:
    book.trouble = lambda _: refusal
    book.graph.requests.clear()

    for _ in range(3):
        ask()

    assert 0 < len(book.graph.requests) <= HANDFUL

    book.trouble = lambda _: None
    Subscription.objects.update(check_due_at=timezone.now())
    Health.objects.update(not_before=None, next_read_at=timezone.now())
    book.graph.requests.clear()
    ask()
    assert len(book.graph.requests) >= 12


@pytest.mark.parametrize("refusal", [DEAD, SECRET], ids=["dead", "secret"])
def test_a_bulk_run_is_paused_after_a_handful_of_refusals_and_says_why(
    book: ScriptedBook, desk: Browser, refusal: Answer
) -> None:
    address = desk.post("/bulk/plan/", {"kind": "refresh", "all": "1", "query": ""})["Location"]
    book.trouble = lambda _: refusal
    book.graph.requests.clear()

    desk.post(f"{address}start/", {"typed_count": "12"})
    bulk.work(seconds=10)

    assert len(book.graph.requests) == HANDFUL
    assert f"The desk has paused this run: {HANDFUL} in a row failed" in text_of(desk.get(address))
