"""Words and tones for what Graph says."""

import pytest

from phones.choices import NOT_RETURNED, STATUSES, Tone
from phones.models import PhoneNumber
from phones.numbers.rules import is_registered
from phones.numbers.words import describe, describe_of

# graph-api.md, sections 1.3 to 1.5 and 7: values of the reference, of the OpenAPI file, and seen live.
GRAPH_VALUES = {
    "status": "PENDING CONNECTED DISCONNECTED FLAGGED RESTRICTED RATE_LIMITED BANNED MIGRATED DELETED UNVERIFIED "
    "UNKNOWN LINKED UNLINKED",
    "code_verification_status": "VERIFIED NOT_VERIFIED UNVERIFIED EXPIRED",
    "name_status": "APPROVED AVAILABLE_WITHOUT_REVIEW DECLINED EXPIRED PENDING_REVIEW NONE",
    "new_name_status": "APPROVED AVAILABLE_WITHOUT_REVIEW DECLINED EXPIRED PENDING_REVIEW NONE",
    "quality_rating": "GREEN YELLOW RED UNKNOWN NA",
    "platform_type": "CLOUD_API ON_PREMISE NOT_APPLICABLE",
    "throughput": "STANDARD HIGH NOT_APPLICABLE",
    "account_mode": "LIVE SANDBOX",
    "messaging_limit": "TIER_50 TIER_250 TIER_1K TIER_2K TIER_10K TIER_100K TIER_UNLIMITED TIER_NOT_SET UNTIERED",
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, values in GRAPH_VALUES.items() for value in values.split()]
)
def test_every_value_that_graph_documents_has_words(field: str, value: str) -> None:
    assert describe(field, value).label != value


@pytest.mark.parametrize("field", [*STATUSES, "a_field_of_tomorrow"])
def test_an_unknown_value_is_shown_as_itself_and_neutral(field: str) -> None:
    told = describe(field, "SHINY_NEW")

    assert told.label == "SHINY_NEW"
    assert told.tone == Tone.NONE


def test_what_graph_did_not_return_is_said_so() -> None:
    assert describe("status", None) is NOT_RETURNED


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("status", "CONNECTED"),
        ("code_verification_status", "VERIFIED"),
        ("name_status", "APPROVED"),
        ("quality_rating", "GREEN"),
        ("platform_type", "CLOUD_API"),
    ],
)
def test_only_what_is_good_for_certain_is_green(field: str, value: str) -> None:
    green = {known for known, status in STATUSES[field].items() if status.tone == Tone.OK}

    assert green == {value}


def test_a_name_without_review_is_not_called_approved() -> None:
    told = describe("name_status", "AVAILABLE_WITHOUT_REVIEW")

    assert told.tone == Tone.NONE
    assert "pproved" not in told.label


@pytest.mark.parametrize("value", ["EXPIRED", "NOT_VERIFIED"])
def test_nothing_is_asked_for_the_lapsed_code_of_a_registered_number(value: str) -> None:
    registered = PhoneNumber(status="CONNECTED", platform_type="CLOUD_API", code_verification_status=value)
    waiting = PhoneNumber(status="PENDING", platform_type="NOT_APPLICABLE", code_verification_status=value)

    assert describe_of(registered, "code_verification_status").tone == Tone.NONE
    assert describe_of(waiting, "code_verification_status").tone == Tone.ACT


def test_an_approved_name_asks_for_something_until_it_is_live() -> None:
    asked = PhoneNumber(verified_name="Old", new_display_name="New", new_name_status="APPROVED")
    live = PhoneNumber(verified_name="New", new_display_name="New", new_name_status="APPROVED")

    assert describe_of(asked, "new_name_status").tone == Tone.ACT
    assert describe_of(live, "new_name_status").tone == Tone.OK


@pytest.mark.parametrize(
    ("status", "platform_type", "registered"),
    [
        ("CONNECTED", "CLOUD_API", True),
        ("CONNECTED", "NOT_APPLICABLE", False),
        ("PENDING", "CLOUD_API", False),
        (None, "CLOUD_API", True),
        ("CONNECTED", None, False),
    ],
)
def test_registered_is_what_the_platform_says(status: str | None, platform_type: str | None, registered: bool) -> None:
    assert is_registered(PhoneNumber(status=status, platform_type=platform_type)) is registered
