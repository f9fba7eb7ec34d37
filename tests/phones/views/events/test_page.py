"""The pages that show events: the inbox for those who run the desk, and what events say on a number and a WABA."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import User, Waba
from phones.actions import pins
from phones.choices import EventState
from phones.events import inbox
from phones.events.intake import updates_of
from phones.models import AppCallback, Event, NumberAge, PhoneNumber, Subscription
from tests.conftest import SignIn
from tests.factories import make_listing, make_number, make_waba
from tests.phones.events.sending import NOON, change, delivery, entry
from tests.phones.events.test_processing import receive


def text_of(browser: Browser, address: str, **parameters: str) -> str:
    answer = browser.get(address, parameters)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def put(*changes: dict[str, object], entry_id: str = "1", age: timedelta = timedelta()) -> None:
    """Put changes in the inbox and leave them there."""
    at = timezone.now() - age
    inbox.put(updates_of(delivery(entry(entry_id, *changes)), received_at=at), received_at=at)


@pytest.fixture
def number(alices_number: PhoneNumber) -> PhoneNumber:
    return alices_number


def name_rejected(number: PhoneNumber) -> dict[str, object]:
    return change(
        "phone_number_name_update",
        {
            "display_phone_number": number.digits,
            "decision": "REJECTED",
            "requested_verified_name": "Best <b>Bakery</b>",
            "rejection_reason": "NAME_FORMAT_UNACCEPTABLE",
        },
    )


def test_the_inbox_is_for_those_who_see_every_client(
    team_lead: User, account_manager: User, viewer: User, sign_in: SignIn
) -> None:
    assert sign_in(team_lead).get("/events/").status_code == 200
    for person in (account_manager, viewer):
        assert sign_in(person).get("/events/").status_code == 403
        assert sign_in(person).post("/events/replay/", {"id": "1"}).status_code == 403


def test_an_empty_inbox_says_that_no_event_ever_came(desk: Browser) -> None:
    assert "No event ever came." in text_of(desk, "/events/")


def test_the_inbox_says_how_far_behind_it_is(desk: Browser) -> None:
    put(change("account_update", {"event": "ACCOUNT_DELETED"}), age=timedelta(hours=3))
    page = text_of(desk, "/events/")
    assert "1 event waits to be applied; the oldest came 3 h ago." in page


def test_the_inbox_counts_by_field_and_lists_what_was_not_understood(desk: Browser, number: PhoneNumber) -> None:
    receive(
        change("brand_new_field", {"<script>": "some"}),
        change("account_review_update", {"decision": "APPROVED"}),
        entry_id=number.waba.waba_id,
    )

    page = text_of(desk, "/events/")
    assert "Nothing waits." in page
    assert "brand_new_field" in page
    assert "&lt;script&gt;" in page

    unknown = text_of(desk, "/events/", state="unknown")
    assert "brand_new_field" in unknown
    assert "account_review_update</code>" not in unknown.partition('id="inbox"')[2]


def test_counts_of_many_events_are_those_of_the_last_minute_until_some_are_read_again(
    desk: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def counted() -> str:
        return text_of(desk, "/events/").partition("The last seven days")[2].partition("</table>")[0]

    monkeypatch.setattr(inbox, "MANY", 0)
    receive(change("new_field", {}), entry_id="7")
    before = counted()
    receive(change("other_field", {}), entry_id="7")

    assert counted() == before
    desk.post("/events/replay/", {"all": "yes", "query": "/events/?field=new_field"})
    assert "new_field" in before
    assert "other_field" in counted()


@pytest.mark.parametrize(
    "asked", [{"state": "x"}, {"state": "\x00"}, {"field": "\x00"}, {"waba": "a"}, {"before": "zz"}, {"waba": "٣"}]
)
def test_odd_filters_find_nothing_and_break_nothing(desk: Browser, asked: dict[str, str]) -> None:
    text_of(desk, "/events/", **asked)


def test_one_event_and_all_shown_can_be_read_again(desk: Browser, number: PhoneNumber) -> None:
    receive(*[change("new_field", {"n": n}) for n in range(3)], change("other_field", {}), entry_id="7")

    first = Event.objects.order_by("pk")[0]
    desk.post("/events/replay/", {"ids": str(first.pk)})
    assert Event.objects.filter(state=EventState.WAITING).count() == 1

    desk.post("/events/replay/", {"all": "yes", "query": "/events/?felid=new_field"})
    assert Event.objects.filter(state=EventState.WAITING).count() == 1
    desk.post("/events/replay/", {"all": "yes", "query": "/events/?field=new_field"})
    assert Event.objects.filter(state=EventState.WAITING).count() == 3


@pytest.mark.parametrize("odd", ["", "zz", "-1", "9" * 40])
def test_an_odd_id_has_nothing_read_again(desk: Browser, odd: str) -> None:
    receive(change("new_field", {}), entry_id="7")
    desk.post("/events/replay/", {"ids": odd})
    assert not Event.objects.filter(state=EventState.WAITING).exists()


def test_an_event_in_another_form_offers_to_be_read_again(desk: Browser) -> None:
    receive(change("security", "text"), entry_id="7")
    assert "Read again" in text_of(desk, "/events/")


def test_many_events_cost_the_page_no_more_statements_than_one(desk: Browser) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(desk, "/events/")
        return len(captured)

    def speak(number: PhoneNumber) -> None:
        Subscription.objects.create(waba=number.waba, is_ours=False, check_due_at=timezone.now())
        receive(name_rejected(number), entry_id=number.waba.waba_id)

    speak(make_number())
    cost()  # what the navigation counts is kept for a while
    one = cost()
    for _ in range(12):
        speak(make_number())
    assert cost() == one


def test_what_events_say_stands_on_the_number_with_its_reason_and_in_its_history(
    desk: Browser, number: PhoneNumber
) -> None:
    receive(name_rejected(number), entry_id=number.waba.waba_id)

    page = text_of(desk, f"/phones/{number.phone_number_id}/")
    sentence = "Meta rejected the display name “Best &lt;b&gt;Bakery&lt;/b&gt;”: its format is not accepted"
    assert page.count(sentence) == 2


def test_a_restriction_stands_on_the_waba_until_it_ends(desk: Browser, alices_waba: Waba) -> None:
    def restrict(until: datetime, time: int) -> None:
        kind = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": int(until.timestamp())}
        value = {"event": "ACCOUNT_RESTRICTION", "restriction_info": [kind]}
        receive(change("account_update", value), entry_id=alices_waba.waba_id, time=time)

    address = f"/wabas/{alices_waba.waba_id}/"
    restrict(timezone.now() + timedelta(days=3), NOON)
    assert "<strong>Meta restricts starting conversations, until" in text_of(desk, address)

    restrict(timezone.now() - timedelta(minutes=1), NOON + 1)
    assert "<strong>Meta restricts" not in text_of(desk, address)


def test_a_number_says_whether_it_receives_events(desk: Browser, number: PhoneNumber) -> None:
    address = f"/phones/{number.phone_number_id}/"
    assert "Meta did not say" in text_of(desk, address)

    Waba.objects.update(last_event_at=timezone.now())
    assert "last one" in text_of(desk, address)


def test_a_number_says_that_the_events_of_its_waba_are_off(desk: Browser, number: PhoneNumber) -> None:
    Subscription.objects.create(waba=number.waba, is_ours=False, check_due_at=timezone.now())
    assert "switched off for its WABA" in text_of(desk, f"/phones/{number.phone_number_id}/")


def test_a_number_says_that_meta_sends_the_events_elsewhere(desk: Browser, number: PhoneNumber, settings: Any) -> None:
    settings.META_APP_ID = "600000000000001"
    now = timezone.now()
    Subscription.objects.create(waba=number.waba, is_ours=True, check_due_at=now)
    AppCallback.objects.create(app_id=settings.META_APP_ID, callback_url="https://other.example/", checked_at=now)
    address = f"/phones/{number.phone_number_id}/"
    assert "Meta sends them elsewhere" in text_of(desk, address)

    Waba.objects.update(last_event_at=now + timedelta(seconds=1))
    assert "Meta sends them elsewhere" not in text_of(desk, address)


def test_what_a_waba_said_of_a_number_that_left_it_is_no_notice(desk: Browser, number: PhoneNumber) -> None:
    receive(name_rejected(number), entry_id=number.waba.waba_id)
    address, notice = f"/phones/{number.phone_number_id}/", "<strong>Meta rejected the display name"
    assert notice in text_of(desk, address)

    now = make_waba()
    number.listings.update(is_current=False)
    make_listing(number, now)
    PhoneNumber.objects.filter(pk=number.pk).update(waba=now)
    assert notice not in text_of(desk, address)


def test_a_rejection_that_graph_contradicts_later_is_no_notice(desk: Browser, number: PhoneNumber) -> None:
    address, waba_address = f"/phones/{number.phone_number_id}/", f"/wabas/{number.waba.waba_id}/"
    review = change("account_review_update", {"decision": "REJECTED"})
    receive(name_rejected(number), review, entry_id=number.waba.waba_id)
    before = datetime.fromtimestamp(NOON - 60, UTC)

    PhoneNumber.objects.update(verified_name="Best <b>Bakery</b>", name_status="APPROVED")
    NumberAge.objects.update(synced_at=before)
    Waba.objects.update(account_review_status="APPROVED", facts_read_at=before)
    assert "<strong>Meta rejected the display name" in text_of(desk, address)
    assert "<strong>Meta rejected the account" in text_of(desk, waba_address)

    NumberAge.objects.update(synced_at=timezone.now())
    Waba.objects.update(facts_read_at=timezone.now())
    assert "<strong>Meta rejected the display name" not in text_of(desk, address)
    assert "<strong>Meta rejected the account" not in text_of(desk, waba_address)


# --- The PIN that Meta reports a change of ----------------------------------------------------------------------------


def pin_changed(number: PhoneNumber, *, after: timedelta, event: str = "PIN_CHANGED") -> None:
    """Let Meta say so, so long after the desk kept its PIN."""
    at = int((number.pins.get().created_at + after).timestamp())
    value = {"display_phone_number": number.digits, "event": event}
    receive(change("security", value), entry_id=number.waba.waba_id, time=at)


@pytest.mark.parametrize("event", ["PIN_CHANGED", "PIN_REQUEST_SUCCESS"])
def test_a_pin_that_was_changed_since_is_not_called_the_right_one(
    desk: Browser, number: PhoneNumber, event: str
) -> None:
    pins.confirm(pins.keep(number=number, pin="493817", user=None, generated=True))
    pin_changed(number, after=timedelta(hours=2), event=event)
    pin_changed(number, after=timedelta(hours=3), event="PIN_RESET_REQUEST")

    page = text_of(desk, f"/phones/{number.phone_number_id}/")
    assert "Meta reported a change of it on" in page
    assert "it may no longer be the one in use" in page


@pytest.mark.parametrize("after", [timedelta(days=-1), timedelta(seconds=5)])
def test_an_older_change_and_the_echo_of_our_own_leave_the_pin_as_it_was(
    desk: Browser, number: PhoneNumber, after: timedelta
) -> None:
    pins.confirm(pins.keep(number=number, pin="493817", user=None, generated=True))
    pin_changed(number, after=after)
    assert "The desk keeps its PIN, confirmed by Meta." in text_of(desk, f"/phones/{number.phone_number_id}/")


def test_events_of_others_are_in_nobodys_history(
    account_manager: User, sign_in: SignIn, number: PhoneNumber, foreign_number: PhoneNumber
) -> None:
    receive(name_rejected(foreign_number), entry_id=foreign_number.waba.waba_id)

    page = text_of(sign_in(account_manager), f"/phones/{number.phone_number_id}/")
    assert "rejected the display name" not in page


def test_an_event_says_when_it_happened_and_when_it_came(desk: Browser, settings: Any) -> None:
    put(change("account_update", {"event": "ACCOUNT_DELETED"}))
    page = text_of(desk, "/events/")
    assert f"{datetime.fromtimestamp(NOON, UTC):%-d %b %Y, %H:%M:%S} UTC" in page
    assert "Meta says this WABA was deleted" in page


def test_the_wabas_whose_events_are_off_are_all_reached_from_the_page(desk: Browser) -> None:
    for _ in range(21):
        Subscription.objects.create(
            waba=make_waba(), is_ours=False, checked_at=timezone.now(), check_due_at=timezone.now()
        )
    assert 'href="/wabas/?events=off">All 21 that are off' in text_of(desk, "/events/")
    assert desk.get("/wabas/", {"events": "off"}).content.decode().count("data-waba-id") == 21
