"""Deliveries that the desk does not expect: without the slash, with times beyond time, of fields it does not know."""

import json
from typing import Any

import pytest
from django.test import Client as Browser

from phones.choices import EventState
from phones.models import Event
from tests.phones.events.sending import SECRET, change, delivery, entry, post, signature

pytestmark = pytest.mark.django_db
WORDS = "Dear bakery, here is my card number"


@pytest.fixture(autouse=True)
def _app(settings: Any) -> None:
    settings.META_APP_SECRET, settings.WEBHOOK_VERIFY_TOKEN = SECRET, "our verify token"


def test_the_callback_without_its_last_slash_checks_and_stores_like_the_other() -> None:
    body = delivery(entry("1", change("account_review_update", {"decision": "APPROVED"})))

    def send(given: str) -> int:
        headers = {"X-Hub-Signature-256": given}
        browser = Browser(enforce_csrf_checks=True)
        return browser.post("/webhooks/meta", body, content_type="application/json", headers=headers).status_code

    assert send(signature(body, "another secret")) == 403
    assert not Event.objects.exists()
    assert send(signature(body)) == 200
    assert Event.objects.get().field == "account_review_update"
    asked = {"hub.mode": "subscribe", "hub.verify_token": "our verify token", "hub.challenge": "1158201444"}
    assert Browser().get("/webhooks/meta", asked).content == b"1158201444"
    assert Browser().get("/webhooks/meta", {**asked, "hub.verify_token": "x"}).status_code == 403


@pytest.mark.parametrize("digits", [400, 4_000, 5_000])
def test_an_event_with_a_time_of_thousands_of_digits_is_stored_and_answered_200(digits: int) -> None:
    body = delivery(entry("1", change("account_review_update", {"decision": "APPROVED"}), time=1))
    body = body.replace(b'"time": 1', b'"time": ' + b"9" * digits)

    assert post(body).status_code == 200
    assert Event.objects.get().event_time is None


@pytest.mark.parametrize(
    "field", ["standby", "user_preferences", "messaging_handovers", "group_participants_update", "not_invented_yet"]
)
def test_of_a_field_that_the_desk_does_not_know_names_and_sizes_are_kept(field: str) -> None:
    value = {
        "event": WORDS,
        "messages": [{"from": "34600112233", "text": {"body": WORDS}}, {"text": {"body": WORDS}}],
        "sent": True,
        "at": 1772615287,
    }
    assert post(delivery(entry("1", change(field, value)))).status_code == 200

    event = Event.objects.get()
    assert (event.field, event.event, event.state) == (field, "", EventState.WAITING)
    assert event.value == {
        "event": "text of 35",
        "messages": {"list of": 2, "first": {"from": "text of 11", "text": {"body": "text of 35"}}},
        "sent": "true or false",
        "at": "number",
    }


@pytest.mark.parametrize(
    "body",
    [
        {"object": "page", "entry": [entry("1", change("account_update", {"event": WORDS}))]},
        {"object": "page", "entry": [{"id": "1", "messaging": [{"message": {"text": WORDS}}]}]},
        {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": WORDS}]}]},
        {"text": WORDS},
        [WORDS],
        WORDS,
    ],
)
def test_nothing_that_anybody_wrote_is_kept_of_what_is_not_in_form(body: object) -> None:
    assert post(json.dumps(body).encode()).status_code == 200
    assert post(json.dumps(body).encode() + b"}").status_code == 200

    assert Event.objects.count() == 2
    for event in Event.objects.all():
        assert WORDS not in json.dumps(event.value) + event.event + event.field
