"""Single sign-on with an OpenID Connect provider, whose groups give the roles.

Each sign-in sets the person's roles to those of their groups now; who is in none of OIDC_GROUPS loses theirs and does
not get in. A person is known again by the provider's id for them; the first time by their mail address, where the
provider says that it is theirs and one person of the desk alone has it. Nobody else is made but of a known group.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views as openid
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import Group
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clients.audit import record
from clients.choices import Role
from clients.models import User

log = structlog.get_logger(__name__)

NOT_WELCOME = "You are in none of the groups that may use this desk. Whoever runs single sign-on can put you into one."
NOT_DONE = "Single sign-on did not work this time. Try again; if it goes on, tell an administrator."


@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead the browser to the provider."""
    return _asked(openid.login, request, provider_id)


@login_not_required
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take who the provider sent back."""
    return _asked(openid.callback, request, provider_id)


def _asked(view: Callable[..., HttpResponse], request: HttpRequest, provider_id: str) -> HttpResponse:
    """Allauth's answer; a page with words where the provider can't be reached, or says what is no OpenID Connect."""
    try:
        return view(request, provider_id)
    except (OSError, ValueError, KeyError) as error:  # what requests raises is an OSError
        log.warning("Single sign-on failed.", error=type(error).__name__)
        return _refused(request, NOT_DONE, status=502)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """What allauth asks about people who come from the provider."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find or make the person, give them the roles of their groups, or send them away."""
        said = sociallogin.account.extra_data
        if sociallogin.state.get("process") != "login" or not _are_of_one_person(said):
            raise ImmediateHttpResponse(_refused(request, NOT_DONE))
        claims = claims_of(said)
        roles = roles_for(groups_in(claims))
        person = sociallogin.user if sociallogin.is_existing else None
        with transaction.atomic():
            if person is None and roles:
                person = _by_address(claims) or _new_person(claims)
                sociallogin.connect(request, person)
            if person is not None:
                _set_roles(person, roles)
        if not roles:
            log.warning("Single sign-on was refused: no group of theirs gives a role.", person=person and person.pk)
            if person is not None:
                record(person, "Single sign-on was refused: no group of theirs gives a role", person)
            raise ImmediateHttpResponse(_refused(request, NOT_WELCOME))

    def on_authentication_error(self, request: HttpRequest, *_: Any, error: Any = None, **__: Any) -> None:
        log.warning("Single sign-on failed.", error=str(error))
        raise ImmediateHttpResponse(_refused(request, NOT_DONE))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """No mail: people do not connect accounts themselves."""


def claims_of(said: dict[str, Any]) -> dict[str, Any]:
    """What the provider says of the person: the claims of the ID token, and above them those of its userinfo."""
    return {**(said.get("id_token") or {}), **(said.get("userinfo") or {})}


def _are_of_one_person(said: dict[str, Any]) -> bool:
    """Whether the ID token and userinfo name the same person, as the standard asks to look."""
    named = {part["sub"] for name in ("id_token", "userinfo") if "sub" in (part := said.get(name) or {})}
    return len(named) == 1


def groups_in(claims: dict[str, Any]) -> list[str]:
    """The groups of the person; a provider may send one as a text."""
    found = claims.get(settings.OIDC_GROUPS_CLAIM) or []
    return [found] if isinstance(found, str) else [str(name) for name in found]


def group_roles(pairs: Iterable[str]) -> dict[str, Role]:
    """OIDC_GROUPS as a table from groups to roles. Raises ValueError for what is no pair, and no role of ours."""
    table = {}
    for pair in pairs:
        group, _, role = pair.rpartition("=")
        if not group.strip():
            raise ValueError(pair)
        table[group.strip()] = Role(role.strip())
    return table


def roles_for(groups: Iterable[str]) -> list[Role]:
    """The roles that these groups give, the strongest first."""
    table = group_roles(settings.OIDC_GROUPS)
    given = {table[name] for name in groups if name in table}
    return [role for role in Role if role in given]


def _by_address(claims: dict[str, Any]) -> User | None:
    """The one person with the mail address that the provider has checked; None when that is nobody, or not sure.

    Nobody becomes a superuser so: no group gives that.
    """
    address = _checked_address(claims)
    found = list(User.objects.filter(email__iexact=address)[:2]) if address else []
    return found[0] if len(found) == 1 and not found[0].is_superuser else None


def _checked_address(claims: dict[str, Any]) -> str:
    """The person's mail address, where the provider says that it is theirs; else nothing."""
    return str(claims.get("email") or "") if claims.get("email_verified") in {True, "true"} else ""


def _new_person(claims: dict[str, Any]) -> User:
    """A person without a password, under a name that is free."""
    wanted = str(claims.get("preferred_username") or claims.get("email") or claims["sub"])
    name = re.sub(r"[^\w.@+-]", "-", wanted)[:140]
    taken = set(User.objects.filter(username__istartswith=name).values_list("username", flat=True))
    free = next(each for each in (name, *(f"{name}-{at}" for at in range(2, 1_000))) if each not in taken)
    person: User = User.objects.create_user(
        free,
        _checked_address(claims),
        first_name=str(claims.get("given_name") or "")[:150],
        last_name=str(claims.get("family_name") or "")[:150],
    )
    record(person, "Came by single sign-on for the first time", None)
    return person


def _set_roles(person: User, roles: list[Role]) -> None:
    """Have the person be in just the groups of these roles; the admin is for administrators."""
    before = set(person.groups.values_list("name", flat=True)) & set(Role.values)
    if before == {role.value for role in roles}:
        return
    person.groups.set(Group.objects.filter(name__in=[role.value for role in roles]))
    is_staff = Role.ADMINISTRATOR in roles
    User.objects.filter(pk=person.pk).update(is_staff=is_staff)
    person.is_staff = is_staff
    names = ", ".join(str(role.label) for role in roles) or "none"
    record(person, f"Roles by single sign-on: {names}", None)


def _refused(request: HttpRequest, why: str, *, status: int = 403) -> HttpResponse:
    return render(request, "account/sso_refused.html", {"why": why}, status=status)
