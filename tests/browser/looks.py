"""What is wrong with the looks of a page: broader than its window, or a violation that axe finds."""

import re
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page

# Two windows see everything: lines break by the width, colours come from the scheme, and the rest from neither.
NARROW, WIDE = {"width": 360, "height": 900}, {"width": 1440, "height": 900}
# What a window that is looked at begins with: without the page's policy for scripts, which keeps axe out, and without
# motion, because colours are looked at just after they change.
AS_LOOKED_AT: dict[str, Any] = {
    "viewport": NARROW,
    "color_scheme": "light",
    "reduced_motion": "reduce",
    "bypass_csp": True,
}

# Style sheets are not asked for again: no rule that runs needs them.
_ANYWAY = {"resultTypes": ["violations"], "preload": False}
# The two that axe takes longest for, as long as for all else together. It leaves the second out unless asked for it.
_COLOURS, _SIZES = "color-contrast", "target-size"
_STRUCTURE = {**_ANYWAY, "rules": {_COLOURS: {"enabled": False}}}
_RUN = """([without, options]) => axe.run(without ? { exclude: [[without]] } : document, options)
  .then(({ violations }) => violations.filter((one) => one.impact !== "minor").map(({ id, help, nodes }) =>
    [id, `${help}: ${nodes.map(({ html }) => html.slice(0, 200)).join(" ")}`]))"""

# Colours and sizes come from elements, their classes and states. A row (with all in it) that is in these like one above
# it has none of its own, and is hidden meanwhile: axe works out where each element that shows lies, looked at or not.
_MARK_ROWS_LIKE_ANOTHER = """() => {
  const seen = new Map();
  const styled = /^(class|type|aria-(current|disabled|hidden|invalid|selected|sort))$/;
  const own = ({ name, value }) => (styled.test(name) ? `${name}=${value}` : name);
  const kind = (one) => [one.tagName, ...[...one.attributes].map(own)].join(" ");
  for (const row of document.querySelectorAll("tbody > tr, ul > li, ol > li")) {
    const known = seen.get(row.parentElement) ?? new Set();
    const look = [row, ...row.querySelectorAll("*")].map(kind).join(">");
    row.toggleAttribute("data-like-another", known.has(look));
    seen.set(row.parentElement, known.add(look));
  }
}"""

_HIDDEN = "[data-like-another] { display: none !important }"


def follow(page: Page, link: Locator) -> None:
    """Click what leads to another page and wait until that has loaded."""
    with page.expect_navigation():
        link.click()


def faults_of(page: Page) -> dict[str, str]:
    """The faults, with their reasons, of a page in a window `AS_LOOKED_AT`, and of the same page wide and dark.

    In the dark only the width and the colours are looked at: all else is as in the light.
    """
    page.wait_for_load_state()
    path = re.sub(r"[\w-]{43}", "…", page.url)
    page.evaluate(AXE_SCRIPT)
    page.evaluate(_MARK_ROWS_LIKE_ANOTHER)
    found = [*_overflow(page), *page.evaluate(_RUN, [None, _STRUCTURE]), *_look(page, _COLOURS, _SIZES)]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type] # width and height
    page.emulate_media(color_scheme="dark")
    dark = [*_overflow(page), *_look(page, _COLOURS)]
    page.set_viewport_size(NARROW)  # type: ignore[arg-type] # width and height
    page.emulate_media(color_scheme="light")
    return {f"{path} {name}": why for name, why in found} | {f"{path} {name}, wide and dark": why for name, why in dark}


def _overflow(page: Page) -> list[list[str]]:
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    return [["overflows", f"{wide} px"]] if wide > window else []


def _look(page: Page, *rules: str) -> list[list[str]]:
    options = {**_ANYWAY, "runOnly": {"type": "rule", "values": rules}}
    hiding = page.add_style_tag(content=_HIDDEN)
    found: list[list[str]] = page.evaluate(_RUN, ["[data-like-another]", options])
    hiding.evaluate("style => style.remove()")
    return found
