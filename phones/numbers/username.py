"""What Meta takes for a business username. Pure.

Source: https://developer.vonage.com/en/channel-manager/guides/whatsapp/business-usernames, which repeats Meta's rules.
"""

import re

SHORTEST, LONGEST = 3, 35
_LETTERS = re.compile(r"[A-Za-z0-9._]+")
_ENDS = (".com", ".org", ".net", ".edu", ".gov", ".mil", ".us", ".in", ".html")


def problem_with(username: str) -> str:
    """Why Meta would not take it, in one sentence; empty when it might."""
    if not SHORTEST <= len(username) <= LONGEST:
        return f"A username has {SHORTEST} to {LONGEST} characters."
    if not _LETTERS.fullmatch(username):
        return "A username is made of letters from a to z, digits, periods and underscores."
    if not any(letter.isalpha() for letter in username):
        return "A username has at least one letter."
    if username.startswith(".") or username.endswith(".") or ".." in username:
        return "A period stands between two other characters."
    if username.lower().startswith("www") or username.lower().endswith(_ENDS):
        return "A username does not look like the address of a website."
    return ""


def is_same(one: str, other: str) -> bool:
    """Whether two spellings are one username: capitals make no difference, periods and underscores do."""
    return one.casefold() == other.casefold()
