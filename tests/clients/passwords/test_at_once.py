"""Many passwords at the same moment: counted like one after the other, and few of them checked at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connections
from django.test import Client as Browser
from django.utils import timezone

from clients.models import PasswordAttempt, User
from tests.factories import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def threads() -> Iterator[Callable[[int, Callable[[], object]], list[threading.Thread]]]:
    """A function that starts threads which all do the same; at the end they are waited for."""
    started: list[threading.Thread] = []

    def start(count: int, what: Callable[[], object]) -> list[threading.Thread]:
        def run() -> None:
            try:
                what()
            finally:
                connections.close_all()

        made = [threading.Thread(target=run) for _ in range(count)]
        started.extend(made)
        for thread in made:
            thread.start()
        return made

    yield start
    for thread in started:
        thread.join(30)


def test_passwords_that_come_at_once_are_counted_like_those_that_come_in_turn(
    account_manager: User, threads: Callable[[int, Callable[[], object]], list[threading.Thread]]
) -> None:
    statuses: list[int] = []

    def guess_until_nobody_else_is_in_the_way() -> None:
        answer = None
        while answer is None or b"Many are signing in" in answer.content:
            answer = Browser().post("/login/", {"username": "alice", "password": "wrong"})
        statuses.append(answer.status_code)

    with time_machine.travel(timezone.now(), tick=False):
        for thread in threads(12, guess_until_nobody_else_is_in_the_way):
            thread.join(60)

    assert sorted(statuses) == [200] * 5 + [429] * 7
    assert PasswordAttempt.objects.filter(outcome="wrong").count() == 5


def test_one_password_is_checked_at_a_time_few_wait_and_pages_do_not(
    account_manager: User,
    threads: Callable[[int, Callable[[], object]], list[threading.Thread]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    at_work: list[int] = [0]
    most: list[int] = [0]
    really_verify = MD5PasswordHasher.verify

    def verify(self: MD5PasswordHasher, password: str, encoded: str) -> bool:
        at_work[0] += 1
        most[0] = max(most[0], at_work[0])
        begun.set()
        may_go_on.wait(20)
        at_work[0] -= 1
        return bool(really_verify(self, password, encoded))

    monkeypatch.setattr(MD5PasswordHasher, "verify", verify)
    answers: list[tuple[int, str]] = []

    def sign_in() -> None:
        answer = Browser().post("/login/", {"username": "alice", "password": PASSWORD})
        answers.append((answer.status_code, answer.headers.get("Retry-After", "")))

    started = threads(16, sign_in)
    assert begun.wait(10)
    give_up_at = time.monotonic() + 20
    while len(answers) < 13 and time.monotonic() < give_up_at:
        time.sleep(0.01)

    assert answers == [(429, "2")] * 13, "the others are told at once"
    assert Browser().get("/login/").status_code == 200
    may_go_on.set()
    for thread in started:
        thread.join(30)
    assert [status for status, _ in answers[13:]] == [302] * 3
    assert most == [1]
