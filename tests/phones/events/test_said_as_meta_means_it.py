"""Events in words that say what Meta said and not more: who did it, whose app it was, what it is about."""

from typing import Any

import pytest
from django.test import Client as Browser

from phones.models import EventFact, PhoneNumber
from tests.phones.events.sending import change
from tests.phones.events.test_processing import receive
from tests.phones.reading import text_of

OUR_APP, OTHER_APP = "600000000000001", "600000000000002"


def say(number: PhoneNumber, value: dict[str, Any], field: str = "account_update") -> None:
    """Let Meta send an event of the number’s WABA."""
    receive(change(field, value), entry_id=number.waba.waba_id)


def waba_info(number: PhoneNumber, **more: str) -> dict[str, Any]:
    return {"waba_info": {"waba_id": number.waba.waba_id, "owner_business_id": "3", **more}}


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            {
                "event": "PARTNER_REMOVED",
                "disconnection_info": {"reason": "COMPANION_INACTIVITY", "initiated_by": "SYSTEM"},
            },
            "Our access to this WABA was taken away: our side was not used for too long (done by Meta)",
        ),
        (
            {"event": "PARTNER_REMOVED", "disconnection_info": {"initiated_by": "USER"}},
            "Our access to this WABA was taken away (done by the client)",
        ),
        ({"event": "PARTNER_REMOVED"}, "Our access to this WABA was taken away."),
        (
            {
                "event": "DISABLED_UPDATE",
                "ban_info": {
                    "waba_ban_state": ["SCHEDULE_FOR_DISABLE", "DISABLE", "REINSTATE"],
                    "waba_ban_date": "April 17, 2027",
                },
            },
            "Meta named several ban states at once: SCHEDULE_FOR_DISABLE, DISABLE, REINSTATE (April 17, 2027)",
        ),
        (
            {"event": "PARTNER_CLIENT_CERTIFICATION_NEEDED", "partner_client_certification_needed_info": {}},
            "We have to have the client’s business verified: until then it can’t send messages",
        ),
        (
            {
                "event": "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE",
                "partner_client_certification_info": {
                    "client_business_id": "3",
                    "status": "FAILED",
                    "rejection_reasons": ["LEGAL_NAME_NOT_FOUND_IN_DOCUMENTS"],
                },
            },
            "Our request to verify the client’s business failed: LEGAL_NAME_NOT_FOUND_IN_DOCUMENTS",
        ),
    ],
)
def test_a_notice_of_a_waba_says_what_meta_said(
    alices_number: PhoneNumber, desk: Browser, value: dict[str, Any], sentence: str
) -> None:
    say(alices_number, value)
    assert f"<strong>{sentence}" in text_of(desk.get(f"/wabas/{alices_number.waba.waba_id}/"))


def test_a_certification_that_meta_approved_is_asked_for_no_more(alices_number: PhoneNumber, desk: Browser) -> None:
    say(alices_number, {"event": "PARTNER_CLIENT_CERTIFICATION_NEEDED"})
    info = {"status": "APPROVED", "rejection_reasons": ["NONE"]}
    later = change(
        "account_update",
        {"event": "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", "partner_client_certification_info": info},
    )
    receive(later, entry_id=alices_number.waba.waba_id, time=1_772_615_288)

    page = text_of(desk.get(f"/wabas/{alices_number.waba.waba_id}/"))
    assert "<strong>We have to have" not in page
    assert "Our request to verify the client’s business was approved" in page
    assert "NONE" not in page


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        (
            "account_update",
            {"event": "ACCOUNT_OFFBOARDED"},
            "the Business app on the phone goes on, and often reconnects it within minutes",
        ),
        ("account_update", {"event": "VERIFIED_ACCOUNT"}, "Out of Meta’s trial (VERIFIED_ACCOUNT)"),
        (
            "phone_number_quality_update",
            {
                "event": "THROUGHPUT_UPGRADE",
                "current_limit": "TIER_UNLIMITED",
                "max_daily_conversations_per_business": "TIER_UNLIMITED",
            },
            "Meta raised its throughput",
        ),
        (
            "phone_number_quality_update",
            {"event": "ONBOARDING", "current_limit": "TIER_NOT_SET"},
            "Meta is still registering it: No limit set",
        ),
    ],
)
def test_the_history_of_a_number_says_what_meta_said(
    alices_number: PhoneNumber, desk: Browser, field: str, value: dict[str, Any], sentence: str
) -> None:
    key = "phone_number" if field == "account_update" else "display_phone_number"
    say(alices_number, {**value, key: alices_number.digits}, field)

    page = text_of(desk.get(f"/phones/{alices_number.phone_number_id}/"))
    assert sentence in page
    assert "throughput: Unlimited" not in page


@pytest.mark.parametrize("named", [{"partner_app_id": OTHER_APP}, {}])
def test_leave_taken_from_another_app_is_not_taken_from_ours(
    alices_number: PhoneNumber, desk: Browser, settings: Any, named: dict[str, str]
) -> None:
    settings.META_APP_ID = OUR_APP
    say(alices_number, {"event": "PARTNER_APP_UNINSTALLED", **waba_info(alices_number, **named)})

    page = text_of(desk.get(f"/wabas/{alices_number.waba.waba_id}/"))
    assert "The client revoked the access of a" in page
    assert "revoked our app" not in page
    assert not EventFact.objects.filter(name="app").exists()


def test_leave_taken_from_our_app_is_a_notice(alices_number: PhoneNumber, desk: Browser, settings: Any) -> None:
    settings.META_APP_ID = OUR_APP
    say(alices_number, {"event": "PARTNER_APP_UNINSTALLED", **waba_info(alices_number, partner_app_id=OUR_APP)})

    page = text_of(desk.get(f"/wabas/{alices_number.waba.waba_id}/"))
    assert "<strong>The client revoked our app’s access" in page


def test_a_moved_verification_of_the_business_is_known_and_has_the_waba_read(
    alices_number: PhoneNumber, desk: Browser
) -> None:
    info = {"verification_status": "FAILED"}
    say(alices_number, {"event": "BUSINESS_VERIFICATION_STATUS_UPDATE", "business_verification_info": info})

    page = text_of(desk.get(f"/wabas/{alices_number.waba.waba_id}/"))
    assert "The verification of the client’s business changed: Verification failed" in page
    alices_number.waba.refresh_from_db()
    assert alices_number.waba.hinted_at is not None
