"""Why a list has no rows: the person may see nothing, nothing fits what they asked for, or there is nothing yet."""

from typing import Any

from clients import roles
from phones.views.no_role import NO_ROLE
from portal.web.list_parts import EmptyState
from portal.web.listing import DeclaredList


def why_empty(found: DeclaredList[Any], noun: str, nothing_yet: EmptyState) -> EmptyState:
    """The reason for `found` being empty. `noun` is what one row is: "client"."""
    if roles.role_of(found.person) is None:
        return NO_ROLE
    if found.is_narrowed:
        text = f"None of the {noun}s that you may see has all of this."
        return EmptyState(f"No {noun} fits", text, "Clear all", found.address.path)
    return nothing_yet
