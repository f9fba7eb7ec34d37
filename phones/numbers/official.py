"""An official business account: where Meta's review stands, and what Meta wants with a request for one. Pure.

Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/official-business-accounts
Its guide speaks of up to five links, its reference of five to ten: five are what both take.
"""

from collections.abc import Mapping
from typing import Any

NOT_ASKED = "NOT_STARTED"
LINKS = 5
LONGEST_TEXT = 2000
BY_DEFAULT: Mapping[str, Any] = {"oba_status": NOT_ASKED}
_IN_REVIEW = frozenset({"PENDING", "UNDER_REVIEW"})


def said_in(node: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a reading of the node says of Meta's review; None where it says nothing."""
    status = (node.get("official_business_account") or {}).get("oba_status")
    return {"oba_status": str(status).upper()} if status else None


def why_not_asked(status: str) -> str:
    """Why there is nothing to ask for, in one sentence; empty where there is."""
    if status in _IN_REVIEW:
        return "Meta is reviewing a request already: read its decision here when it is made."
    return "It is an official account already." if status == "APPROVED" else ""


def links_in(text: str) -> list[str]:
    """The links that a person wrote, a line each. Raises ValueError with a sentence about what Meta would not take."""
    found = list(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))
    if found and len(found) != LINKS:
        raise ValueError(f"{LINKS} links, or none: Meta’s pages agree on that number only. These are {len(found)}.")
    if not all(link.startswith(("https://", "http://")) and " " not in link for link in found):
        raise ValueError("Each link begins with https:// or http://, on a line of its own.")
    return found
