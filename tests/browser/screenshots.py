"""`make screenshots`: takes the README's pictures anew, on practice data, in light and dark."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.browser import desk

SIZE = {"width": 1440, "height": 900}
FOLDER = Path("docs/screenshots")


def main() -> None:
    """Take every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with desk.running_desk() as portal, desk.chromium() as browser:
        for scheme in ("light", "dark"):
            _take_all(browser, portal.address, scheme)


def _take_all(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(base_url=address, viewport=SIZE, color_scheme=scheme)  # type: ignore[arg-type] # light or dark
    page = context.new_page()
    page.goto("/login/")
    page.locator("[name=username]").fill("lead")
    page.locator("[name=password]").fill(desk.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/phones/**")
    _take(page, "/phones/?platform_type=NOT_APPLICABLE&platform_type=CLOUD_API", f"list-{scheme}")
    _take(page, "/phones/?stage=ready&sort=registration_deadline", "")
    number = page.locator("tr[data-phone-number-id] a").first.get_attribute("href") or ""
    _take(page, number, f"number-{scheme}")
    client = page.locator("a[href^='/clients/']:not([href='/clients/'])").first.get_attribute("href") or ""
    _take(page, client, f"client-{scheme}")
    page.goto("/syncs/")
    page.get_by_role("button", name="Sync everything").click()
    page.get_by_text("Finished").first.wait_for()
    _take(page, page.url, f"run-{scheme}")
    _take(page, "/", f"desk-{scheme}")
    context.close()


def _take(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle")
    if name:
        page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    settings.configure(BASE_DIR=Path(__file__).resolve().parent.parent.parent)
    main()
