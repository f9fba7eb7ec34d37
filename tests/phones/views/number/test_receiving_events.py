"""Whether a number's page calls its events received: only where one came, or where all that it takes is ours."""

from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Waba
from phones.events.callback import FIELDS, expected_address
from phones.models import AppCallback, PhoneNumber, Subscription
from tests.phones.reading import text_of

APP_ID = "600000000000001"
ON = "switched on, none came yet"


@pytest.fixture
def page(alices_number: PhoneNumber, desk: Browser, settings: Any) -> Any:
    """Of a number whose WABA has our app among its subscribed ones, and sent nothing yet."""
    settings.META_APP_ID, settings.META_APP_SECRET = APP_ID, "s" * 32
    now = timezone.now()
    Subscription.objects.create(waba=alices_number.waba, is_ours=True, checked_at=now, check_due_at=now)
    return lambda: text_of(desk.get(f"/phones/{alices_number.phone_number_id}/"))


def callback_at(url: str, fields: tuple[str, ...] = FIELDS) -> None:
    facts = {"callback_url": url, "fields": list(fields), "is_active": True, "checked_at": timezone.now()}
    AppCallback.objects.update_or_create(app_id=APP_ID, defaults=facts)


def test_a_subscribed_waba_is_not_enough_while_it_is_unknown_where_meta_sends_the_events(page: Any) -> None:
    assert ON not in page()
    assert "it is not known where Meta sends them" in page()


def test_fields_that_the_app_does_not_get_are_named_and_nothing_is_done(page: Any) -> None:
    callback_at(expected_address(), tuple(name for name in FIELDS if name != "account_update"))
    assert "our app does not get account_update" in page()
    assert ON not in page()


def test_events_are_received_once_waba_fields_and_callback_are_all_ours(page: Any) -> None:
    callback_at(expected_address())
    assert ON in page()


def test_events_that_came_are_received_whatever_was_known_before(page: Any) -> None:
    Subscription.objects.update(is_ours=False)
    assert "switched off for its WABA" in page()

    Waba.objects.update(last_event_at=timezone.now())
    assert "switched off for its WABA" not in page()
    assert "last one" in page()
