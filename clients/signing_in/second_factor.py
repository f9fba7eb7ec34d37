"""Second factors: authenticator apps, passkeys and recovery codes, kept by django-allauth; their secrets by us.

Who has one of the roles in MFA_REQUIRED_ROLES needs one, and gets nowhere else until it is set up.
"""

import uuid
from datetime import timedelta
from typing import Any

import structlog
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from clients import roles
from clients.choices import AccountMailKind
from clients.models import FactorSecret, User
from clients.signing_in import mails
from portal import crypto
from portal.web.qr_code import qr_code

log = structlog.get_logger(__name__)

UNREADABLE = "The desk can’t read its part of this second factor any more. An administrator can remove it."
LAST_ONE = "Your role needs a second factor: add another one before you remove this."
# What counts by itself: recovery codes stand in for one of these and come with it.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorAdapter(DefaultMFAAdapter):
    """What allauth asks about second factors."""

    error_messages = {**DefaultMFAAdapter.error_messages, "cannot_delete_authenticator": LAST_ONE}

    def encrypt(self, text: str) -> str:
        """The id of a row that holds `text` encrypted, for `rotate_tokens` to find."""
        row = FactorSecret()
        row.keep(text)
        row.save()
        return str(row.secret_uid)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret of that row. Raises ValidationError where it is lost: of no secret anybody could make codes."""
        row = FactorSecret.objects.filter(secret_uid=uuid.UUID(encrypted_text)).first()
        try:
            secret = row.opened() if row is not None else ""
        except crypto.SecretUnreadableError:
            secret = ""
        if not secret:
            log.error("The secret of a second factor can't be read.", factor_secret=row and row.pk)
            raise ValidationError(UNREADABLE)
        return secret

    def get_totp_label(self, user: User) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> str:
        return qr_code(url)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether the person would still have a second factor, or needs none."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
        has_others = bool(others.exists())
        return has_others or not needs_one(authenticator.user)

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's name for it
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site that passkeys are for, to a browser: its name without the port."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Numberdesk"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "name": user.get_username(), "display_name": str(user)}


def needs_one(person: User) -> bool:
    """Whether people of the person's role need a second factor."""
    role = roles.role_of(person)
    return role is not None and role.value in settings.MFA_REQUIRED_ROLES


def has_one(person: User) -> bool:
    return bool(Authenticator.objects.filter(user=person, type__in=FACTORS).exists())


def forget_all(request: HttpRequest, person: User) -> None:
    """Delete the person's second factors, recovery codes included: they lost what they have."""
    for authenticator in Authenticator.objects.filter(user=person):
        authenticator.delete()
        authenticator_removed.send(Authenticator, request=request, user=person, authenticator=authenticator)
    mails.want(AccountMailKind.FACTOR_REMOVED, person)


def secret_being_set_up(request: HttpRequest, person: User, *, anew: bool) -> str:
    """The secret of the authenticator app that is being set up in this session; a new one when `anew`."""
    kept = "" if anew else request.session.get(SECRET_SESSION_KEY, "")
    where = f"setting up the authenticator of {person.pk}"
    if kept:
        try:
            return crypto.unseal(kept, context=where)
        except crypto.SecretUnreadableError:
            pass  # a new one, whose code is wrong then
    secret: str = generate_totp_secret()
    request.session[SECRET_SESSION_KEY] = crypto.seal(secret, context=where)
    return secret


def prune_secrets() -> None:
    """Delete secrets that no second factor names any more, a day after they were made."""
    named: set[str] = set()
    for data in Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).values_list("data", flat=True):
        named.update(str(data[name]) for name in ("secret", "seed") if data.get(name))
    old = FactorSecret.objects.filter(created_at__lt=timezone.now() - timedelta(days=1))
    old.exclude(secret_uid__in=named).delete()
