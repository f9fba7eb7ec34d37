"""Changing who somebody is on the desk: their role, and whether they may sign in.

What is changed is written into the audit log by its signals (`clients.audit.listening`), which hear of the admin and of
the command line too.
"""

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import Q, QuerySet

from clients import roles
from clients.assigning import has_left
from clients.choices import Act, Role
from clients.link_closing import settle_links_of
from clients.models import User

# Whom team leads manage, and the roles that they give.
OF_A_TEAM = frozenset({Role.ACCOUNT_MANAGER, Role.VIEWER})


class NotManageableError(Exception):
    """Somebody may not do this to this person; the text says why."""


def roles_given_by(actor: User) -> list[Role]:
    """The roles that `actor` may give, the strongest first."""
    if roles.may(actor, Act.ADMINISTER):
        return list(Role)
    return [role for role in Role if role in OF_A_TEAM] if roles.may(actor, Act.MANAGE_PEOPLE) else []


def managed_by(actor: User) -> QuerySet[User]:
    """The people whom `actor` may change: nobody changes themselves, and only superusers change superusers.

    Team leads manage people who have none of the stronger roles and don't enter the admin.
    """
    given = roles_given_by(actor)
    people = User.objects.exclude(pk=actor.pk)
    if not given:
        return people.none()
    if not actor.is_superuser:
        people = people.filter(is_superuser=False)
    out_of_reach = [role.value for role in Role if role not in given]
    beyond = Q(pk__in=User.objects.filter(groups__name__in=out_of_reach).values("pk"))
    return people.exclude(beyond).exclude(is_staff=True) if out_of_reach else people


@transaction.atomic
def change_person(
    person: User, *, role: Role | None, is_active: bool, actor: User, links_go_to: User | None = None
) -> int:
    """Give `person` this role, or none, and let them sign in or not. How many links of theirs that closed or moved.

    Raises NotManageableError.
    """
    found = managed_by(actor).select_for_update(of=("self",)).filter(pk=person.pk).first()
    if found is None or (role is not None and role not in roles_given_by(actor)):
        raise NotManageableError("You may not change this person, or not give this role.")
    held = set(found.groups.filter(name__in=Role.values).values_list("name", flat=True))
    if held != ({role.value} if role else set()):
        found.groups.remove(*Group.objects.filter(name__in=held - ({role.value} if role else set())))
        if role is not None and role.value not in held:
            found.groups.add(Group.objects.get(name=role.value))
    if found.is_active != is_active:
        found.is_active = is_active
        found.save(update_fields=["is_active"])
    return settle_links_of(found, actor=actor, give_to=links_go_to) if has_left(found) else 0
