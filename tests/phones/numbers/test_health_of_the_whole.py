"""A `health_status` that names no entity speaks of what it was read from, and of nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from phones.models import Health
from phones.numbers import standing
from tests.factories import make_number


@pytest.mark.django_db
@pytest.mark.parametrize("is_wabas_blocked", [True, False])
def test_a_newer_reading_without_entities_of_the_one_does_not_replace_that_of_the_other(is_wabas_blocked: bool) -> None:
    number, now = make_number(), timezone.now()
    blocked, well = {"can_send_message": "BLOCKED"}, {"can_send_message": "AVAILABLE"}
    hour_ago = now - timedelta(hours=1)
    Health.objects.create(
        waba=number.waba, **(blocked if is_wabas_blocked else well), read_at=hour_ago if is_wabas_blocked else now
    )
    Health.objects.create(
        number=number, **(well if is_wabas_blocked else blocked), read_at=now if is_wabas_blocked else hour_ago
    )
    standing.recompute()
    number.refresh_from_db()
    assert (number.may_send, number.stage) == ("no", "restricted")
