"""What a list on a page shows."""

from playwright.sync_api import Page


def numbers_on(page: Page) -> list[str]:
    """The Graph ids of the numbers in the list, in its order."""
    found: list[str] = page.locator("tr[data-phone-number-id]").evaluate_all(
        "all => all.map(row => row.dataset.phoneNumberId)"
    )
    return found
