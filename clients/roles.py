"""Who may do what: one table of roles and acts, and questions about a person, answered from the groups they are in.

Views, templates and the admin ask `may`. docs/security.md shows the table, and the groups have the same as Django's
permissions (`clients.reveal_pins`), for whoever asks `has_perm`. What a person sees of each table is decided in the
querysets, which ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from clients.choices import Act, Role

if TYPE_CHECKING:
    from typing import TypeAlias

    from django.contrib.auth.models import AbstractUser, AnonymousUser

    Person: TypeAlias = AbstractUser | AnonymousUser

# Why who only looks finds a button greyed.
NOT_FOR_VIEWERS = "Viewers look and change nothing, and so do auditors: an account manager can do it."

_RUNNING = frozenset({Role.ADMINISTRATOR, Role.TEAM_LEAD})
_WORKING = _RUNNING | {Role.ACCOUNT_MANAGER}
ALLOWED: Mapping[Act, frozenset[Role]] = {
    Act.SEE_CLIENTS: frozenset(Role),
    Act.SEE_EVERY_CLIENT: _RUNNING | {Role.AUDITOR},
    Act.WORK_ON_CLIENTS: _WORKING,
    Act.ASSIGN_CLIENTS: _RUNNING,
    Act.CLAIM_SIGNUPS: _RUNNING,
    Act.RUN_THE_DESK: _RUNNING,
    Act.MANAGE_THE_POOL: _RUNNING,
    Act.OVERRIDE_GUARDS: _RUNNING,
    Act.REVEAL_PINS: _RUNNING,
    Act.MANAGE_PEOPLE: _RUNNING,
    Act.READ_AUDIT_LOG: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Act.ADMINISTER: frozenset({Role.ADMINISTRATOR}),
}

# Lists, by their names, that are not for everybody with a role: neither are views of them, whoever shares one.
CLOSED_LISTS: Mapping[str, Act] = {"events": Act.SEE_EVERY_CLIENT, "audit": Act.READ_AUDIT_LOG}

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


@dataclass(frozen=True, slots=True)
class TokenLimits:
    """What a token of the HTTP API leaves of what its person may do: only `acts`, and of clients only `clients`.

    `clients` are keys; None: all that the person sees.
    """

    key: int
    name: str
    acts: frozenset[Act]
    clients: frozenset[int] | None = None


def token_of(user: Person) -> TokenLimits | None:
    """The limits of the token through which `user` asks; None for who is here in person."""
    found: TokenLimits | None = getattr(user, "token_limits", None)
    return found


def by_role(user: Person, act: Act) -> bool:
    """Whether the table allows the role of `user` this, whatever a token leaves of it."""
    return role_of(user) in ALLOWED[act]


def may(user: Person, act: Act) -> bool:
    """Whether the table allows the role of `user` this, and the token through which they ask, if any."""
    token = token_of(user)
    return by_role(user, act) and (token is None or act in token.acts)


def sight_key(user: Person) -> str:
    """The person and their role, as part of a cache's key: what is kept for a while must not outlive the role.

    A token sees less than its person, so that what is kept for one is not shown to the other.
    """
    role, token = role_of(user), token_of(user)
    return f"{user.pk}-{role.name if role else 'none'}{f'-token-{token.key}' if token else ''}"


def sees_everything(user: Person) -> bool:
    return may(user, Act.SEE_EVERY_CLIENT)


def may_see_further(user: Person) -> bool:
    """Whether `user` may see a number also because a further WABA lists it, beside the one that it is under.

    Nearly nobody does, and who does not is told whose a number is by its own client alone. The person of a session
    comes with the answer; for others it may be so.
    """
    return bool(getattr(user, "any_further" if sees_everything(user) else "sees_further", True))


def may_change(user: Person) -> bool:
    return may(user, Act.WORK_ON_CLIENTS)


def runs_the_desk(user: Person) -> bool:
    return may(user, Act.RUN_THE_DESK)


def may_assign(user: Person) -> bool:
    return may(user, Act.ASSIGN_CLIENTS)


def manages_people(user: Person) -> bool:
    return may(user, Act.MANAGE_PEOPLE)


def reads_the_audit_log(user: Person) -> bool:
    return may(user, Act.READ_AUDIT_LOG)


def lists_closed_to(user: Person) -> list[str]:
    """The names of the lists that `user` may not open."""
    return [name for name, act in CLOSED_LISTS.items() if not may(user, act)]
