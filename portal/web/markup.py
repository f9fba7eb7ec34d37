"""Markup of the small things that stand on a page by the hundred: icons of tones, statuses, addresses.

Each is one call of `format_html`, which escapes what it is given. A template for every cell took most of a list's time,
so the pieces of templates that show the same thing (ui/tone.html, ui/absent.html) call these functions. Knows nothing
of WhatsApp.
"""

from __future__ import annotations

from functools import lru_cache

from django.urls import get_script_prefix, reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from portal.web.icons import tone_icon

WHY_ABSENT = "Meta’s answer did not contain this field. That is not the same as empty or no."


def toned(tone: str, label: str, title: str = "", *, plain: bool = False, stale: bool = False) -> SafeString:
    """Words with their tone and its icon, and what else there is to say of them behind them.

    `plain`: no tinted ground, for dense cells. `stale`: too old to be shown in green; the words stay.
    """
    return format_html(
        '<span class="tone {}{}{}"{}>{}<span>{}</span></span>',
        tone,
        " plain" if plain else "",
        " stale" if stale else "",
        titled(title),
        tone_icon(str(tone)),
        label,
    )


def absent(why: str = WHY_ABSENT) -> SafeString:
    """A value that is left out of an answer: not the same as empty, and not a "no"."""
    return format_html('<span class="absent" title="{}">not returned</span>', why)


def directed(text: str) -> SafeString:
    """The attribute that has a name from outside run its own way; nothing where every letter runs as the page does."""
    return SafeString("" if text.isascii() else ' dir="auto"')


def titled(title: str) -> SafeString:
    """The attribute that puts `title` behind an element's words; nothing where there is none."""
    return format_html(' title="{}"', title) if title else SafeString("")


def address_of(route: str, key: object) -> SafeString:
    """The address of `route` with one argument, as markup.

    Reversing it for each of hundreds of rows would take milliseconds.
    """
    text = str(key)
    if not (text.isascii() and text.isdigit()):
        return escape(reverse(route, args=[text]))
    before, after = _around_key(route, get_script_prefix())
    return SafeString(f"{before}{text}{after}")


@lru_cache(maxsize=100)
def _around_key(route: str, _script_prefix: str) -> tuple[SafeString, SafeString]:
    before, _, after = reverse(route, args=["0"]).rpartition("0")
    return escape(before), escape(after)
