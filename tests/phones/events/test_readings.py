"""What an event has read at Meta: once, soon, not lost while it can't be, and within Meta's quota."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.choices import CredentialState
from clients.models import Credential, Waba
from phones.models import PhoneNumber
from phones.sync import claims, fetch
from phones.sync import record as outcomes
from phones.sync import turns as hints
from phones.sync.engine import Engine
from tests.phones.events.sending import NOON, change
from tests.phones.events.test_processing import receive
from tests.practice import Practice, practice_server

LONG_AGO = timedelta(hours=1)


@pytest.fixture
def practice(db: None, settings: Any) -> Iterator[Practice]:
    """Some WABAs, all read a while ago and due in an hour."""
    with practice_server(settings, wabas=4, numbers=12, healthy=True) as server:
        server.already_read()
        now = timezone.now()
        Waba.objects.update(last_attempt_at=now - LONG_AGO, next_sync_at=now + LONG_AGO)
        server.control("POST", "log/clear")
        yield server


@pytest.fixture
def number(practice: Practice) -> PhoneNumber:
    pk = practice.wabas()[0]["phone_number_ids"][0]
    return PhoneNumber.objects.select_related("waba__credential").get(phone_number_id=pk)


def tell(number: PhoneNumber, n: int = 0) -> None:
    """Let Meta send an event about the number."""
    value = {"display_phone_number": number.digits, "event": "FLAGGED"}
    receive(change("phone_number_quality_update", value), entry_id=number.waba.waba_id, time=NOON + n)


def work(practice: Practice) -> None:
    Engine(client=practice.client, threads=2).work(seconds=30)


def lists(practice: Practice) -> int:
    """How often the numbers of a WABA were listed."""
    return len(practice.calls("phone_numbers"))


def rating(number: PhoneNumber) -> object:
    return PhoneNumber.objects.get(pk=number.pk).quality_rating


def test_an_event_brings_what_it_hints_at_and_the_facts_of_its_waba_with_one_reading(
    practice: Practice, number: PhoneNumber
) -> None:
    practice.change(number.phone_number_id, quality_rating="RED")
    Waba.objects.filter(pk=number.waba_id).update(name="An old name", facts_read_at=timezone.now() - LONG_AGO)
    for n in range(100):
        tell(number, n)

    work(practice)

    assert rating(number) == "RED"
    waba = Waba.objects.get(pk=number.waba_id)
    assert waba.name != "An old name"
    assert waba.hinted_at is not None
    assert waba.facts_read_at is not None
    assert waba.facts_read_at > waba.hinted_at
    assert lists(practice) == 1

    Waba.objects.filter(pk=number.waba_id).update(next_sync_at=timezone.now())
    practice.control("POST", "log/clear")
    work(practice)
    assert len(practice.calls(f"/{waba.waba_id}")) == 1, "without a new hint only the numbers are listed"


def while_it_is_read(practice: Practice, number: PhoneNumber, events: int) -> Waba:
    """Its WABA after a reading during which so many events came and the number changed."""
    Waba.objects.filter(pk=number.waba_id).update(next_sync_at=timezone.now())
    holder = uuid.uuid4()
    [claim] = claims.take_wabas(holder=holder, limit=10)
    read = fetch.read_waba(practice.client, claim, practice.credentials.system_user_token)
    practice.change(number.phone_number_id, quality_rating="RED")
    for n in range(events):
        tell(number, n)
    outcomes.record([read], holder=holder)
    return Waba.objects.get(pk=number.waba_id)


def test_an_event_that_comes_while_its_waba_is_read_has_it_read_once_more(
    practice: Practice, number: PhoneNumber
) -> None:
    waba = while_it_is_read(practice, number, events=1)

    assert rating(number) == "GREEN"
    assert waba.next_sync_at <= timezone.now() + hints.SOON

    Waba.objects.filter(pk=waba.pk).update(last_attempt_at=timezone.now() - LONG_AGO, next_sync_at=timezone.now())
    assert claims.hinted_are_due()
    work(practice)
    assert rating(number) == "RED"
    assert not claims.hinted_are_due()


def test_events_that_never_cease_make_no_storm_of_readings(practice: Practice, number: PhoneNumber) -> None:
    waba = while_it_is_read(practice, number, events=hints.MANY_EVENTS + 1)

    assert waba.last_attempt_at is not None
    assert waba.next_sync_at >= waba.last_attempt_at + hints.SPARING
    assert not claims.hinted_are_due()


def test_readings_for_events_take_half_of_the_smallest_quota_at_most() -> None:
    calls_a_reading = 2
    readings = hints.MANY_EVENTS + timedelta(hours=1) / hints.SPARING
    assert readings * calls_a_reading <= 100


def test_a_hint_outlives_a_wait_that_meta_asked_for(practice: Practice, number: PhoneNumber) -> None:
    Waba.objects.filter(pk=number.waba_id).update(not_before=timezone.now() + LONG_AGO)
    practice.change(number.phone_number_id, quality_rating="RED")
    tell(number)

    work(practice)
    assert (rating(number), lists(practice)) == ("GREEN", 0)
    assert not claims.hinted_are_due()

    Waba.objects.filter(pk=number.waba_id).update(not_before=timezone.now())
    assert claims.hinted_are_due()
    work(practice)
    assert rating(number) == "RED"


def test_a_hint_outlives_a_dead_token(practice: Practice, number: PhoneNumber) -> None:
    credentials = Credential.objects.filter(wabas=number.waba)
    credentials.update(state=CredentialState.DEAD)
    practice.change(number.phone_number_id, quality_rating="RED")
    tell(number)

    work(practice)
    assert rating(number) == "GREEN"

    credentials.update(state=CredentialState.WORKING)
    work(practice)
    assert rating(number) == "RED"


def test_a_hint_outlives_a_reading_that_failed(practice: Practice, number: PhoneNumber) -> None:
    practice.change(number.phone_number_id, quality_rating="RED")
    practice.fault({"status": 500}, path_contains="phone_numbers")
    tell(number)
    work(practice)
    assert rating(number) == "GREEN"

    practice.heal()
    assert Waba.objects.get(pk=number.waba_id).next_sync_at < timezone.now() + timedelta(minutes=1)
    Waba.objects.filter(pk=number.waba_id).update(next_sync_at=timezone.now())
    work(practice)
    assert rating(number) == "RED"


def test_facts_that_a_discovery_read_later_are_not_called_older(practice: Practice, number: PhoneNumber) -> None:
    tell(number)
    holder = uuid.uuid4()
    [claim] = claims.take_wabas(holder=holder, limit=10)
    read = fetch.read_waba(practice.client, claim, practice.credentials.system_user_token)
    later = timezone.now()
    Waba.objects.filter(pk=number.waba_id).update(facts_read_at=later)

    outcomes.record([read], holder=holder)

    assert Waba.objects.get(pk=number.waba_id).facts_read_at == later
