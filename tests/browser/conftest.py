"""One running portal and one Chromium for all browser tests."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import desk

SignIn = Callable[..., Page]


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
