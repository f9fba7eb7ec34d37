"""The slow lane: which healths are read when, by whom, and within what Meta allows."""

from __future__ import annotations

import datetime
import uuid

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Waba
from phones import tasks
from phones.models import Change, Health, PhoneNumber
from phones.numbers import conditions, standing
from phones.sync import health
from tests.factories import make_change
from tests.phones.reading import text_of
from tests.practice import Practice

DAY = datetime.timedelta(days=1)


def asked(practice: Practice) -> list[str]:
    """The ids of the nodes whose health Meta was asked for since the log was cleared."""
    found = [call for call in practice.calls() if "health_status" in str(call)]
    practice.control("POST", "log/clear")
    return [call["path"].rpartition("/")[2] for call in found]


@pytest.fixture
def book(practice: Practice) -> Practice:
    """The practice book on the desk, with nothing asked about health yet."""
    practice.already_read()
    practice.control("POST", "log/clear")
    return practice


def turn(practice: Practice) -> list[str]:
    health.gather()
    health.work(seconds=20, client=practice.client)
    return asked(practice)


def test_registered_numbers_and_their_wabas_are_read_once_a_day(book: Practice) -> None:
    registered = PhoneNumber.objects.filter(conditions.IS_REGISTERED)
    wabas = Waba.objects.filter(current_numbers__in=registered)
    expected = {*registered.values_list("phone_number_id", flat=True), *wabas.values_list("waba_id", flat=True)}

    first, second = turn(book), turn(book)

    assert sorted(first) == sorted(expected)
    assert second == []
    next_turns = Health.objects.values_list("next_read_at", flat=True)
    assert all(datetime.timedelta(hours=21) < at - timezone.now() < datetime.timedelta(hours=27) for at in next_turns)


def test_a_connected_number_whose_platform_was_not_returned_is_asked_too_and_shown_as_blocked(
    book: Practice, desk: Browser
) -> None:
    number = PhoneNumber.objects.filter(conditions.IS_REGISTERED, status="CONNECTED", is_on_biz_app=False).first()
    assert number is not None
    PhoneNumber.objects.exclude(pk=number.pk).update(platform_type="NOT_APPLICABLE")
    PhoneNumber.objects.filter(pk=number.pk).update(platform_type=None)
    blocked = {"can_send_message": "BLOCKED", "entity_type": "BUSINESS"}
    book.control("POST", f"wabas/{number.waba.waba_id}/health", blocked)
    book.control("POST", "log/clear")

    assert sorted(turn(book)) == sorted([number.phone_number_id, number.waba.waba_id])
    number.refresh_from_db()
    assert number.may_send == "no"
    assert number.phone_number_id in text_of(desk.get("/phones/?queue=cant-send"))
    assert "Can messages be sent?" in text_of(desk.get(f"/phones/{number.phone_number_id}/"))


def test_a_number_that_changed_and_a_waba_of_which_an_event_came_are_read_soon(book: Practice) -> None:
    turn(book)
    earlier = timezone.now() - datetime.timedelta(hours=1)
    Health.objects.update(read_at=earlier, tried_at=earlier)
    Change.objects.all().delete()
    number = PhoneNumber.objects.filter(conditions.IS_REGISTERED).first()
    assert number is not None
    other = Waba.objects.filter(health__isnull=False).exclude(pk=number.waba_id).first()
    assert other is not None
    make_change(number)
    make_change(waba=other, kind="event", field="account_update")

    assert sorted(turn(book)) == sorted([number.phone_number_id, other.waba_id])


def test_one_that_could_not_be_read_waits_its_time_whatever_changes(book: Practice) -> None:
    turn(book)
    earlier = timezone.now() - datetime.timedelta(hours=1)
    Health.objects.update(read_at=earlier, tried_at=earlier, failures_in_a_row=1)
    number = PhoneNumber.objects.filter(conditions.IS_REGISTERED).first()
    assert number is not None
    make_change(number)

    assert turn(book) == []


def test_a_waba_that_is_well_again_frees_numbers_with_an_older_reading(book: Practice) -> None:
    number = PhoneNumber.objects.filter(conditions.IS_REGISTERED).first()
    assert number is not None
    health.gather()
    blocked = [{"entity_type": "WABA", "id": number.waba.waba_id, "can_send_message": "BLOCKED", "errors": []}]
    earlier = timezone.now() - datetime.timedelta(hours=1)
    Health.objects.filter(number=number).update(
        can_send_message="BLOCKED",
        entities=blocked,
        read_at=earlier,
        tried_at=earlier,
        next_read_at=timezone.now() + DAY,
    )
    standing.recompute([number.pk])
    number.refresh_from_db()
    assert number.may_send == "no"

    turn(book)

    number.refresh_from_db()
    assert number.may_send == "yes"


def test_a_row_in_another_workers_hands_is_left_alone(book: Practice) -> None:
    health.gather()
    held_until = timezone.now() + datetime.timedelta(minutes=1)
    Health.objects.update(lease_token=uuid.uuid4(), lease_until=held_until)

    assert turn(book) == []

    Health.objects.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
    assert len(turn(book)) == Health.objects.count()


def test_the_workers_tick_has_health_read(book: Practice) -> None:
    tasks.tick()
    tasks.read_health()

    assert asked(book)
    assert not Health.objects.filter(read_at=None).exists()


def test_a_waba_at_half_its_quota_is_left_alone_for_an_hour(book: Practice) -> None:
    waba = Waba.objects.filter(current_numbers__in=PhoneNumber.objects.filter(conditions.IS_REGISTERED)).first()
    assert waba is not None
    usage = f'{{"{waba.waba_id}": [{{"type": "whatsapp_business_management", "call_count": 51}}]}}'
    body = {"id": waba.waba_id, "health_status": {"can_send_message": "AVAILABLE", "entities": []}}
    answer = {"status": 200, "body": body, "headers": {"X-Business-Use-Case-Usage": usage}}
    book.fault(answer, times=None, path_contains=waba.waba_id)
    health.gather()
    numbers = Health.objects.filter(number__waba=waba)
    Health.objects.exclude(waba=waba).exclude(pk__in=numbers).delete()
    numbers.update(next_read_at=timezone.now() + datetime.timedelta(minutes=1))

    def read() -> list[str]:
        health.work(seconds=5, client=book.client)
        return asked(book)

    assert read() == [waba.waba_id]
    numbers.update(next_read_at=timezone.now())
    assert read() == []
    Health.objects.update(not_before=timezone.now())
    assert len(read()) == numbers.count() > 0


def test_a_dead_token_costs_a_handful_of_calls(book: Practice) -> None:
    book.control("POST", "tokens/system_user", {"state": "revoked"})

    assert 0 < len(turn(book)) <= health.BATCH
    assert turn(book) == []
    assert Health.objects.filter(error_kind="token_dead").exists()


def test_what_graph_leaves_out_keeps_what_was_known(book: Practice) -> None:
    turn(book)
    known = Health.objects.filter(number__isnull=False).first()
    assert known is not None
    Health.objects.filter(pk=known.pk).update(next_read_at=timezone.now())
    assert known.number is not None
    book.change(known.number.phone_number_id, "health_status")

    assert turn(book) == [known.number.phone_number_id]

    now = Health.objects.get(pk=known.pk)
    assert (now.can_send_message, now.read_at) == (known.can_send_message, known.read_at)
    assert now.error_kind == "health_not_returned"
