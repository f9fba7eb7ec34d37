"""Meta's callback over HTTP: who is heard, what is stored, and what is answered."""

import json
import string
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError
from django.test import Client as Browser
from hypothesis import given
from hypothesis import strategies as some

from phones.choices import EventState
from phones.events import signature as signatures
from phones.models import Event
from tests.phones.events.sending import ADDRESS, NOON, SECRET, change, delivery, entry, post, signature

pytestmark = pytest.mark.django_db

NAME = change(
    "phone_number_name_update",
    {"display_phone_number": "15550100001", "decision": "APPROVED", "requested_verified_name": "Café / Bar 🎉"},
)
BODY = delivery(entry("100000000000001", NAME))


@pytest.fixture(autouse=True)
def _app(settings: Any) -> None:
    settings.META_APP_SECRET, settings.WEBHOOK_VERIFY_TOKEN = SECRET, "our verify token"


def test_a_signed_delivery_is_stored_and_answered_200() -> None:
    answer = post(BODY)

    assert (answer.status_code, answer.content) == (200, b"")
    event = Event.objects.get()
    assert (event.field, event.entry_id, event.state) == (
        "phone_number_name_update",
        "100000000000001",
        EventState.WAITING,
    )
    assert event.value == NAME["value"]
    assert event.event_time == datetime.fromtimestamp(NOON, UTC)


def test_a_delivery_that_comes_again_is_stored_once() -> None:
    for _ in range(3):
        assert post(BODY).status_code == 200
    assert Event.objects.count() == 1


def test_the_same_change_at_another_time_is_another_event() -> None:
    post(BODY)
    post(delivery(entry("100000000000001", NAME, time=NOON + 1)))
    assert Event.objects.count() == 2


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "sha256=",
        signature(BODY, "another secret"),
        signature(BODY)[:-1],
        signature(BODY).upper(),
        signature(BODY).replace("sha256", "sha1"),
        signature(BODY) + " ",
        "sha256=" + "é" * 64,
        "sha1=" + "0" * 40,
        signature(BODY + b" "),
    ],
)
def test_what_is_not_signed_by_meta_is_refused_and_not_read(given: str | None) -> None:
    with patch("phones.views.events.receiver.updates_of") as parse:
        answer = post(BODY, given)

    assert (answer.status_code, answer.content) == (403, b"Refused.")
    assert not parse.called
    assert not Event.objects.exists()


def test_a_sha1_signature_alone_is_not_enough() -> None:
    assert post(BODY, None, **{"X-Hub-Signature": "sha1=" + "0" * 40}).status_code == 403


def test_without_an_app_secret_nothing_is_believed(settings: Any) -> None:
    settings.META_APP_SECRET = ""
    assert post(BODY, signature(BODY, "")).status_code == 403


@given(some.text(some.characters(max_codepoint=255), max_size=80))
def test_no_header_whatever_breaks_the_receiver(header: str) -> None:
    found = signatures.signature_in(header)
    assert found is None or not signatures.is_signed(BODY, found, app_secret=SECRET)


@given(some.binary(max_size=200), some.binary(max_size=200))
def test_a_signature_is_good_for_its_own_bytes_only(body: bytes, other: bytes) -> None:
    found = signatures.signature_in(signature(body))
    assert found is not None
    assert signatures.is_signed(other, found, app_secret=SECRET) == (other == body)


def test_three_megabytes_with_a_thousand_updates_are_taken_whole() -> None:
    filler = "x" * 2_900
    changes = [change("account_alerts", {"number": number, "filler": filler}) for number in range(1000)]
    body = delivery(entry("100000000000001", *changes))

    assert 2_900_000 < len(body) < 3_200_000
    assert post(body).status_code == 200
    assert Event.objects.count() == 1000


def test_more_than_four_mebibytes_are_refused() -> None:
    body = b" " * (4 * 1024 * 1024 + 1)
    assert post(body).status_code == 413
    assert post(body, None).status_code == 403
    assert post(b" " * (4 * 1024 * 1024)).status_code == 200


def test_a_delivery_that_cannot_be_stored_is_answered_5xx_so_that_meta_sends_it_again() -> None:
    with patch("phones.views.events.receiver.inbox.put", side_effect=OperationalError("disk full")):
        assert post(BODY).status_code == 503
        assert Browser().get("/readyz").json()["database"] == "ok", "one alone may be a lock"
        assert post(BODY).status_code == 503
    assert Browser().get("/readyz").json()["database"] == "failed", "small rewrites succeed on a full disk"
    assert post(BODY).status_code == 200
    assert Browser().get("/readyz").json()["database"] == "ok"
    assert Event.objects.count() == 1


def test_the_test_button_of_the_dashboard_sends_no_envelope() -> None:
    assert post(json.dumps(NAME).encode()).status_code == 200
    event = Event.objects.get()
    assert (event.field, event.entry_id, event.event_time) == ("phone_number_name_update", "", None)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b'{"object": "whatsapp_business_account"}',
        b'{"entry": {}}',
        b'{"entry": [1]}',
        b'{"entry": [{"id": 1, "changes": [2]}]}',
        b'{"entry": [{"id": 1, "changes": [{"value": {}}]}]}',
        b"[" * 100_000,
        b'"\\ud800"',
        b'{"entry": "\\u0000"}',
        b"\xff\xfe\x00",
    ],
)
def test_a_signed_delivery_in_no_known_form_is_kept_as_malformed(body: bytes) -> None:
    assert post(body).status_code == 200
    assert Event.objects.get().state == EventState.MALFORMED


def test_one_bad_entry_takes_no_good_one_with_it() -> None:
    body = json.dumps(
        {
            "object": "whatsapp_business_account",
            "entry": [7, entry("1", NAME), {"id": "2", "changes": None}, entry("3", NAME)],
        }
    ).encode()

    assert post(body).status_code == 200
    assert Event.objects.filter(state=EventState.WAITING).count() == 2
    assert Event.objects.filter(state=EventState.MALFORMED).count() == 2


@pytest.mark.parametrize("odd", ["\x00", "\ud800", "\U0001f4de", "\u2028"])
def test_text_that_no_database_takes_is_stored_without_it(odd: str) -> None:
    assert post(delivery(entry("1", change(f"odd{odd}", {f"key{odd}": [f"text{odd}"]})))).status_code == 200
    assert Event.objects.get().state == EventState.WAITING


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_beyond_numbers_are_stored_as_text(number: str) -> None:
    body = delivery(entry("1", change("security", "here"))).replace(b'"here"', number.encode())
    assert post(body).status_code == 200
    assert isinstance(Event.objects.get().value, str)


@pytest.mark.parametrize(
    ("time", "stored"),
    [
        (NOON, True),
        (str(NOON), True),
        (NOON * 1000, True),
        (None, False),
        (0, False),
        (-5, False),
        (True, False),
        ("soon", False),
        (10**30, False),
        (4_000_000_000, False),
    ],
)
def test_a_time_that_cannot_be_true_is_not_taken(time: object, stored: bool) -> None:
    post(delivery(entry("1", NAME, time=time)))
    assert (Event.objects.get().event_time == datetime.fromtimestamp(NOON, UTC)) is stored


def test_what_customers_write_is_never_stored() -> None:
    words = "Dear bakery, here is my card number"
    post(delivery(entry("1", change("messages", {"messages": [{"text": {"body": words}}]}))))

    event = Event.objects.get()
    assert event.value is None
    assert words not in str(vars(event))


def test_fields_of_other_objects_are_told_apart() -> None:
    body = json.dumps({"object": "page", "entry": [entry("1", change("feed", {}))]}).encode()
    post(body)
    assert Event.objects.get().field == "page:feed"


# --- The handshake ----------------------------------------------------------------------------------------------------


def ask(**parameters: str) -> Any:
    given = {"hub.mode": "subscribe", "hub.verify_token": "our verify token", "hub.challenge": "1158201444"}
    return Browser().get(ADDRESS, {**given, **{name.replace("_", ".", 1): value for name, value in parameters.items()}})


def test_the_handshake_echoes_the_challenge_as_plain_text() -> None:
    answer = ask()
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer["Content-Type"].startswith("text/plain")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_challenge_that_is_a_script_stays_text() -> None:
    answer = ask(hub_challenge="<script>alert(1)</script>")
    assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "wrong",
    [{"hub_verify_token": "another"}, {"hub_verify_token": ""}, {"hub_verify_token": "é\x00"}, {"hub_mode": "x"}],
)
def test_a_handshake_without_our_token_is_refused(wrong: dict[str, str]) -> None:
    answer = ask(**wrong)
    assert answer.status_code == 403
    assert b"1158201444" not in answer.content


def test_without_a_verify_token_of_ours_every_handshake_is_refused(settings: Any) -> None:
    settings.WEBHOOK_VERIFY_TOKEN = ""
    assert ask(hub_verify_token="").status_code == 403


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_nothing_else_is_answered(method: str) -> None:
    assert getattr(Browser(), method)(ADDRESS).status_code == 405


@given(some.dictionaries(some.text(string.printable, max_size=20), some.text(max_size=50), max_size=4))
def test_no_question_whatever_breaks_the_handshake(parameters: dict[str, str]) -> None:
    assert Browser().get(ADDRESS, parameters).status_code == 403
