"""A client whose number works reads that it works, also when WhatsApp limits something else of theirs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clients.models import Waba
from phones.choices import Tone
from phones.models import EventFact
from phones.numbers import standing
from phones.onboarding.client_words import standing_of
from tests.factories import make_number

NOW = datetime.now(UTC)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("restriction", {"restriction_info": [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}]}),
        ("ban", {"ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}),
    ],
)
def test_a_limit_that_stops_no_message_is_not_told_as_a_number_that_can_not_be_used(
    alices_waba: Waba, name: str, value: dict[str, Any]
) -> None:
    number = make_number(alices_waba)
    at = NOW + timedelta(hours=1)
    EventFact.objects.create(waba=alices_waba, name=name, value=value, at=at, decided_by="1")
    standing.recompute()
    number.refresh_from_db()
    found = standing_of(number)
    assert (number.stage, number.may_send) == ("restricted", "yes")
    assert found.sentence.startswith("The number works.")
    assert found.tone == Tone.WARN
    assert "payment" not in found.what_to_do
    assert "Business Support Home" in found.what_to_do


@pytest.mark.parametrize("status", ["CONNECTED", "FLAGGED"])
def test_where_it_can_not_be_told_whether_a_number_sends_the_client_reads_neither_yes_nor_no(
    alices_waba: Waba, status: str
) -> None:
    number = make_number(alices_waba, status=status)
    at = NOW + timedelta(hours=1)
    EventFact.objects.create(waba=alices_waba, name="violation", value={}, at=at, decided_by="1")
    standing.recompute()
    number.refresh_from_db()
    found = standing_of(number)
    assert (number.stage, number.may_send) == ("restricted", "unknown")
    assert found.title == "We can’t tell whether it works"
    assert "The number works" not in found.sentence
