"""Hints to workers: nobody waits while one is sent, and a turn takes nothing new once its worker is to stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError
from pytest_django import Settings

from portal import stopping, waking
from portal.celery import app
from portal.logs import SaidLately

PATIENCE_SECONDS = 20


@pytest.mark.django_db
def test_a_hint_is_sent_by_another_thread_and_the_same_one_waits_only_once(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    answers, all_sent = threading.Event(), threading.Event()

    def send(task: str) -> None:
        answers.wait(PATIENCE_SECONDS)
        sent.append(task)
        if task == "last":
            all_sent.set()

    monkeypatch.setattr(app, "send_task", send)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        for task in ["first", "read", "read", "read", "last"]:
            waking.hint(task)

    assert sent == [], "the broker does not answer yet"
    answers.set()
    assert all_sent.wait(PATIENCE_SECONDS)
    assert sent == ["first", "read", "last"]


def test_a_broker_that_is_away_is_said_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_task: str) -> None:
        raise BrokerError("Connection refused.")

    monkeypatch.setattr(app, "send_task", refuse)
    monkeypatch.setattr(waking, "_faults", SaidLately())
    for _ in range(5):
        waking._send("phones.tasks.work")

    assert caplog.text.count("The broker could not be reached") == 1


@pytest.fixture
def asked_to_stop() -> Iterator[None]:
    stopping.ask()
    yield
    stopping.take_back()


def test_a_turn_is_over_when_its_time_is_up() -> None:
    assert not stopping.turn_is_over(time.monotonic() + 60)
    assert stopping.turn_is_over(time.monotonic())


@pytest.mark.usefixtures("asked_to_stop")
def test_a_turn_is_over_at_once_when_the_worker_is_to_stop() -> None:
    assert stopping.turn_is_over(time.monotonic() + 60)
