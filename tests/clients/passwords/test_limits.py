"""Wrong passwords slow down who tries them, and keep nobody out for good."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.choices import AskedFor, PasswordOutcome
from clients.models import PasswordAttempt, User
from phones.tasks import prune
from tests.factories import PASSWORD
from tests.phones.reading import text_of

Answer = Any


@pytest.fixture(autouse=True)
def clock(settings: Settings) -> Iterator[time_machine.Traveller]:
    """A clock that stands still unless it is moved. Requests come through a proxy on this machine."""
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    with time_machine.travel(timezone.now(), tick=False) as traveller:
        yield traveller


def sign_in(
    name: str, password: str = "wrong", *, address: str = "203.0.113.7", browser: Browser | None = None
) -> Answer:
    forwarded = {"x-forwarded-for": f"198.51.100.1, {address}"}
    return (browser or Browser()).post("/login/", {"username": name, "password": password}, headers=forwarded)


def wait_of(answer: HttpResponse) -> int:
    """How many seconds a refusal says to wait."""
    assert answer.status_code == 429
    return int(answer["Retry-After"])


def keep_guessing(name: str, clock: time_machine.Traveller, *, times: int, **where: Any) -> list[int]:
    """Wrong passwords for `name`, each as soon as the wait is over; how long each wait was."""
    waits: list[int] = []
    while len(waits) < times:
        answer = sign_in(name, **where)
        if answer.status_code == 429:
            waits.append(wait_of(answer))
            clock.shift(datetime.timedelta(seconds=waits[-1]))
    return waits


def test_the_wait_for_a_name_grows_to_a_quarter_of_an_hour_and_then_ends(
    account_manager: User, clock: time_machine.Traveller
) -> None:
    for _ in range(5):
        assert sign_in("alice").status_code == 200
    refused = sign_in("alice", PASSWORD)
    assert wait_of(refused) == 5
    assert "Try again in 5 seconds" in text_of(refused)
    clock.shift(datetime.timedelta(seconds=3))
    assert wait_of(sign_in("alice")) == 2, "a try during the wait does not make it longer"
    clock.shift(datetime.timedelta(seconds=2))

    waits = keep_guessing("alice", clock, times=9)

    assert waits[:3] == [10, 20, 40]
    assert waits[-2:] == [900, 900]
    assert sign_in("alice", PASSWORD).status_code == 302
    assert sign_in("alice").status_code == 200, "after a right one counting begins anew"


def test_who_guesses_elsewhere_keeps_nobody_from_signing_in_with_their_name(
    account_manager: User, clock: time_machine.Traveller
) -> None:
    known = Browser()
    assert sign_in("alice", PASSWORD, browser=known).status_code == 302
    known.post(reverse("account_logout"))

    for at in range(25):
        sign_in("alice", address=f"192.0.2.{at}")
    assert sign_in("alice", PASSWORD, browser=known).status_code == 302, "from where she always does"

    new = "203.0.113.99"
    clock.shift(datetime.timedelta(seconds=10))
    waited = wait_of(sign_in("alice", PASSWORD, address=new))
    assert waited <= 300
    for at in range(3):
        clock.shift(datetime.timedelta(seconds=waited / 3))
        sign_in("alice", address=f"192.0.2.{100 + at}")
    clock.shift(datetime.timedelta(seconds=10))
    assert sign_in("alice", PASSWORD, address=new).status_code == 302, "nobody made her wait anew"


def test_a_known_browser_is_known_to_one_person_only_until_the_password_changes(account_manager: User) -> None:
    known = Browser()
    sign_in("alice", PASSWORD, browser=known)
    known.post(reverse("account_logout"))
    for _ in range(5):
        sign_in("alice", browser=known)
    assert wait_of(sign_in("alice", browser=known)) == 5, "it has a limit of its own"

    account_manager.set_password("another-long-one")
    account_manager.save()
    sign_in("alice", browser=known)
    sign_in("bob", browser=known)

    latest = PasswordAttempt.objects.all()[:2]
    assert [row.is_from_anywhere for row in latest] == [True, True]


def test_one_address_that_tries_many_names_is_slowed_and_recorded(account_manager: User) -> None:
    household = [f"2001:db8:0:1:{number:x}::1" for number in range(1, 61)]

    answers = [sign_in(f"name{number}", address=address) for number, address in enumerate(household)]

    assert [answer.status_code for answer in answers] == [200] * 15 + [429] * 45
    assert "from your address" in text_of(answers[-1])
    assert sign_in("alice", PASSWORD, address="203.0.113.8").status_code == 302
    wrong = PasswordAttempt.objects.filter(outcome=PasswordOutcome.WRONG)
    refused = PasswordAttempt.objects.get(outcome=PasswordOutcome.REFUSED)
    assert {row.address for row in wrong} == set(household[:15])
    assert (wrong.count(), refused.times) == (15, 45)


def test_many_addresses_that_try_a_name_each_are_slowed_together(
    account_manager: User, clock: time_machine.Traveller
) -> None:
    known = Browser()
    sign_in("alice", PASSWORD, browser=known)
    known.post(reverse("account_logout"))

    answers = [sign_in(f"name{number}", address=f"2001:db8:{number}::7") for number in range(34)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429] * 4
    assert "from many places" in text_of(answers[-1])
    assert sign_in("alice", PASSWORD, browser=known).status_code == 302
    clock.shift(datetime.timedelta(seconds=wait_of(answers[-1])))
    assert sign_in("nobody").status_code == 200


def test_an_unknown_name_is_treated_like_a_known_one_and_kept_nowhere(
    account_manager: User, caplog: pytest.LogCaptureFixture
) -> None:
    typed_as_name = "Hunter2-and-more"
    for name in ("alice", typed_as_name):
        assert [sign_in(name).status_code for _ in range(6)] == [200] * 5 + [429], name

    rows = str(list(PasswordAttempt.objects.values()))
    assert typed_as_name.lower() not in (rows + caplog.text).lower()
    assert PasswordAttempt.objects.filter(person=account_manager).count() == 6


def test_the_record_says_who_signed_in_from_where_and_is_kept_for_ninety_days(
    account_manager: User, clock: time_machine.Traveller
) -> None:
    sign_in("alice", PASSWORD)
    row = PasswordAttempt.objects.get()
    assert (row.person, row.outcome, row.asked_for) == (account_manager, PasswordOutcome.RIGHT, AskedFor.SIGN_IN)
    assert row.address == "203.0.113.7"

    clock.shift(datetime.timedelta(days=89))
    prune()
    assert PasswordAttempt.objects.exists()
    clock.shift(datetime.timedelta(days=2))
    prune()
    assert not PasswordAttempt.objects.exists()
