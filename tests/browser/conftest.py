"""One running portal and one Chromium for all browser tests."""

import contextlib
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desk
from tests.browser.signing_up import Client, NewClient, Signup, add_client, link_for
from tests.browser.windows import PATIENCE_MS, Windows
from tests.signed_in import Person

SignIn = Callable[..., Page]

_clients = count(1)

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(240))
            if desk.chromium_binary() is None:
                item.add_marker(pytest.mark.skip(reason=desk.NO_CHROMIUM))


@pytest.fixture(scope="session")
def portal() -> Iterator[desk.Desk]:
    with desk.running_desk() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with desk.chromium() as running:
        yield running


@pytest.fixture(scope="session")
def windows(portal: desk.Desk, browser: Browser) -> Iterator[Windows]:
    with contextlib.closing(Windows(portal.address, browser)) as opened:
        yield opened


@pytest.fixture
def sign_in(windows: Windows) -> Iterator[SignIn]:
    """`Windows.of` for the demo's people; every script error fails the test."""
    yield windows.of
    assert windows.tidy() == []


@pytest.fixture
def lead(windows: Windows) -> Person:
    """The team lead by requests, without a window."""
    return windows.person("lead")


@pytest.fixture
def new_client(windows: Windows, browser: Browser) -> Iterator[NewClient]:
    """A function that makes a client on the desk and opens the signup link that the team lead made for them."""
    contexts = []
    clients: list[Client] = []

    def made(*, from_pool: bool = False, **options: Any) -> Signup:
        name = f"Blue Teapot {next(_clients)}"
        desk_page = add_client(windows.person("admin"), name)
        address = link_for(windows.person("lead"), desk_page, display_name=name, from_pool=from_pool)
        size: Any = {"width": 360, "height": 780}
        context = browser.new_context(base_url=windows.address, **{"viewport": size, **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        client = Client(page)
        client.watch(page)
        clients.append(client)
        page.goto(address)
        return Signup(name, desk_page, client)

    yield made
    for context in contexts:
        context.close()
    assert [problem for client in clients for problem in client.problems] == []
