"""What an event said of a number's tie to Cloud API: whom it concerns, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

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
