"""WABAs on whose numbers something is about to happen are read more often than the rest, and before them."""

import datetime
from typing import Any

import pytest
from django.conf import settings as project
from django.utils import timezone

from clients.models import Waba
from phones.models import Change, PhoneNumber
from phones.sync import pace, pressing, record
from tests.phones.acting import TO_REGISTER
from tests.phones.sync.lane_book import full, sync
from tests.practice import Practice

pytestmark = pytest.mark.django_db

# Between what is given to a pressing WABA (11/20 of the interval at most) and what is given to another (9/10 at least).
BORDER = datetime.timedelta(minutes=project.SYNC_INTERVAL_MINUTES) * 0.7
WHAT = ["deadline", "registration", "name", "new name", "change"]


@pytest.fixture
def quiet_book(lane_book: Practice) -> Practice:
    """Nothing happens on any number, and nothing has changed for long."""
    sync(lane_book)
    PhoneNumber.objects.update(
        registration_deadline=None, stage="registered", name_status="APPROVED", new_name_status=None
    )
    Change.objects.all().delete()
    return lane_book


def read_soon() -> set[str]:
    return set(Waba.objects.filter(next_sync_at__lt=timezone.now() + BORDER).values_list("waba_id", flat=True))


def press(book: Practice, what: str) -> str:
    """Have this be about to happen on a number, or have happened; the WABA (Graph's id) that it is on."""
    waba_id, now = full(book)[2], timezone.now()
    values: dict[str, dict[str, Any]] = {
        "deadline": {"registration_deadline": now + datetime.timedelta(days=2)},
        "registration": {"stage": "ready", "stage_since": now - datetime.timedelta(days=2)},
        "name": {"name_status": "PENDING_REVIEW"},
        "new name": {"new_name_status": "PENDING_REVIEW"},
    }
    number = PhoneNumber.objects.filter(waba__waba_id=waba_id).earliest("pk")
    PhoneNumber.objects.filter(pk=number.pk).update(**values.get(what, {"status": number.status}))
    if what == "change":
        Change.objects.create(number=number, waba=number.waba, kind="field", field="status", source="sync", at=now)
    return waba_id


@pytest.mark.parametrize("what", WHAT)
def test_a_waba_with_something_pressing_is_due_after_half_of_the_interval_however_it_was_read(
    quiet_book: Practice, settings: Any, what: str
) -> None:
    waba_id = press(quiet_book, what)
    Waba.objects.update(next_sync_at=timezone.now() + 2 * BORDER)
    keys = list(Waba.objects.values_list("pk", flat=True))
    pressing.read_earlier(keys, now=timezone.now(), interval=record.interval())
    assert read_soon() == {waba_id}


def test_a_number_whose_deadline_comes_near_at_meta_is_read_twice_as_often_by_either_lane(
    lane_book: Practice, settings: Any
) -> None:
    sync(lane_book)
    waba_id = next(waba for waba in full(lane_book) if waba not in read_soon())
    number_id = PhoneNumber.objects.filter(waba__waba_id=waba_id).earliest("pk").phone_number_id
    onboarded = timezone.now() - datetime.timedelta(days=10)
    lane_book.change(number_id, **{**TO_REGISTER, "last_onboarded_time": onboarded.strftime("%Y-%m-%dT%H:%M:%S+0000")})
    Change.objects.all().delete()
    sync(lane_book)
    Change.objects.all().delete()
    for wabas_a_call in (50, 0):
        settings.SYNC_WABAS_A_CALL = wabas_a_call
        sync(lane_book)
        assert waba_id in read_soon()


def test_of_all_that_are_asked_for_at_once_those_come_first(lane_book: Practice, settings: Any) -> None:
    settings.SYNC_WABAS_A_CALL = 0
    sync(lane_book)
    first = read_soon()
    assert 0 < len(first) < Waba.objects.count()
    lane_book.control("POST", "log/clear")
    lane_book.sync(threads=1)
    asked = [call["path"].split("/")[2] for call in lane_book.calls("/phone_numbers")]
    assert set(list(dict.fromkeys(asked))[: len(first)]) == first, "each by its first page"


def test_what_is_above_half_of_its_quota_waits_as_long_as_ever(
    lane_book: Practice, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SYNC_WABAS_A_CALL = 0
    monkeypatch.setattr(pace, "BUSY_PERCENT", 0)  # all are
    sync(lane_book)
    assert read_soon() == set()
