"""One running portal and one Chromium for all browser tests."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import desk
from tests.browser.signing_up import Client, NewClient, Signup, add_client, make_link

SignIn = Callable[..., Page]

_clients = count(1)

# As long as for a click: where everything else runs at the same time, a page takes its time.
expect.set_options(timeout=15_000)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
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


@pytest.fixture
def sign_in(portal: desk.Desk, browser: Browser) -> Iterator[SignIn]:
    """A function that signs a demo person in and gives their page; every script error fails the test."""
    contexts = []
    problems: list[str] = []

    def signed_in(person: str, **options: Any) -> Page:
        context = browser.new_context(base_url=portal.address, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.goto("/login/")
        page.get_by_label("Name", exact=False).first.fill(person)
        page.get_by_label("Password").fill(desk.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    yield signed_in
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def lead(sign_in: SignIn) -> Page:
    return sign_in("lead")


@pytest.fixture
def new_client(lead: Page, portal: desk.Desk, browser: Browser) -> Iterator[NewClient]:
    """A function that makes a client on the desk and opens the signup link that the team lead made for them."""
    contexts = []
    clients: list[Client] = []

    def made(*, from_pool: bool = False, **options: Any) -> Signup:
        name = f"Blue Teapot {next(_clients)}"
        add_client(portal, name)
        lead.goto(f"/clients/?q={name}")
        lead.get_by_role("link", name=name, exact=True).click()
        desk_page = lead.url
        address = make_link(lead, display_name=name, from_pool=from_pool)
        context = browser.new_context(base_url=portal.address, viewport={"width": 360, "height": 780}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        client = Client(page)
        client.watch(page)
        clients.append(client)
        page.goto(address)
        return Signup(name, desk_page, client)

    yield made
    for context in contexts:
        context.close()
    assert [problem for client in clients for problem in client.problems] == []
