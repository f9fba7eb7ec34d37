"""What a page shows, once it is there as a whole: a browser tells of a page while the rest of it is on its way."""

from playwright.sync_api import Page


def numbers_on(page: Page) -> list[str]:
    """The Graph ids of the numbers in the list, in its order."""
    page.wait_for_load_state()
    found: list[str] = page.locator("tr[data-phone-number-id]").evaluate_all(
        "all => all.map(row => row.dataset.phoneNumberId)"
    )
    return found


def text_of(page: Page) -> str:
    """The page as HTML: for what must not be on it."""
    page.wait_for_load_state()
    return page.content()
