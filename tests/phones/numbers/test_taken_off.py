"""What an event said of a number's tie to Cloud API: whom it concerns, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client as Browser

from clients.models import Waba
from phones.models import EventFact, PhoneNumber
from phones.numbers import standing
from tests.factories import make_number
from tests.phones.reading import text_of

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
OFFBOARDED = {"event": "ACCOUNT_OFFBOARDED"}


def report(waba: Waba, *, number: PhoneNumber | None = None) -> None:
    """An event of a day ago; what a test makes was read after it."""
    value = {"waba": waba, "number": number, "name": "connection", "value": OFFBOARDED}
    EventFact.objects.create(**value, at=NOW - DAY, decided_by="1")


def standing_of(number: PhoneNumber) -> tuple[str, str, str | None]:
    standing.recompute()
    number.refresh_from_db()
    return number.stage, number.step, number.may_send


@pytest.mark.parametrize("status", ["CONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED", "BANNED"])
def test_a_number_that_graph_returns_on_cloud_api_again_is_connected_whatever_limits_it(
    alices_waba: Waba, status: str
) -> None:
    number = make_number(alices_waba, status=status)
    report(alices_waba, number=number)
    expected = {"CONNECTED": ("registered", "", "yes"), "BANNED": ("restricted", "", "no")}
    assert standing_of(number) == expected.get(status, ("restricted", "", "limited"))


def test_a_whole_wabas_event_leaves_a_number_that_was_never_registered_its_own_steps(
    alices_waba: Waba, desk: Browser
) -> None:
    report(alices_waba)
    fresh = make_number(
        alices_waba,
        status="PENDING",
        platform_type="NOT_APPLICABLE",
        is_pin_enabled=False,
        last_onboarded_time=NOW - 2 * DAY,
    )
    assert standing_of(fresh) == ("ready", "register", "no")
    assert "<strong>Meta took Cloud API off" not in text_of(desk.get(f"/phones/{fresh.phone_number_id}/"))
    assert "<strong>Meta took Cloud API off" not in text_of(desk.get(f"/wabas/{alices_waba.waba_id}/"))

    in_the_app = make_number(alices_waba, status="DISCONNECTED", platform_type="NOT_APPLICABLE", is_on_biz_app=True)
    assert standing_of(in_the_app) == ("disconnected", "", "no")
    assert "<strong>Meta took Cloud API off" in text_of(desk.get(f"/wabas/{alices_waba.waba_id}/"))


@pytest.mark.parametrize("is_of_the_waba", [True, False])
def test_a_number_that_left_the_app_since_is_brought_back_by_its_own_steps(
    alices_waba: Waba, is_of_the_waba: bool
) -> None:
    number = make_number(
        alices_waba, status="DISCONNECTED", platform_type="NOT_APPLICABLE", is_on_biz_app=False, is_pin_enabled=False
    )
    report(alices_waba, number=None if is_of_the_waba else number)
    assert standing_of(number) == ("disconnected", "register", "no")

    # Meta said nothing of the app: it is not known, and the event stands.
    PhoneNumber.objects.update(is_on_biz_app=None)
    assert standing_of(number) == ("disconnected", "", "no")
