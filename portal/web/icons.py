"""The icons that pages may show.

All are drawn in one file, `static/icons.svg`, which browsers keep; `static/css/icons.css` says where in it each stands.
`python -m tests.icons` makes both from these names. In a page an icon is an empty element.
"""

from functools import cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

# Names as on heroicons.com.
NAMES = (
    "arrow-down",
    "arrow-down-tray",
    "arrow-left-start-on-rectangle",
    "arrow-path",
    "arrow-up",
    "arrows-up-down",
    "at-symbol",
    "bars-4",
    "beaker",
    "bell",
    "bookmark",
    "briefcase",
    "building-office-2",
    "building-storefront",
    "chart-bar",
    "chat-bubble-left",
    "chat-bubble-left-ellipsis",
    "chat-bubble-left-right",
    "check",
    "check-badge",
    "clock",
    "cog-6-tooth",
    "command-line",
    "envelope",
    "eye",
    "eye-slash",
    "finger-print",
    "funnel",
    "hand-raised",
    "hashtag",
    "identification",
    "inbox",
    "key",
    "language",
    "link",
    "lock-closed",
    "magnifying-glass",
    "moon",
    "pause",
    "phone",
    "play",
    "plus",
    "queue-list",
    "rectangle-stack",
    "shield-check",
    "squares-2x2",
    "sun",
    "tag",
    "user",
    "user-plus",
    "users",
    "view-columns",
    "wrench-screwdriver",
    "x-mark",
)
# By tone. What has no tone claims nothing: a dot, which heroicons don't have.
TONES = {
    "ok": "check-circle",
    "wait": "clock",
    "act": "bolt",
    "warn": "exclamation-triangle",
    "bad": "x-circle",
    "info": "information-circle",
    "none": "",
}
# Django's levels of messages, and the tone of each.
_LEVELS = {"success": "ok", "warning": "warn", "error": "bad"}


@cache
def icon(name: str) -> SafeString:
    """An icon of 16 pixels. An empty element says nothing to screen readers: the word beside it speaks."""
    if name not in NAMES:
        raise ValueError(f"No icon is called {name}.")
    return _drawn(name)


@cache
def tone_icon(tone: str) -> SafeString:
    """The icon of a tone, or of a message's level; the dot for anything else."""
    name = _LEVELS.get(tone, tone)
    return _drawn(name if name in TONES else "none")


def _drawn(name: str) -> SafeString:
    return format_html('<i class="icon icon-{}"></i>', name)
