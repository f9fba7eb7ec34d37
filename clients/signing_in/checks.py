"""System checks of the settings of signing in."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name for it

from clients.choices import Role
from clients.signing_in.single_sign_on import group_roles
from portal.local.secrets import LOOPBACK_HOSTS

_ROLES = ", ".join(Role.values)


@register()
def check_sessions(**_: Any) -> Iterator[CheckMessage]:
    for name, value in {
        "SESSION_IDLE_MINUTES": settings.SESSION_COOKIE_AGE,
        "SESSION_HOURS": settings.SESSION_HOURS,
        "FRESH_SIGN_IN_MINUTES": settings.FRESH_SIGN_IN_MINUTES,
    }.items():
        if value <= 0:
            yield Error(f"{name} must be more than 0.", hint="Leave it out for its default.", id="numberdesk.E019")


@register()
def check_required_second_factors(**_: Any) -> Iterator[CheckMessage]:
    if unknown := [name for name in settings.MFA_REQUIRED_ROLES if name not in Role.values]:
        yield Error(
            f"MFA_REQUIRED_ROLES names what is no role: {', '.join(unknown)}.",
            hint=f"The roles are {_ROLES}; with commas between them.",
            id="numberdesk.E020",
        )


@register(Tags.security, deploy=True)
def check_administrators_have_second_factors(**_: Any) -> Iterator[CheckMessage]:
    if not settings.IS_LOCAL and Role.ADMINISTRATOR.value not in settings.MFA_REQUIRED_ROLES:
        yield Warning(
            "MFA_REQUIRED_ROLES leaves out administrators: whoever learns the password of one has everything.",
            hint=f"Set it to {Role.ADMINISTRATOR.value},{Role.TEAM_LEAD.value}, or to all roles.",
            id="numberdesk.W014",
        )


@register()
def check_single_sign_on(**_: Any) -> Iterator[CheckMessage]:
    if not settings.OIDC_ISSUER:
        return
    issuer = urlsplit(settings.OIDC_ISSUER)
    if issuer.scheme != "https" and not (issuer.scheme == "http" and issuer.hostname in LOOPBACK_HOSTS):
        yield Error(
            "OIDC_ISSUER must be an https address, or an http one on this machine (loopback).",
            hint="The address below which the provider has /.well-known/openid-configuration.",
            id="numberdesk.E021",
        )
    if not (settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET):
        yield Error(
            "OIDC_ISSUER is set, and OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is not.",
            hint="The provider gives both for the application that the desk is to it.",
            id="numberdesk.E021",
        )
    try:
        table = group_roles(settings.OIDC_GROUPS)
    except ValueError as error:
        yield Error(
            f"OIDC_GROUPS has a pair that can't be used: {error}",
            hint=f"For example desk-leads=Team leads. The roles are {_ROLES}.",
            id="numberdesk.E022",
        )
        return
    if not table:
        yield Error(
            "OIDC_ISSUER is set and OIDC_GROUPS is not, so nobody gets in by single sign-on.",
            hint="For example desk-admins=Administrators,desk-leads=Team leads.",
            id="numberdesk.E022",
        )
