"""What Meta tells of its quotas is kept, and shown where it matters: on a WABA, on the syncs page, on the desk."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Credential, Waba
from phones import tasks
from phones.choices import ActionKind
from phones.models import Action, ProfileQuota, ProfileTurn
from phones.sync import profile_turns, told_use
from portal.graph import Meter
from tests.factories import make_number, make_waba
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import Answer, Request, graph_error

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def book(settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def all_used(request: Request) -> Answer | None:
    """80008 for every WABA, with all of its quota used and much of the app's."""
    headers = {
        "X-Business-Use-Case-Usage": json.dumps({request.path.split("/")[2]: [{"call_count": 100}]}),
        "X-App-Usage": json.dumps({"call_count": 80}),
    }
    return graph_error(80008, status=400, headers=headers) if "/phone_numbers" in request.path else None


def test_what_is_used_up_is_told_on_the_waba_the_syncs_page_and_the_desk(book: ScriptedBook, desk: Browser) -> None:
    waba_id, *_ = book.add(3)
    sync()
    assert "Meta has not told yet" in text_of(desk.get(f"/wabas/{waba_id}/"))
    assert "Meta has not told yet how much of the app’s calls is used." in text_of(desk.get("/syncs/"))

    book.trouble = all_used
    sync()
    tasks.tick()

    page = text_of(desk.get(f"/wabas/{waba_id}/"))
    assert "About 0 of 5,000 calls an hour" in page or "About 0 of 200 calls an hour" in page
    assert "waits until" in page
    syncs = text_of(desk.get("/syncs/"))
    assert "80 % of the app’s calls of this hour used" in syncs
    assert f"/wabas/{waba_id}/#quota" in syncs
    few = "Few calls to Meta are left in this hour: 80 % of the app’s are used and 3 WABAs have used most of theirs."
    assert few in text_of(desk.get("/"))

    Waba.objects.update(used_told_at=timezone.now() - 2 * HOUR)
    Credential.objects.update(app_told_at=timezone.now() - 2 * HOUR)
    tasks.tick()
    assert "not of this hour" in text_of(desk.get(f"/wabas/{waba_id}/"))
    assert "not of this hour" in text_of(desk.get("/syncs/"))
    assert "Few calls" not in text_of(desk.get("/"))


def test_each_waba_keeps_what_was_told_of_it_and_one_of_which_nothing_was_told_what_it_had() -> None:
    wabas = [make_waba() for _ in range(4)]
    told, now = [12, 12, 5_000, None], timezone.now()
    Waba.objects.update(used_percent=1, used_told_at=now - HOUR)

    by_key = dict(zip((waba.pk for waba in wabas), told, strict=True))
    Waba.objects.update(**told_use.columns(by_key, at=now))

    kept = Waba.objects.order_by("pk").values_list("used_percent", "used_told_at")
    assert list(kept) == [(12, now), (12, now), (told_use.MOST, now), (1, now - HOUR)]
    assert told_use.columns({wabas[0].pk: None}, at=now) == {}
    assert told_use.columns({wabas[0].pk: 3}, at=now) == {"used_percent": 3, "used_told_at": now}


def test_what_was_told_last_holds_whichever_token_it_was_told_with_and_silence_takes_nothing_back() -> None:
    now = timezone.now()
    for minutes, percent in ((50, 90), (1, 40)):
        at = now - datetime.timedelta(minutes=minutes)
        Credential.objects.create(label=f"{percent}", app_used_percent=percent, app_told_at=at)
    assert told_use.tight() is None

    held = profile_turns.HeldWaba(ProfileQuota.objects.create(waba=make_waba()), "", now, calls_left=10)
    told = Meter()
    told.usage.object_percent["7"], told.usage.app_percent, told.usage.app_is_told = 30, 20, True
    for meter in (told, Meter()):
        profile_turns.has_room(held, meter)
    assert (held.told, held.told_of_app) == (30, 20)


def test_the_page_of_a_waba_counts_the_desks_calls_and_says_what_would_be_read_sooner(desk: Browser) -> None:
    now = timezone.now()
    waba = make_waba(used_percent=60, used_told_at=now, last_synced_at=now)
    numbers = [make_number(waba, platform_type="CLOUD_API") for _ in range(3)]
    ProfileTurn.objects.create(number=numbers[0], next_read_at=now + HOUR)
    ProfileQuota.objects.create(waba=waba, hour_began_at=now, calls=40)
    Action.objects.create(number=numbers[0], waba=waba, kind=ActionKind.REGISTER, created_at=now, sent_at=now)

    page = text_of(desk.get(f"/wabas/{waba.waba_id}/"))

    assert "About 2,000 of 5,000 calls an hour" in page
    assert "About 1 for its list of numbers, 40 for profiles, 1 for actions" in page
    assert "Profiles and details of 2 numbers are read within the hour anyway" in page
    assert "Its list is read once an hour at most" in page
