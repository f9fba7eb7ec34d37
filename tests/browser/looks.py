"""What is wrong with the looks of a page: broader than its window, or a violation that axe finds."""

import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

# Two windows see everything: lines break by the width, colours come from the scheme, and the rest from neither.
WINDOWS = [("light", 360), ("dark", 1440)]
_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}
_EVERYTHING = {"resultTypes": ["violations"]}


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page and wait until that has loaded."""
    with page.expect_navigation():
        link.click()


def faults_of(page: Page, scheme: str) -> dict[str, str]:
    """The page's faults with their reasons. In the dark only the colours are looked at: all else is as in the light."""
    page.wait_for_load_state()
    path = re.sub(r"[\w-]{43}", "…", page.url)
    size = page.viewport_size
    assert size is not None
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = {f"{path} overflows": str(wide)} if wide > size["width"] else {}
    violations = Axe().run(page, options=_COLOURS if scheme == "dark" else _EVERYTHING).response["violations"]
    return found | {f"{path} {one['id']}": one["help"] for one in violations if one["impact"] != "minor"}
