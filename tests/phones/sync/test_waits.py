"""Waits that Meta asks for: never for longer than an hour, only for what the answer names, and over when it answers."""

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Credential, Waba
from phones import tasks
from phones.models import PhoneNumber
from phones.sync import pace, waits
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, body, graph_error

pytestmark = pytest.mark.django_db

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def book(settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def a_year_on_each(request: Request) -> Answer | None:
    """80008 for every WABA, with an estimate that can't be true, of this WABA and of another."""
    waba_id = request.path.split("/")[2]
    entry = [{"call_count": 100, "estimated_time_to_regain_access": 10**6}]
    headers = {"X-Business-Use-Case-Usage": json.dumps({waba_id: entry, "1": entry})}
    return graph_error(80008, status=400, headers=headers) if "/phone_numbers" in request.path else None


def test_an_estimate_that_cannot_be_true_ends_within_the_hour_or_when_a_person_asks(
    book: ScriptedBook, desk: Browser
) -> None:
    waba_ids = book.add(3)
    sync()
    book.trouble = a_year_on_each
    sync()
    longest = timezone.now() + pace.LONGEST_WAIT
    assert not Waba.objects.filter(not_before__gt=longest).exists()
    tasks.tick()
    assert "3 WABAs are not read for now: Too many calls for this WABA" in text_of(desk.get("/"))
    assert desk.get("/readyz").json()["waits"].startswith("3 WABAs until ")

    # What is asked again at once is not asked; a minute later one call each finds out.
    book.graph.requests.clear()
    desk.post("/syncs/start/", {"scope": "everything"})
    tasks.work()
    assert book.asked() == []
    Waba.objects.update(last_attempt_at=timezone.now() - 2 * MINUTE)
    desk.post("/syncs/start/", {"scope": "everything"})
    tasks.work()
    assert len(book.asked()) == 3

    # One that answers sleeps no longer.
    number = PhoneNumber.objects.get(waba__waba_id=waba_ids[0])
    book.trouble = lambda request: a_year_on_each(request) if waba_ids[0] not in request.path else None
    desk.post(f"/phones/{number.phone_number_id}/refresh/")
    assert set(Waba.objects.filter(not_before=None).values_list("waba_id", flat=True)) == {waba_ids[0]}
    assert waits.asleep() is not None


@pytest.mark.parametrize(
    "answer",
    [graph_error(4, status=403), graph_error(613), body(b"slow down", status=429, headers={"Retry-After": "300"})],
    ids=["4", "613", "429"],
)
def test_too_many_calls_for_one_waba_pause_that_one_and_the_rest_is_read(book: ScriptedBook, answer: Answer) -> None:
    waba_ids = book.add(6)
    sync()
    book.trouble = lambda request: answer if waba_ids[2] in request.path else None
    book.graph.requests.clear()

    assert sync() == 1

    assert len(book.asked()) == 6
    assert list(Waba.objects.exclude(not_before=None).values_list("waba_id", flat=True)) == [waba_ids[2]]
    assert not Credential.objects.exclude(not_before=None).exists()


def test_too_many_calls_for_one_waba_after_the_other_are_the_apps_limit(book: ScriptedBook, settings: Any) -> None:
    settings.SYNC_THREADS = 4
    book.add(40)
    sync()
    book.trouble = lambda request: graph_error(4, status=403) if "/phone_numbers" in request.path else None
    book.graph.requests.clear()

    call_command_sync()

    assert len(book.asked()) <= 2 * 4 + pace.SEVERAL, "those under way, and then one at a time"
    assert Credential.objects.filter(not_before__gt=timezone.now()).exists()
    asleep = waits.asleep()
    assert asleep is not None
    assert (asleep.wabas, asleep.reason) == (40, "Too many calls from our app")


def test_a_server_that_asks_to_be_left_alone_is_left_alone_for_so_long(book: ScriptedBook) -> None:
    (waba_id,) = book.add(1)
    sync()
    away = body(b"", status=503, headers={"Retry-After": "600"})
    book.trouble = lambda request: away if "/phone_numbers" in request.path else None
    book.graph.requests.clear()

    sync()

    assert len(book.asked()) == 1
    due = Waba.objects.get(waba_id=waba_id).next_sync_at - timezone.now()
    assert 9 * MINUTE < due < 11 * MINUTE


def call_command_sync() -> None:
    with pytest.raises(SystemExit):
        call_command("sync")
