"""The page of what ends at Meta: versions with their ends, what of ours uses them, and events nobody here knows."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from clients.models import SignupLink, User, Waba
from phones.choices import EventState
from phones.models import Event
from portal.graph import endings
from portal.graph.endings import Ending, Of
from portal.graph.reads import accounts, details, numbers, waba_details
from tests.conftest import SignIn
from tests.factories import make_attempt
from tests.phones.reading import text_of

ADDRESS = "/operations/endings/"


def test_no_field_that_ends_is_asked_for_and_every_row_has_a_source_of_metas() -> None:
    asked = {*accounts.WABA.names, *details.NUMBER_DETAILS.names, *numbers.PHONE_NUMBER.names}
    asked |= {*waba_details.WABA_DETAILS.names, *waba_details.OWNER.names}

    for one in (*endings.GRAPH_VERSIONS, *endings.SIGNUP_VERSIONS, *endings.FIELDS):
        assert one.source.startswith("https://developers.facebook.com/")
        assert one.is_used or one.name not in asked
        assert one.since is None or one.since <= endings.LOOKED_UP
        assert one.ends is None or one.since is None or one.since < one.ends


def test_the_page_says_what_is_in_use_when_it_ends_and_whom_that_touches(
    lead: User, alices_waba: Waba, link: SignupLink, sign_in: SignIn, settings: Settings
) -> None:
    settings.GRAPH_API_VERSION = "v20.0"
    make_attempt(link, said_version="3")
    for number in range(3):
        Event.objects.create(
            digest=f"{number:064d}",
            received_at=timezone.now(),
            field="account_update" if number else "brand_new",
            event="NEVER_HEARD_OF" if number else "",
            value={},
            waba=alices_waba,
            state=EventState.UNKNOWN,
        )

    text = text_of(sign_in(lead).get(ADDRESS))

    assert "Ended 24 Sep 2026" in text
    assert "All that is read and done: 1 WABA of 1 client." in text
    assert "1 open signup link of 1 client." in text
    assert "<code>3</code>: 1 signup" in text
    assert text.index("NEVER_HEARD_OF") < text.index("brand_new")


def test_a_version_that_is_newer_than_the_rows_is_said_to_be_unknown_and_an_older_one_to_have_ended(
    lead: User, sign_in: SignIn, settings: Settings
) -> None:
    browser = sign_in(lead)
    for version, words in (("v99.0", "does not know when v99.0 ends"), ("v9.0", "v9.0 has ended")):
        settings.GRAPH_API_VERSION = version
        assert words in text_of(browser.get(ADDRESS))


def test_clients_with_open_links_are_named_once_the_version_of_signups_nears_its_end(
    lead: User, link: SignupLink, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(lead)
    for days, words in ((0, ", today"), (1, "in 1 day<"), (30, "in 30 days")):
        ends = timezone.now().date() + timedelta(days=days)
        ending = Ending(Of.SIGNUP, "v4", "https://developers.facebook.com/", date(2025, 10, 8), ends)
        monkeypatch.setattr(endings, "SIGNUP_VERSIONS", (ending,))
        text = text_of(browser.get(ADDRESS))
        assert words in text

    assert str(link.client) in text.partition("Clients with open signup links")[2]
