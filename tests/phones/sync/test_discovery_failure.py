"""Home says that the WABAs of our business could not be listed: when that is so, once, and until they are."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client as Browser

from clients.choices import CredentialState
from clients.models import Credential
from tests.factories import make_credential, make_waba
from tests.phones.reading import text_of
from tests.phones.sync.scripted_book import ScriptedBook, scripted_book, sync
from tests.scripted_graph import graph_error

pytestmark = pytest.mark.django_db

SECRET = graph_error(100, message="Invalid appsecret_proof provided in the API argument", type="GraphMethodException")
REFUSED = graph_error(200, message="Permissions error", status=403)
SAID = "The WABAs of our business could not be listed"


@pytest.fixture
def book(db: None, settings: Any) -> Iterator[ScriptedBook]:
    with scripted_book(settings) as made:
        yield made


def test_a_wrong_secret_is_said_once_on_home_and_no_longer_when_it_is_put_right(
    book: ScriptedBook, desk: Browser
) -> None:
    for waba_id in book.add(4):
        make_waba(waba_id=waba_id, credential=make_credential(f"EAAclienttoken{waba_id}"))
    assert sync() == 0
    book.trouble = lambda _: SECRET

    assert sync() == 1
    assert text_of(desk.get("/")).count(SAID) == 1

    book.trouble = lambda _: None
    assert sync() == 0
    assert SAID not in text_of(desk.get("/"))
    assert not Credential.objects.exclude(last_failure=None).exists()


def test_a_reading_of_a_waba_does_not_hide_that_the_business_could_not_be_listed(
    book: ScriptedBook, desk: Browser
) -> None:
    book.add(2)
    sync()
    book.trouble = lambda request: REFUSED if "business_accounts" in request.path else None
    Credential.objects.update(state=CredentialState.UNTRIED)

    assert sync() == 1

    assert Credential.objects.get().state == CredentialState.WORKING
    assert text_of(desk.get("/")).count(SAID) == 1
