"""What becomes of events: on the desk's rows, whatever order and however often they come."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from clients.models import Client, Credential, Waba
from phones.choices import ChangeKind, EventState, Source
from phones.events import inbox
from phones.events.draining import drain
from phones.events.intake import updates_of
from phones.events.processing import PATIENCE
from phones.models import Change, Event, EventFact, PhoneNumber
from tests.factories import make_credential, make_listing, make_number, make_waba
from tests.phones.events.sending import NOON, change, delivery, entry

WABA_ID = "100000000000001"
DIGITS = "15550100001"
AT = datetime.fromtimestamp(NOON, UTC)
LATER = timedelta(seconds=60)


def receive(*changes: dict[str, object], entry_id: str = WABA_ID, time: object = NOON) -> None:
    """Put changes in the inbox and empty it."""
    now = timezone.now()
    inbox.put(updates_of(delivery(entry(entry_id, *changes, time=time)), received_at=now), received_at=now)
    drain(seconds=60)


def facts() -> dict[str, Any]:
    """What the desk keeps of events, by name."""
    return {fact.name: fact.value for fact in EventFact.objects.all()}


def picture() -> tuple[object, ...]:
    """Everything that events leave on the desk, but for when they came in."""
    return (
        sorted((fact.number_id is None, fact.name, str(fact.value), fact.at) for fact in EventFact.objects.all()),
        sorted((line.field, str(line.new), line.at) for line in Change.objects.filter(kind=ChangeKind.EVENT)),
        sorted((event.digest, event.state) for event in Event.objects.all()),
    )


@pytest.fixture
def waba(db: None) -> Waba:
    """Read a minute ago, due in an hour."""
    now = timezone.now()
    return make_waba(waba_id=WABA_ID, next_sync_at=now + timedelta(hours=1), last_attempt_at=now - LATER)


@pytest.fixture
def number(waba: Waba) -> PhoneNumber:
    return make_number(waba, display_phone_number="+1 555-010-0001")


NAME = {
    "display_phone_number": DIGITS,
    "decision": "REJECTED",
    "requested_verified_name": "Best Bakery Ever",
    "rejection_reason": "NAME_FORMAT_UNACCEPTABLE",
}


def test_an_event_has_its_waba_read_again_at_once(number: PhoneNumber) -> None:
    receive(change("phone_number_quality_update", {"display_phone_number": DIGITS, "event": "FLAGGED"}))

    waba = Waba.objects.get()
    assert waba.next_sync_at <= timezone.now()
    assert waba.hinted_at is not None
    assert waba.last_event_at is not None
    assert Event.objects.get().state == EventState.DONE


def test_a_hundred_events_of_one_waba_make_one_reading(number: PhoneNumber) -> None:
    receive(*[change("account_settings_update", {"display_phone_number": DIGITS, "n": n}) for n in range(100)])
    assert list(Waba.objects.filter(next_sync_at__lte=timezone.now())) == [number.waba]


def test_of_changed_settings_only_what_the_desk_knows_is_stored_with_its_value(number: PhoneNumber) -> None:
    settings = {"webhook_configuration": {"verify_token": "hush"}, "greeting": "Dear Ana"}
    receive(
        change("account_settings_update", {"display_phone_number": DIGITS, "type": "numbers", "settings": settings})
    )

    assert Event.objects.get().value == {
        "display_phone_number": DIGITS,
        "type": "numbers",
        "settings": {"webhook_configuration": {"verify_token": "text of 4"}, "greeting": "text of 8"},
    }


def test_a_waba_with_much_to_tell_is_read_less_often(number: PhoneNumber) -> None:
    receive(*[change("account_settings_update", {"display_phone_number": DIGITS, "n": n}) for n in range(40)])
    Waba.objects.update(last_attempt_at=timezone.now(), next_sync_at=timezone.now() + timedelta(hours=1))

    receive(change("account_settings_update", {"display_phone_number": DIGITS, "n": "one more"}))

    wait = Waba.objects.get().next_sync_at - timezone.now()
    assert timedelta(seconds=100) < wait < timedelta(seconds=121)


def test_what_customers_write_makes_no_waba_wait_for_its_reading(number: PhoneNumber) -> None:
    receive(*[change("messages", {"n": n}) for n in range(100)])
    Waba.objects.update(last_attempt_at=timezone.now(), next_sync_at=timezone.now() + timedelta(hours=1))

    receive(change("account_settings_update", {"display_phone_number": DIGITS}))

    assert Waba.objects.get().next_sync_at - timezone.now() < timedelta(seconds=3)


def test_a_rejected_name_keeps_its_reason_and_stands_in_the_history(number: PhoneNumber) -> None:
    receive(change("phone_number_name_update", NAME))

    fact = EventFact.objects.get()
    assert (fact.number, fact.name, fact.at) == (number, "name_decision", AT)
    assert fact.value["rejection_reason"] == "NAME_FORMAT_UNACCEPTABLE"
    line = Change.objects.get(kind=ChangeKind.EVENT)
    assert (line.number, line.source, line.at) == (number, Source.WEBHOOK, AT)


def test_an_older_event_never_overwrites_a_newer_one(number: PhoneNumber) -> None:
    receive(change("phone_number_name_update", NAME | {"decision": "APPROVED"}), time=NOON + 10)
    receive(change("phone_number_name_update", NAME))

    assert facts()["name_decision"]["decision"] == "APPROVED"
    assert Change.objects.filter(kind=ChangeKind.EVENT).count() == 2


@pytest.mark.parametrize("first", ["PENDING", "REJECTED"])
def test_of_two_events_of_one_second_the_decision_counts(number: PhoneNumber, first: str) -> None:
    for decision in (first, "REJECTED" if first == "PENDING" else "PENDING"):
        receive(change("phone_number_name_update", NAME | {"decision": decision}))
    assert facts()["name_decision"]["decision"] == "REJECTED"


def test_a_request_to_reset_a_pin_does_not_hide_that_it_was_changed(number: PhoneNumber) -> None:
    for event, time in (("PIN_CHANGED", NOON), ("PIN_RESET_REQUEST", NOON + 1)):
        receive(change("security", {"display_phone_number": DIGITS, "event": event}), time=time)

    assert {name: value["event"] for name, value in facts().items()} == {
        "security": "PIN_CHANGED",
        "pin_reset_request": "PIN_RESET_REQUEST",
    }


@pytest.mark.parametrize("nobody", [None, "", True, {}, []])
def test_an_event_that_names_no_waba_is_not_called_applied(number: PhoneNumber, nobody: Any) -> None:
    receive(change("phone_number_name_update", NAME), entry_id=nobody)

    event = Event.objects.get()
    assert (event.state, event.outcome, event.entry_id) == (EventState.UNMATCHED, "It names no WABA.", "")
    assert facts() == {}


def test_an_event_without_a_time_is_a_hint_and_no_fact(number: PhoneNumber) -> None:
    receive(change("phone_number_name_update", NAME), time=None)

    assert facts() == {}
    assert Waba.objects.get().hinted_at is not None
    assert Change.objects.filter(kind=ChangeKind.EVENT).exists()


def test_a_restriction_keeps_its_kinds_and_their_end(waba: Waba) -> None:
    info = [{"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": NOON + 86_400}]
    receive(change("account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": info}))
    assert facts()["restriction"]["restriction_info"] == info


def test_the_waba_inside_the_value_counts_before_the_entry(waba: Waba) -> None:
    value = {"event": "PARTNER_REMOVED", "waba_info": {"waba_id": WABA_ID, "owner_business_id": "3"}}
    receive(change("account_update", value), entry_id="300000000000009")

    assert EventFact.objects.get().waba == waba
    assert facts()["partner"]["event"] == "PARTNER_REMOVED"


def test_a_disconnection_of_the_business_app_is_about_the_number(number: PhoneNumber) -> None:
    gone = {"reason": "PRIMARY_INACTIVITY", "initiated_by": "SYSTEM"}
    value = {"event": "PARTNER_REMOVED", "phone_number": DIGITS, "disconnection_info": gone}
    receive(change("account_update", value))

    fact = EventFact.objects.get()
    assert (fact.number, fact.name) == (number, "connection")
    assert fact.value == {"event": "PARTNER_REMOVED", **gone}


def test_capabilities_that_an_update_leaves_out_still_hold(waba: Waba) -> None:
    receive(change("business_capability_update", {"max_phone_numbers_per_waba": 25}))
    receive(change("business_capability_update", {"max_phone_numbers_per_business": 2}), time=NOON + 1)
    assert set(facts()) == {"capability:max_phone_numbers_per_waba", "capability:max_phone_numbers_per_business"}


def test_an_unknown_field_or_kind_is_counted_and_has_nothing_read(waba: Waba) -> None:
    receive(change("brand_new_field", {}), change("account_update", {"event": "BRAND_NEW"}))

    assert {event.state for event in Event.objects.all()} == {EventState.UNKNOWN}
    assert not Change.objects.exists()
    assert Waba.objects.get().hinted_at is None
    assert Waba.objects.get().last_event_at is not None
    assert {event.waba for event in Event.objects.all()} == {waba}


@pytest.mark.parametrize("value", [None, [], "text", 7, {}])
def test_a_known_field_in_another_form_is_set_aside(waba: Waba, value: object) -> None:
    receive(change("phone_number_name_update", value), change("account_review_update", {"decision": "APPROVED"}))

    states = dict(Event.objects.values_list("field", "state"))
    assert states["phone_number_name_update"] == EventState.MALFORMED
    assert states["account_review_update"] == EventState.DONE


def test_a_new_waba_starts_a_discovery_and_makes_no_client(db: None) -> None:
    credential = make_credential(business_id="300000000000009", next_sync_at=timezone.now() + timedelta(hours=1))
    value = {"event": "PARTNER_ADDED", "waba_info": {"waba_id": "77", "owner_business_id": "3"}}
    receive(change("account_update", value), entry_id="300000000000009")

    assert Credential.objects.get(pk=credential.pk).next_sync_at <= timezone.now()
    assert not Client.objects.exists()
    assert Event.objects.get().state == EventState.WAITING


@pytest.mark.parametrize("lost", [{"unshared_since": timezone.now()}, {"credential": None}])
def test_a_waba_that_is_shared_with_us_again_starts_a_discovery_too(db: None, lost: dict[str, Any]) -> None:
    credential = make_credential(business_id="300000000000009", next_sync_at=timezone.now() + timedelta(hours=1))
    make_waba(**{"waba_id": WABA_ID, "credential": credential, **lost})

    receive(change("account_update", {"event": "PARTNER_ADDED", "waba_info": {"waba_id": WABA_ID}}))

    assert Credential.objects.get(pk=credential.pk).next_sync_at <= timezone.now()
    assert Event.objects.get().state == EventState.DONE


def test_a_number_on_two_wabas_has_the_facts_of_each_apart(number: PhoneNumber) -> None:
    other = make_waba(waba_id="100000000000002")
    make_listing(number, other)
    for waba_id, decision in ((WABA_ID, "REJECTED"), (other.waba_id, "APPROVED")):
        receive(change("phone_number_name_update", NAME | {"decision": decision}), entry_id=waba_id)

    kept = {fact.waba.waba_id: fact.value["decision"] for fact in EventFact.objects.all()}
    assert kept == {WABA_ID: "REJECTED", other.waba_id: "APPROVED"}


def test_an_event_waits_for_the_waba_that_a_discovery_brings(db: None) -> None:
    receive(change("account_review_update", {"decision": "REJECTED"}))
    assert "Waits until WABA" in Event.objects.get().outcome

    make_waba(waba_id=WABA_ID)
    Event.objects.update(not_before=None)
    drain(seconds=60)

    assert Event.objects.get().state == EventState.DONE
    assert facts()["review"] == {"decision": "REJECTED"}


def test_an_event_about_what_never_comes_is_given_up(waba: Waba) -> None:
    receive(change("phone_number_name_update", NAME))
    for _ in PATIENCE:
        Event.objects.update(not_before=None)
        drain(seconds=60)

    event = Event.objects.get()
    assert event.state == EventState.UNMATCHED
    assert DIGITS in event.outcome
    assert not EventFact.objects.exists()


def test_an_event_never_reaches_the_same_number_of_another_waba(waba: Waba) -> None:
    make_number(make_waba(), display_phone_number="+1 555-010-0001")
    receive(change("phone_number_name_update", NAME))

    assert not EventFact.objects.exists()
    assert not Change.objects.filter(kind=ChangeKind.EVENT).exists()


def test_a_replayed_event_lands_once(number: PhoneNumber) -> None:
    receive(change("phone_number_name_update", NAME))
    before = picture()

    assert inbox.replay(Event.objects.all()) == 1
    drain(seconds=60)

    assert picture() == before


def test_an_event_in_another_form_can_be_read_again_and_one_without_a_field_never(waba: Waba) -> None:
    now = timezone.now()
    receive(change("phone_number_name_update", "text"))
    inbox.put(updates_of(b"no json", received_at=now), received_at=now)

    assert inbox.replay(Event.objects.all()) == 1
    assert Event.objects.get(state=EventState.WAITING).field == "phone_number_name_update"


def test_old_events_go_and_what_they_said_stays(number: PhoneNumber) -> None:
    solution = change("partner_solutions", {"event": "SOLUTION_CREATED", "solution_id": "7"})
    receive(change("phone_number_name_update", NAME), change("unheard_of", {}), solution)
    Event.objects.update(received_at=F("received_at") - timedelta(days=31))

    assert inbox.prune() == 1
    assert facts()
    assert Change.objects.filter(kind=ChangeKind.EVENT).exists()
    assert Event.objects.get(field="unheard_of").state == EventState.UNKNOWN

    Event.objects.update(received_at=F("received_at") - timedelta(days=60))
    assert inbox.prune() == 1
    assert Event.objects.get().field == "partner_solutions"
