"""Notices from events: how long each kind stands, and what of Graph's ends it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SyncFailure, Waba
from phones.models import EventFact, PhoneNumber
from tests.phones.reading import text_of

NOW = datetime.now(UTC)
ACCOUNT_EVENTS: list[tuple[str, dict[str, Any], str]] = [
    ("partner", {"event": "PARTNER_REMOVED"}, "Our access to this WABA was taken away"),
    ("app", {"event": "PARTNER_APP_UNINSTALLED"}, "The client revoked our app’s access"),
    ("deleted", {"event": "ACCOUNT_DELETED"}, "Meta says this WABA was deleted"),
    ("ban", {"ban_info": {"waba_ban_state": "DISABLE"}}, "Meta disabled this WABA"),
    ("review", {"decision": "REJECTED"}, "Meta rejected the account"),
    ("violation", {"violation_info": {"violation_type": "SPAM"}}, "Meta says a policy was violated: SPAM"),
    ("restriction", {"restriction_info": [{"restriction_type": "NEW"}]}, "Meta restricts NEW"),
]


def report(waba: Waba, name: str, value: dict[str, Any], *, ago: timedelta, number: PhoneNumber | None = None) -> None:
    EventFact.objects.create(waba=waba, number=number, name=name, value=value, at=NOW - ago, decided_by="1")


def read_whole(waba: Waba, *, at: datetime = NOW) -> None:
    """What a reading leaves that was asked at `at` and found the WABA in order."""
    Waba.objects.filter(pk=waba.pk).update(
        status="ACTIVE", account_review_status="APPROVED", last_synced_at=at, facts_read_at=at, last_failure=None
    )


@pytest.fixture
def page(alices_waba: Waba, desk: Browser) -> Any:
    return lambda: text_of(desk.get(f"/wabas/{alices_waba.waba_id}/"))


def test_a_notice_of_any_kind_stands_until_graph_returned_the_contrary_later(alices_waba: Waba, page: Any) -> None:
    for name, value, _ in ACCOUNT_EVENTS:
        report(alices_waba, name, value, ago=timedelta(days=2))
    read_whole(alices_waba, at=NOW - timedelta(days=3))
    before = page()
    assert [sentence for _, _, sentence in ACCOUNT_EVENTS if f"<strong>{sentence}" not in before] == []

    read_whole(alices_waba)
    after = page()
    assert [sentence for _, _, sentence in ACCOUNT_EVENTS if f"<strong>{sentence}" in after] == []


def test_access_that_graph_refused_after_it_had_shown_the_waba_is_still_called_lost(
    alices_waba: Waba, page: Any
) -> None:
    report(alices_waba, "partner", {"event": "PARTNER_REMOVED"}, ago=timedelta(minutes=2))
    read_whole(alices_waba)
    refused = SyncFailure.objects.create(waba=alices_waba, kind="not_visible", at=timezone.now())
    Waba.objects.update(last_failure=refused)

    assert "<strong>Our access to this WABA was taken away" in page()


def test_what_graph_has_no_field_for_is_not_denied_by_a_reading_of_the_same_hour(alices_waba: Waba, page: Any) -> None:
    report(alices_waba, "violation", {}, ago=timedelta(hours=1))
    read_whole(alices_waba)
    assert "<strong>Meta says a policy was violated" in page()


def test_a_violation_of_six_months_ago_is_history_though_graph_says_nothing_of_it(alices_waba: Waba, page: Any) -> None:
    report(alices_waba, "violation", {}, ago=timedelta(days=180))
    assert "<strong>Meta says a policy was violated" not in page()


def test_a_ban_that_was_announced_is_not_denied_by_a_waba_that_is_active_until_then(
    alices_waba: Waba, page: Any
) -> None:
    info = {"waba_ban_state": "SCHEDULE_FOR_DISABLE", "waba_ban_date": f"{NOW + timedelta(days=5):%B %d, %Y}"}
    report(alices_waba, "ban", {"ban_info": info}, ago=timedelta(days=3))
    read_whole(alices_waba)
    assert "<strong>Meta will disable this WABA" in page()

    info["waba_ban_date"] = f"{NOW - timedelta(days=2):%B %d, %Y}"
    EventFact.objects.update(value={"ban_info": info})
    assert "<strong>Meta will disable this WABA" not in page()


def test_a_number_taken_off_cloud_api_is_so_until_graph_returns_it_connected_there(
    alices_number: PhoneNumber, desk: Browser
) -> None:
    value, address = {"event": "ACCOUNT_OFFBOARDED"}, f"/phones/{alices_number.phone_number_id}/"
    report(alices_number.waba, "connection", value, ago=timedelta(hours=1), number=alices_number)
    older = {field: {"at": (NOW - timedelta(hours=2)).isoformat(), "source": "sync"} for field in ("status",)}
    PhoneNumber.objects.update(provenance=older)
    assert "<strong>Meta took Cloud API off it" in text_of(desk.get(address)), "its status is older than the event"

    PhoneNumber.objects.update(provenance={})
    assert "<strong>Meta took Cloud API off it" not in text_of(desk.get(address))


def test_a_rejected_name_is_settled_by_a_newer_request(alices_number: PhoneNumber, desk: Browser) -> None:
    value, address = (
        {"decision": "REJECTED", "requested_verified_name": "X"},
        f"/phones/{alices_number.phone_number_id}/",
    )
    report(alices_number.waba, "name_decision", value, ago=timedelta(hours=1), number=alices_number)
    PhoneNumber.objects.update(new_display_name="X", new_name_status="DECLINED")
    assert "<strong>Meta rejected the display name “X”" in text_of(desk.get(address))

    PhoneNumber.objects.update(new_display_name="Y", new_name_status="PENDING_REVIEW")
    assert "<strong>Meta rejected the display name “X”" not in text_of(desk.get(address))
