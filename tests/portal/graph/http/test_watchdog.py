"""The one thread that ends overdue calls: it cuts off those, each in its own time, and nobody else's."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from portal.graph.http.watchdog import Attempt, Watchdog


class Line:
    """A connection with its other end, and a way to see whether it still carries anything."""

    def __init__(self) -> None:
        near, self.far = socket.socketpair()
        self.sock: socket.socket | None = near
        self.near = near
        self.attempt: Attempt | None = None

    def is_cut(self) -> bool:
        self.far.setblocking(False)
        try:
            return self.far.recv(1) == b""
        except BlockingIOError:
            return False

    def wait_until_cut(self) -> None:
        self.near.settimeout(10)
        assert self.near.recv(1) == b""


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    made = Watchdog()
    yield made
    for attempt in list(made._attempts):
        made.release(attempt)


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.near.close()
    made.far.close()


def attempt_for(seconds: float) -> Attempt:
    return Attempt(time.monotonic() + seconds, longest_silence=10)


def watched(watchdog: Watchdog, line: Line, seconds: float) -> Attempt:
    attempt = attempt_for(seconds)
    watchdog.watch(attempt)
    watchdog.hand_over(line, attempt)
    return attempt


def test_an_overdue_attempt_is_cut_off_and_knows_it(watchdog: Watchdog, line: Line) -> None:
    started = time.monotonic()
    attempt = watched(watchdog, line, 0.2)

    line.wait_until_cut()

    assert 0.15 < time.monotonic() - started < 5
    assert attempt.cut_off


def test_one_that_ends_sooner_than_those_before_is_cut_off_in_its_own_time(watchdog: Watchdog, line: Line) -> None:
    other = Line()
    patient = watched(watchdog, other, 60)
    started = time.monotonic()
    watched(watchdog, line, 0.2)

    line.wait_until_cut()

    assert time.monotonic() - started < 5
    assert not patient.cut_off
    assert not other.is_cut()


def test_one_that_is_overdue_before_it_has_a_socket_is_cut_off_when_it_gets_one(watchdog: Watchdog, line: Line) -> None:
    attempt = attempt_for(0)
    watchdog.watch(attempt)

    watchdog.hand_over(line, attempt)

    line.wait_until_cut()


def test_what_was_released_in_time_is_left_alone(watchdog: Watchdog, line: Line) -> None:
    other = Line()
    watchdog.release(watched(watchdog, line, 0.1))
    watched(watchdog, other, 0.2)

    other.wait_until_cut()

    assert not line.is_cut()


def test_a_connection_that_went_on_to_another_attempt_is_not_cut_off_with_the_first(
    watchdog: Watchdog, line: Line
) -> None:
    first = watched(watchdog, line, 0.1)
    watched(watchdog, line, 60)
    witness = Line()
    watched(watchdog, witness, 0.2)

    witness.wait_until_cut()

    assert not line.is_cut()
    assert not first.cut_off


def test_a_connection_that_was_cut_off_is_not_used_again_until_it_has_a_new_socket(
    watchdog: Watchdog, line: Line
) -> None:
    watched(watchdog, line, 0.1)
    line.wait_until_cut()
    second = attempt_for(60)

    with pytest.raises(ConnectionAbortedError):
        watchdog.hand_over(line, second)
    assert not second.sent

    line.sock = Line().near
    watchdog.hand_over(line, attempt_for(60))


def test_a_connection_that_forgets_its_socket_when_the_answer_comes_is_cut_off_all_the_same(
    watchdog: Watchdog, line: Line
) -> None:
    watched(watchdog, line, 0.2)
    line.sock = None

    line.wait_until_cut()


def test_its_thread_ends_when_nobody_is_left_and_starts_anew(watchdog: Watchdog, line: Line) -> None:
    for _ in range(2):
        before = set(threading.enumerate())
        attempt = attempt_for(0.1)
        watchdog.watch(attempt)
        (thread,) = set(threading.enumerate()) - before
        watchdog.release(attempt)
        thread.join(timeout=10)
        assert not thread.is_alive()
