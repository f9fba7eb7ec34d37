"""Who may do what: questions about a person, answered from the groups they are in.

What a person sees of each table is decided in the querysets, which ask here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from clients.choices import Role

if TYPE_CHECKING:
    from typing import TypeAlias

    from django.contrib.auth.models import AbstractUser, AnonymousUser

    Person: TypeAlias = AbstractUser | AnonymousUser

# Why a viewer finds a button greyed.
NOT_FOR_VIEWERS = "Viewers look and change nothing: an account manager can do it."

_RANK = {role.value: rank for rank, role in enumerate(Role)}


def role_of(user: Person) -> Role | None:
    """The strongest role of `user`; a superuser is an administrator; None when they have no role or no access.

    The answer is kept on the user object, which lives for one request.
    """
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return Role.ADMINISTRATOR
    kept = getattr(user, "_role", _RANK)
    if kept is not _RANK:
        return cast("Role | None", kept)
    # The person of a session comes with the strongest one; for others it is read.
    came_with: str | None = getattr(user, "role_name", "")
    found = user.groups.values_list("name", flat=True) if came_with == "" else [came_with]
    names = [name for name in found if name is not None and name in _RANK]
    role = Role(min(names, key=_RANK.__getitem__)) if names else None
    user._role = role  # type: ignore[attr-defined] # a memory of this one object
    return role


def sight_key(user: Person) -> str:
    """The person and their role, as part of a cache's key: what is kept for a while must not outlive the role."""
    role = role_of(user)
    return f"{user.pk}-{role.name if role else 'none'}"


def sees_everything(user: Person) -> bool:
    return role_of(user) in {Role.ADMINISTRATOR, Role.TEAM_LEAD}


def may_see_further(user: Person) -> bool:
    """Whether `user` may see a number also because a further WABA lists it, beside the one that it is under.

    Nearly nobody does, and who does not is told whose a number is by its own client alone. The person of a session
    comes with the answer; for others it may be so.
    """
    return bool(getattr(user, "any_further" if sees_everything(user) else "sees_further", True))


def may_change(user: Person) -> bool:
    return role_of(user) in {Role.ADMINISTRATOR, Role.TEAM_LEAD, Role.ACCOUNT_MANAGER}
