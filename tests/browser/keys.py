"""What a person does by keyboard."""

from playwright.sync_api import Page


def focus_by_tab(page: Page, words: str) -> None:
    """Press Tab until what has the focus begins with these words."""
    page.wait_for_load_state()
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate("document.activeElement.ariaLabel || document.activeElement.innerText || ''")
        if here.startswith(words):
            return
    raise AssertionError(f"{words} is not reached by Tab")


def enter(page: Page) -> None:
    """Press Enter on what leads to another page and wait until that has loaded, and listens to keys."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
