"""Reading for days: what turns leave behind is collected."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Waba
from phones.sync.engine import Engine
from portal import collecting
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def book(settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def test_turns_keep_nothing_more_from_the_collector_and_give_nothing_back_to_it(book: ScriptedBook) -> None:
    Engine(threads=2).work(seconds=1)
    spared = gc.get_freeze_count()

    Engine(threads=2).work(seconds=1)

    assert collecting._spared
    assert gc.get_freeze_count() == spared > 0


@pytest.mark.drills
@pytest.mark.timeout(900)
def test_a_worker_grows_by_less_than_five_megabytes_in_a_thousand_syncs(book: ScriptedBook) -> None:
    book.add(5, numbers=20)
    sync()
    gc.set_threshold(700, 10, 10)  # as in a worker, not as in tests
    for turn in range(250):
        if turn == 50:
            before = _megabytes()
        Waba.objects.update(next_sync_at=timezone.now())
        Engine(threads=4).work(seconds=5)
        book.graph.requests.clear()

    assert _megabytes() - before < 1, "in two hundred"


def _megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6
