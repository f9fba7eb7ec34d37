"""A person acts on a number at the moment in which a worker writes what Meta says of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from clients.models import User
from phones.actions import guards
from phones.models import PhoneNumber
from phones.sync import write_numbers
from tests.at_once import waits_for_a_lock
from tests.conftest import SignIn
from tests.phones.acting import TO_REGISTER, address, posts, token_for
from tests.practice import Practice


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite locks no rows")
@pytest.mark.django_db(transaction=True)
def test_who_acts_on_a_number_while_its_waba_is_written_waits_for_nobody_in_a_circle(
    practice: Practice,
    prepare: Callable[..., PhoneNumber],
    lead: User,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, judge, store = prepare(TO_REGISTER), guards.refusal, write_numbers.store
    holds_number, holds_waba, is_done = threading.Event(), threading.Event(), threading.Event()

    def judges(*args: Any, **more: Any) -> Any:
        if connection.in_atomic_block:
            holds_number.set()
            assert holds_waba.wait(10)
        return judge(*args, **more)

    def stores(complete: Any) -> Any:
        holds_waba.set()
        while not is_done.wait(0.02) and not waits_for_a_lock():
            pass
        return store(complete)

    def act() -> None:
        statuses.append(browser.post(address(number, "register"), form).status_code)
        is_done.set()
        connections.close_all()

    browser, statuses = sign_in(lead), list[int]()
    form = {"confirmation": token_for(browser, number, "register"), "source": "generate"}
    monkeypatch.setattr(guards, "refusal", judges)
    monkeypatch.setattr(write_numbers, "store", stores)
    practice.change(number.phone_number_id, quality_rating="RED")
    acts = threading.Thread(target=act)
    acts.start()
    assert holds_number.wait(10)
    practice.sync()
    acts.join()

    number.refresh_from_db()
    assert (statuses, number.quality_rating) == ([302], "RED")
    assert posts(practice, number) == ["register"]
