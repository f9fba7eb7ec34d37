"""Alice's client in Meta's dialog, and a Graph for its code: the practice server, or one that a test scripts."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from clients import links, signups
from clients.models import Client, SignupAttempt, SignupLink, User
from phones import waking
from portal.sandbox.world.credentials import credentials
from tests.phones.onboarding.exchange.exchanging import APP_ID, APP_SECRET, BROWSER
from tests.practice import Practice
from tests.scripted_graph import ScriptedGraph


@pytest.fixture(autouse=True)
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry each time that a worker was woken."""
    woken: list[int] = []
    monkeypatch.setattr(waking, "wake_onboarding", lambda: woken.append(1))
    return woken


@pytest.fixture
def link(account_manager: User, alices_client: Client) -> SignupLink:
    return links.make_signup_link(client=alices_client, actor=account_manager)


@pytest.fixture
def attempt(link: SignupLink) -> SignupAttempt:
    """Alice's client, in Meta's dialog."""
    begun, _state = signups.begin(link=link, browser=BROWSER)
    signups.note_started(attempt=begun)
    return begun


@pytest.fixture
def meta(practice: Practice, settings: Settings) -> Practice:
    """The practice server, with our app on it."""
    settings.META_APP_ID, settings.META_APP_SECRET = credentials().app_id, credentials().app_secret
    return practice


@pytest.fixture
def scripted(settings: Settings) -> Iterator[ScriptedGraph]:
    """A Graph that answers what a test says."""
    settings.META_APP_ID, settings.META_APP_SECRET = APP_ID, APP_SECRET
    with ScriptedGraph() as graph:
        settings.GRAPH_API_URL = graph.url
        yield graph
