"""Changing who somebody is on the desk: that they are there at all, their role, and whether they may sign in.

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
from clients.signing_in import inviting

# Whom team leads manage, and the roles that they give.
OF_A_TEAM = frozenset({Role.ACCOUNT_MANAGER, Role.VIEWER})


class NotManageableError(Exception):
    """Somebody may not do this to this person; the text says why, and `field` what of a form it is about."""

    def __init__(self, why: str, *, field: str | None = None) -> None:
        super().__init__(why)
        self.field = field


def roles_given_by(actor: User) -> list[Role]:
    """The roles that `actor` may give, the strongest first."""
    if roles.may(actor, Act.ADMINISTER):
        return list(Role)
    return [role for role in Role if role in OF_A_TEAM] if roles.may(actor, Act.MANAGE_PEOPLE) else []


def is_second_person(person: User | None, *, besides: User | None) -> bool:
    """Whether `person` is surely another one than who is `besides` them, where two people have to agree.

    Not who was invited by the other or, like them, by the same team lead, until an administrator vouches for them.
    """
    return person is not None and besides is not None and person.counts_as != besides.counts_as


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
def invite_person(
    *, username: str, email: str, role: Role, actor: User, first_name: str = "", last_name: str = ""
) -> User:
    """Make a login with this role and without a password, and invite its person. Raises NotManageableError."""
    if role not in roles_given_by(actor):
        raise NotManageableError("You may not give this role.")
    _insist_on_new_address(email)
    if User.objects.filter(username__iexact=username).exists():
        raise NotManageableError("Somebody has this name already.", field="username")
    person: User = User.objects.create_user(username, email, first_name=first_name, last_name=last_name)
    person.groups.add(Group.objects.get(name=role.value))
    inviting.invite(person, actor=actor)
    return person


@transaction.atomic
def invite_again(person: User, *, email: str, actor: User) -> User:
    """Make a new link for who has never signed in, whose mail address this is. Raises NotManageableError."""
    found = _invited_by(actor, person)
    if not found.is_active:
        raise NotManageableError("They may not sign in: change that first.")
    if found.email != email:
        _insist_on_new_address(email, besides=found)
        found.email = email
        found.save(update_fields=["email"])
    inviting.invite(found, actor=actor)
    return found


@transaction.atomic
def withdraw_invitation(person: User, *, actor: User) -> None:
    """End the link of who has never signed in, and let them sign in no more. Raises NotManageableError."""
    inviting.withdraw(_invited_by(actor, person), actor=actor)


def _invited_by(actor: User, person: User) -> User:
    found = managed_by(actor).select_for_update(of=("self",)).filter(pk=person.pk).first()
    if found is None or found.is_service or not inviting.has_never_signed_in(found):
        raise NotManageableError("Only who has never signed in is invited here; an administrator helps others.")
    return found


def _insist_on_new_address(email: str, besides: User | None = None) -> None:
    """A forgotten password and single sign-on find a person by their address."""
    people = User.objects.exclude(pk=besides.pk) if besides else User.objects.all()
    if people.filter(email__iexact=email).exists():
        raise NotManageableError("Somebody has this mail address already.", field="email")


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
