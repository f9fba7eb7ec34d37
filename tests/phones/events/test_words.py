"""Events in a manager's words: known values in plain language, unknown ones as Meta spells them, never a failure."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from phones.choices import Tone
from phones.events.intake import storable, updates_of
from phones.events.meanings import NotInFormError, meaning_of
from phones.events.words import event_words

SOON = int((datetime.now(UTC) + timedelta(days=3)).timestamp())
PAST = int((datetime.now(UTC) - timedelta(days=3)).timestamp())


@pytest.mark.parametrize(
    ("name", "value", "sentence", "holds"),
    [
        ("name_decision", {"decision": "APPROVED"}, "Meta approved the display name", False),
        (
            "name_decision",
            {"decision": "REJECTED", "requested_verified_name": "X", "rejection_reason": "NEW_REASON"},
            "Meta rejected the display name “X”: NEW_REASON",
            True,
        ),
        ("name_decision", {"decision": "MAYBE"}, "Meta says MAYBE of the display name", False),
        (
            "connection",
            {"event": "PARTNER_REMOVED", "reason": "PRIMARY_INACTIVITY", "initiated_by": "SYSTEM"},
            "Disconnected from Cloud API: the Business app on the phone was not used for too long (done by Meta)",
            True,
        ),
        ("connection", {"event": "ACCOUNT_RECONNECTED"}, "Connected to Cloud API again", False),
        (
            "ban",
            {"ban_info": {"waba_ban_state": ["DISABLE"], "waba_ban_date": "April 17, 2026"}},
            "Meta disabled this WABA (April 17, 2026)",
            True,
        ),
        ("ban", {"ban_info": {"waba_ban_state": "REINSTATE"}}, "Meta reinstated this WABA", False),
        ("ban", {}, "Ban state ", True),
        (
            "restriction",
            {"restriction_info": [{"restriction_type": "RESTRICTED_UTILITY_TEMPLATES", "expiration": SOON}]},
            "Meta restricts utility templates",
            True,
        ),
        (
            "restriction",
            {"restriction_info": [{"restriction_type": "NEW", "expiration": PAST}]},
            "Meta restricts NEW",
            False,
        ),
        ("restriction", {"restriction_info": []}, "Meta restricts nothing any more", False),
        (
            "capability:max_phone_numbers_per_waba",
            {"max_phone_numbers_per_waba": 25},
            "Phone numbers this WABA may have: 25",
            False,
        ),
        (
            "capability:max_daily_conversation_per_phone",
            {"max_daily_conversation_per_phone": -1},
            "Conversations a number may start in 24 hours: unlimited",
            False,
        ),
        (
            "alert:OBA",
            {"alert_severity": "CRITICAL", "alert_status": "ACTIVE", "alert_description": "Look"},
            "Look",
            True,
        ),
        ("alert:OBA", {"alert_severity": "CRITICAL", "alert_status": "NONE", "alert_type": "OBA"}, "OBA", False),
        ("deleted", {}, "Meta says this WABA was deleted", True),
        ("something_new", {"event": "SOMETHING_NEW"}, "SOMETHING_NEW", False),
    ],
)
def test_a_fact_reads_as_a_sentence(name: str, value: dict[str, Any], sentence: str, holds: bool) -> None:
    found = event_words(name, value)
    assert (found.sentence, found.holds) == (sentence, holds)


def test_a_restriction_without_an_end_for_one_of_its_kinds_has_no_end() -> None:
    kinds = [{"restriction_type": "A", "expiration": SOON}, {"restriction_type": "B"}]
    assert event_words("restriction", {"restriction_info": kinds}).until is None


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=20), inner, max_size=3),
    max_leaves=10,
)
FIELDS = some.sampled_from(
    [
        "phone_number_name_update",
        "phone_number_quality_update",
        "security",
        "account_update",
        "account_review_update",
        "account_alerts",
        "business_capability_update",
        "account_settings_update",
        "business_status_update",
        "partner_solutions",
        "messages",
        "unheard_of",
    ]
)
KEYS = (
    some.sampled_from(["event", "display_phone_number", "decision", "ban_info", "restriction_info", "waba_info"])
    | some.sampled_from(["disconnection_info", "phone_number", "alert_info", "entity_type", "entity_id"])
    | some.sampled_from(["violation_info", "max_phone_numbers_per_waba", "country", "waba_ban_state", "expiration"])
)
VALUES = some.dictionaries(KEYS, JSON | some.dictionaries(KEYS, JSON), max_size=6)
EVENTS = some.sampled_from(["ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "PARTNER_REMOVED", "ACCOUNT_VIOLATION", "NEW"])


@given(FIELDS, JSON | VALUES, EVENTS, some.text(max_size=20))
def test_no_value_whatever_breaks_the_reading_of_an_event_or_its_words(
    field: str, value: Any, event: str, entry_id: str
) -> None:
    if isinstance(value, dict):
        value.setdefault("event", event)
    try:
        meaning = meaning_of(field, storable(value), entry_id=entry_id)
    except NotInFormError:
        return
    for name, fact in (meaning.facts if meaning else {}).items():
        found = event_words(name, fact)
        assert isinstance(found.sentence, str)
        assert found.tone in set(Tone)


@given(some.binary(max_size=300))
def test_no_bytes_whatever_break_the_taking_in(body: bytes) -> None:
    assert updates_of(body, received_at=datetime.now(UTC))


@given(JSON)
def test_whatever_came_can_be_stored(value: Any) -> None:
    import json

    text = json.dumps(storable(value), ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in text.replace("\\\\", "")
    text.encode()
