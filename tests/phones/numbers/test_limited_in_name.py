"""A number that Graph calls flagged or limited, and that is registered nowhere, has a next step."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Waba
from phones.numbers import rules, standing
from tests.factories import make_number
from tests.phones.reading import text_of


@pytest.mark.parametrize("status", sorted(rules.LIMITED))
def test_a_limited_number_that_is_on_no_platform_is_registered_from_the_desk(
    alices_waba: Waba, desk: Browser, status: str
) -> None:
    signed_up = timezone.now() - timedelta(days=2)
    number = make_number(
        alices_waba,
        status=status,
        platform_type="NOT_APPLICABLE",
        is_pin_enabled=False,
        last_onboarded_time=signed_up,
    )
    standing.recompute()
    number.refresh_from_db()
    assert (number.stage, number.step, number.may_send) == ("ready", "register", "no")
    assert "Register it with a PIN." in text_of(desk.get(f"/phones/{number.phone_number_id}/"))


def test_a_banned_number_that_is_on_no_platform_stays_banned(alices_waba: Waba) -> None:
    number = make_number(alices_waba, status="BANNED", platform_type="NOT_APPLICABLE")
    standing.recompute()
    number.refresh_from_db()
    assert (number.stage, number.step) == ("restricted", "")
