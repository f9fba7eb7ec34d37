"""The pages that show events: the inbox for those who run the desk, and what events say on a number and a WABA."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import User, Waba
from phones.choices import EventState
from phones.events import inbox
from phones.events.intake import updates_of
from phones.models import Event, PhoneNumber
from tests.conftest import SignIn
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
        change("brand_new_field", {"some": "<script>"}),
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


@pytest.mark.parametrize("asked", [{"state": "x"}, {"field": "\x00"}, {"waba": "a"}, {"before": "zz"}, {"waba": "٣"}])
def test_odd_filters_find_nothing_and_break_nothing(desk: Browser, asked: dict[str, str]) -> None:
    text_of(desk, "/events/", **asked)


def test_one_event_and_all_shown_can_be_read_again(desk: Browser, number: PhoneNumber) -> None:
    receive(*[change("new_field", {"n": n}) for n in range(3)], change("other_field", {}), entry_id="7")

    first = Event.objects.order_by("pk")[0]
    desk.post("/events/replay/", {"id": str(first.pk)})
    assert Event.objects.filter(state=EventState.WAITING).count() == 1

    desk.post("/events/replay/", {"field": "new_field"})
    assert Event.objects.filter(state=EventState.WAITING).count() == 3


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
