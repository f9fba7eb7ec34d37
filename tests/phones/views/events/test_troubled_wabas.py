"""A WABA in trouble is its numbers' trouble: in stage, next action, queue and notice, until it is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import SyncFailure, User, Waba
from phones.models import EventFact, PhoneNumber
from phones.numbers import standing
from tests.conftest import SignIn
from tests.factories import make_listing, make_number
from tests.phones.events.sending import change
from tests.phones.events.test_processing import receive
from tests.phones.listing.rows import shown
from tests.phones.reading import text_of
from tests.practice import Practice

# An hour ahead: whatever a test reads or makes first is older, however long the tests before it took.
NOW = int(datetime.now(UTC).timestamp()) + 3_600
OUR_APP = "600000000000001"
RESTRICTION = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": NOW + 86_400}

TROUBLES: list[tuple[dict[str, Any], str, str, str]] = [
    (
        {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}},
        "restricted",
        "Meta has disabled its WABA",
        "Meta disabled this WABA",
    ),
    (
        {"event": "ACCOUNT_RESTRICTION", "restriction_info": [RESTRICTION]},
        "restricted",
        "Meta restricts its WABA in starting conversations, until",
        "Meta restricts starting conversations",
    ),
    (
        {"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "SPAM"}},
        "restricted",
        "Meta reported a violation of its policies by its WABA",
        "Meta says a policy was violated: SPAM",
    ),
    ({"event": "ACCOUNT_DELETED"}, "missing", "Meta says that its WABA was deleted", "Meta says this WABA was deleted"),
    (
        {"event": "PARTNER_REMOVED"},
        "missing",
        "Our access to its WABA was taken away",
        "Our access to this WABA was taken away",
    ),
    (
        {"event": "PARTNER_APP_UNINSTALLED", "waba_info": {"partner_app_id": OUR_APP}},
        "missing",
        "Our app’s access to its WABA was revoked",
        "The client revoked our app’s access",
    ),
]


def in_queue(browser: Browser, queue: str, number: PhoneNumber) -> bool:
    return number.phone_number_id in shown(browser, queue=queue)


def page_of(browser: Browser, number: PhoneNumber) -> str:
    return text_of(browser.get(f"/phones/{number.phone_number_id}/"))


@pytest.fixture
def numbers(alices_number: PhoneNumber, alices_waba: Waba, settings: Any) -> list[PhoneNumber]:
    """Two of Alice's, both well."""
    settings.META_APP_ID = OUR_APP
    found = [alices_number, make_number(alices_waba)]
    standing.recompute()
    return found


@pytest.mark.parametrize(("value", "queue", "next_action", "notice"), TROUBLES)
def test_what_an_event_says_of_a_waba_stands_on_every_number_under_it(
    numbers: list[PhoneNumber], desk: Browser, value: dict[str, Any], queue: str, next_action: str, notice: str
) -> None:
    receive(change("account_update", value), entry_id=numbers[0].waba.waba_id, time=NOW)

    for number in numbers:
        number.refresh_from_db()
        assert number.next_action.startswith(next_action)
        assert number.stage == {"restricted": "restricted", "missing": "not_visible"}[queue]
        assert in_queue(desk, queue, number)
        page = page_of(desk, number)
        assert f"<strong>{notice}" in page
        assert next_action in page


@pytest.mark.parametrize("named", ["one of its numbers", "one that is not on the desk"])
def test_what_an_event_says_of_an_account_stands_on_every_number_whichever_it_names(
    numbers: list[PhoneNumber], desk: Browser, named: str
) -> None:
    digits = numbers[0].digits if named == "one of its numbers" else "4915550199"
    for value, queue, next_action, _ in TROUBLES[:4]:
        EventFact.objects.all().delete()
        update = change("account_update", {**value, "phone_number": digits})
        receive(update, entry_id=numbers[0].waba.waba_id, time=NOW)
        for number in numbers:
            number.refresh_from_db()
            assert number.next_action.startswith(next_action)
            assert in_queue(desk, queue, number)


def test_a_later_event_that_takes_it_back_ends_it_on_every_number(numbers: list[PhoneNumber], desk: Browser) -> None:
    for state, time in (("DISABLE", NOW - 60), ("REINSTATE", NOW)):
        value = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": state}}
        receive(change("account_update", value), entry_id=numbers[0].waba.waba_id, time=time)

    for number in numbers:
        number.refresh_from_db()
        assert (number.stage, number.next_action) == ("registered", "Nothing to do.")
        assert "<strong>Meta disabled" not in page_of(desk, number)


def test_a_number_that_the_client_took_off_in_the_business_app_is_disconnected(
    numbers: list[PhoneNumber], desk: Browser
) -> None:
    number, other = numbers
    gone = {"reason": "PRIMARY_INACTIVITY", "initiated_by": "SYSTEM"}
    value = {"event": "PARTNER_REMOVED", "phone_number": number.digits, "disconnection_info": gone}
    receive(change("account_update", value), entry_id=number.waba.waba_id, time=NOW)

    assert "Disconnected from Cloud API: the client connects it again" in page_of(desk, number)
    assert in_queue(desk, "disconnected", number)
    assert not in_queue(desk, "disconnected", other)


def test_what_limits_a_waba_leaves_a_number_its_own_next_step_and_its_days(alices_waba: Waba, desk: Browser) -> None:
    number = make_number(
        alices_waba,
        status="PENDING",
        platform_type="NOT_APPLICABLE",
        is_pin_enabled=False,
        last_onboarded_time=timezone.now() - timedelta(days=12),
    )
    value = {"event": "ACCOUNT_RESTRICTION", "restriction_info": [RESTRICTION]}
    receive(change("account_update", value), entry_id=alices_waba.waba_id, time=NOW)

    number.refresh_from_db()
    assert number.step == "register"
    assert "Register it with a PIN." in page_of(desk, number)
    assert in_queue(desk, "deadline", number)
    assert in_queue(desk, "restricted", number)


def test_a_trouble_with_an_end_ends_by_the_clock(numbers: list[PhoneNumber]) -> None:
    value = {"event": "ACCOUNT_RESTRICTION", "restriction_info": [RESTRICTION]}
    receive(change("account_update", value), entry_id=numbers[0].waba.waba_id, time=NOW)
    EventFact.objects.update(
        value={
            "event": "ACCOUNT_RESTRICTION",
            "restriction_info": [RESTRICTION | {"expiration": int(timezone.now().timestamp()) - 180}],
        }
    )

    standing.recompute_due()

    assert set(PhoneNumber.objects.values_list("stage", flat=True)) == {"registered"}


def test_access_that_was_taken_away_says_so_rather_than_that_the_waba_can_not_be_read(
    numbers: list[PhoneNumber],
) -> None:
    Waba.objects.update(last_failure=SyncFailure.objects.create(kind="not_visible", at=timezone.now()))
    receive(change("account_update", {"event": "PARTNER_REMOVED"}), entry_id=numbers[0].waba.waba_id, time=NOW)

    numbers[0].refresh_from_db()
    assert numbers[0].next_action.startswith("Our access to its WABA was taken away")


def test_the_notice_of_a_waba_is_for_those_who_see_that_waba(
    numbers: list[PhoneNumber], foreign_waba: Waba, other_manager: User, sign_in: SignIn
) -> None:
    make_listing(numbers[0], foreign_waba)
    receive(change("account_update", {"event": "ACCOUNT_DELETED"}), entry_id=numbers[0].waba.waba_id, time=NOW)

    page = page_of(sign_in(other_manager), numbers[0])
    assert "<strong>Meta says this WABA was deleted" not in page


# --- What Graph says of the WABA --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("begins", "ends", "said"),
    [
        ({"kind": "account_disabled"}, {"kind": "account_reinstated"}, "Meta has disabled"),
        ({"kind": "account_reviewed"}, {"kind": "account_reviewed", "decision": "APPROVED"}, "Meta has rejected"),
    ],
)
def test_what_graph_says_of_a_waba_stands_on_its_numbers_until_graph_says_otherwise(
    practice: Practice, browser: Browser, begins: dict[str, str], ends: dict[str, str], said: str
) -> None:
    waba = practice.wabas()[0]
    practice.control("POST", "drift", {"waba_id": waba["id"], **begins})
    practice.sync()
    under = PhoneNumber.objects.filter(waba__waba_id=waba["id"], status="CONNECTED", is_on_biz_app=False)
    number = under.filter(platform_type="CLOUD_API").first()
    assert number is not None
    assert number.next_action.startswith(f"{said} its WABA")
    assert in_queue(browser, "restricted", number)
    assert f"<strong>{said} this WABA" in page_of(browser, number)

    practice.control("POST", "drift", {"waba_id": waba["id"], **ends})
    practice.sync()
    number.refresh_from_db()
    assert said not in number.next_action
    assert f"<strong>{said}" not in page_of(browser, number)


def test_a_reading_of_a_waba_as_active_ends_what_an_event_said_before(practice: Practice) -> None:
    practice.sync()
    waba = Waba.objects.get(waba_id=practice.wabas()[0]["id"])
    value = {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}
    receive(change("account_update", value), entry_id=waba.waba_id, time=NOW)
    assert set(waba.current_numbers.values_list("stage", flat=True)) >= {"restricted"}
    EventFact.objects.update(at=timezone.now() - timedelta(seconds=1))

    practice.sync()

    assert not waba.current_numbers.filter(next_action__startswith="Meta has disabled").exists()
