"""`/healthz` and `/readyz`, as a load balancer sees them."""

import datetime
import socket
import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from phones.models import Event, Heartbeat
from portal import health
from portal.local.secrets import new_encryption_key
from tests.factories import make_credential, make_waba

PARTS = ("database", "broker", "tick", "events", "readings", "encryption_keys")


@pytest.fixture
def tick(db: None) -> Heartbeat:
    return Heartbeat.objects.create(name="tick", at=timezone.now())


def test_liveness_asks_nobody(client: Browser) -> None:
    # This test has no access to a database: asking would fail it.
    answer = client.get("/healthz")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}


def test_a_portal_with_database_broker_and_a_fresh_tick_is_ready(client: Browser, tick: Heartbeat) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == dict.fromkeys(("status", *PARTS, "clocks", "waits"), "ok")


def test_before_the_first_tick_the_portal_is_not_ready(client: Browser, db: None) -> None:
    Heartbeat.objects.create(name="prune", at=timezone.now())

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["tick"] == "no tick yet"


def test_a_worker_that_ticks_and_leaves_what_is_due_undone_is_not_ready(
    client: Browser, tick: Heartbeat, settings: Settings
) -> None:
    settings.SYNC_TICK_SECONDS = 30
    long_ago = timezone.now() - datetime.timedelta(seconds=200)
    make_waba(next_sync_at=long_ago)
    Event.objects.create(digest="a", received_at=long_ago)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["events"], answer.json()["readings"]) == (503, "failed", "failed")

    # What is behind and gets done is no fault.
    for name in ("events", "readings"):
        Heartbeat.objects.create(name=name, at=timezone.now())
    assert client.get("/readyz").status_code == 200
    # Nor did it get done at a time that is still to come.
    Heartbeat.objects.filter(name="events").update(at=timezone.now() + datetime.timedelta(hours=1))
    assert client.get("/readyz").json()["events"] == "failed"


@pytest.mark.parametrize(("seconds", "state"), [(149, "ok"), (151, "failed")])
def test_a_tick_may_be_three_ticks_and_a_minute_old(
    client: Browser, tick: Heartbeat, settings: Settings, seconds: int, state: str
) -> None:
    settings.SYNC_TICK_SECONDS = 30
    Heartbeat.objects.update(at=timezone.now() - datetime.timedelta(seconds=seconds))

    assert client.get("/readyz").json()["tick"] == state


def test_without_its_database_the_portal_is_not_ready_and_says_so(
    client: Browser, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def refuse() -> None:
        raise OperationalError("could not connect to postgres://portal:secret@db.example")

    monkeypatch.setattr(health, "_written_at", time.monotonic())

    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", refuse)
        answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {**dict.fromkeys(("status", *PARTS), "failed"), "broker": "ok"}


def test_a_lost_encryption_key_is_told_by_readiness(client: Browser, tick: Heartbeat, settings: Settings) -> None:
    make_credential()
    settings.TOKEN_ENCRYPTION_KEYS = [new_encryption_key()]

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["encryption_keys"] == "key lost"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_broker_that_does_not_answer_is_not_waited_for(
    client: Browser, tick: Heartbeat, settings: Settings, monkeypatch: pytest.MonkeyPatch, silent_port: int
) -> None:
    monkeypatch.setattr(health, "_PING_TIMEOUT", 0.1)
    settings.REDIS_URL = f"redis://127.0.0.1:{silent_port}/0"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    ok = dict.fromkeys((*PARTS, "clocks", "waits"), "ok")
    assert answer.json() == {**ok, "status": "failed", "broker": "failed"}


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "nonsense"])
def test_a_broker_that_is_not_there_is_reported(client: Browser, tick: Heartbeat, settings: Settings, url: str) -> None:
    settings.REDIS_URL = url

    assert client.get("/readyz").json()["broker"] == "failed"


def test_readiness_costs_four_small_queries(
    client: Browser, tick: Heartbeat, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/readyz")  # looks at the stored secrets, once in a minute
    with django_assert_num_queries(4):
        client.get("/readyz")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_answers_are_kept_by_nobody_and_only_read(client: Browser, tick: Heartbeat, path: str) -> None:
    assert "no-store" in client.get(path)["Cache-Control"]
    assert client.head(path).status_code == 200
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_over_plain_http_is_not_sent_away(tick: Heartbeat, settings: Settings, path: str) -> None:
    settings.SECURE_SSL_REDIRECT = True
    browser = Browser()

    assert browser.get(path).status_code == 200
    assert browser.get("/login/").status_code == 301


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_balancer_that_asks_by_address_is_answered(tick: Heartbeat, settings: Settings, path: str) -> None:
    settings.ALLOWED_HOSTS = ["desk.example"]
    probe = Browser(headers={"host": "10.0.0.7:8000"})

    assert probe.get(path).json()["status"] == "ok"
    assert "Content-Security-Policy" in probe.get(path).headers
    assert probe.get("/login/").status_code == 400
