"""Where each number stands is stored wherever facts are written, and kept true when only time has passed."""

import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from clients.models import SyncFailure
from phones.models import PhoneNumber
from phones.numbers import standing as standings
from phones.sync import write_numbers as numbers
from portal.graph.reads.numbers import NumberReading
from tests.factories import make_number, make_waba

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
NOT_REGISTERED: dict[str, Any] = {"status": "PENDING", "platform_type": "NOT_APPLICABLE"}


def stage_of(number: PhoneNumber) -> str:
    number.refresh_from_db()
    return number.stage


def test_the_command_works_out_every_number_and_says_how_many_differed() -> None:
    number = make_number(**NOT_REGISTERED, last_onboarded_time=timezone.now() - 2 * DAY)
    first, second = StringIO(), StringIO()
    call_command("recompute_stages", stdout=first)
    call_command("recompute_stages", stdout=second)
    assert (first.getvalue(), second.getvalue()) == ("changed=1\n", "changed=0\n")
    assert stage_of(number) == "ready"


def test_a_deadline_that_passes_between_two_syncs_closes_the_window() -> None:
    number = make_number(**NOT_REGISTERED, last_onboarded_time=timezone.now() - 2 * DAY)
    standings.recompute()
    long_ago = timezone.now() - 15 * DAY
    PhoneNumber.objects.update(last_onboarded_time=long_ago, registration_deadline=long_ago + 14 * DAY)
    assert standings.recompute_due() == 1
    assert stage_of(number) == "window_closed"
    assert standings.recompute_due() == 0


def test_an_approved_name_that_was_not_made_live_in_time_is_told_once() -> None:
    number = make_number(
        new_name_status="APPROVED", new_display_name="Harbor Café", name_approved_at=timezone.now() - 13 * DAY
    )
    standings.recompute()
    number.refresh_from_db()
    assert number.registration_deadline is not None
    PhoneNumber.objects.update(name_approved_at=timezone.now() - 15 * DAY, registration_deadline=timezone.now() - DAY)
    assert standings.recompute_due() == 1
    number.refresh_from_db()
    assert "was not made live in time" in number.next_action
    assert standings.recompute_due() == 0


def test_a_number_whose_waba_meta_no_longer_shows_is_not_called_healthy() -> None:
    waba = make_waba()
    number = make_number(waba)
    standings.recompute()
    assert stage_of(number) == "registered"
    waba.last_failure = SyncFailure.objects.create(waba=waba, kind="not_visible", at=timezone.now())
    waba.save()
    standings.recompute()
    assert stage_of(number) == "not_visible"


def test_a_time_out_says_nothing_of_a_number() -> None:
    waba = make_waba()
    number = make_number(waba)
    waba.last_failure = SyncFailure.objects.create(waba=waba, kind="deadline_exceeded", at=timezone.now())
    waba.save()
    standings.recompute()
    assert stage_of(number) == "registered"


def test_the_time_since_when_is_kept_while_the_next_action_stays_the_same() -> None:
    number = make_number(name_status="PENDING_REVIEW")
    standings.recompute()
    number.refresh_from_db()
    since = number.stage_since
    PhoneNumber.objects.update(quality_rating="RED")
    standings.recompute()
    number.refresh_from_db()
    assert number.stage_since == since


def test_the_day_a_new_name_was_first_seen_approved_starts_its_clock() -> None:
    number = make_number(new_name_status="PENDING_REVIEW", new_display_name="Harbor Café", is_pin_enabled=False)
    asked_at = timezone.now()
    values = {
        "status": "CONNECTED",
        "platform_type": "CLOUD_API",
        "new_name_status": "APPROVED",
        "new_display_name": "Harbor Café",
    }
    reading = NumberReading(number.phone_number_id, values, frozenset(values))
    numbers.store_one(number, reading, asked_at=asked_at, actor=None)
    number.refresh_from_db()
    assert number.name_approved_at == asked_at
    assert number.registration_deadline == asked_at + 14 * DAY
    assert number.step == "register"
