"""What django-allauth asks about logins: whom it lets go on, what it sends, and how it names things to people."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from clients.choices import AccountMailKind
from clients.models import User
from clients.passwords.places import remember
from clients.signing_in import mails, sessions
from clients.signing_in.fresh import is_fresh
from portal.web.client_address import client_address

_NOTICES = {
    "account/email/password_changed": AccountMailKind.PASSWORD_CHANGED,
    "account/email/password_reset": AccountMailKind.PASSWORD_CHANGED,
    "account/email/password_set": AccountMailKind.PASSWORD_CHANGED,
    "mfa/email/totp_activated": AccountMailKind.FACTOR_ADDED,
    "mfa/email/webauthn_added": AccountMailKind.FACTOR_ADDED,
    "mfa/email/totp_deactivated": AccountMailKind.FACTOR_REMOVED,
    "mfa/email/webauthn_removed": AccountMailKind.FACTOR_REMOVED,
    "mfa/email/recovery_codes_generated": AccountMailKind.RECOVERY_CODES,
}
_SAID = {
    "account/messages/password_changed.txt": "Your password is changed. All other sessions of yours are ended.",
    "mfa/messages/totp_activated.txt": "Your authenticator app is set up.",
    "mfa/messages/totp_deactivated.txt": "The authenticator app is removed.",
    "mfa/messages/webauthn_added.txt": "The passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
}


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody makes a login for themselves: people are invited, or come by single sign-on."""
        return False

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:  # noqa: ARG002 - likewise
        """Whether to ask again before second factors are changed: by the rule that the whole desk has."""
        return not is_fresh(self.request)

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """The pages on which the person can show who they are, the simplest first."""
        kinds = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        has_app, has_codes = (one in kinds for one in (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES))
        password = ("reauthenticate", "account_reauthenticate", "your password", user.has_usable_password())
        app = ("mfa_reauthenticate", "mfa_reauthenticate", "a code of your authenticator app", has_app)
        passkey = ("mfa_reauthenticate:webauthn", "mfa_reauthenticate_webauthn", "a passkey")
        # A recovery code is for the day on which the passkey is lost.
        recovery = ("mfa_reauthenticate", "mfa_reauthenticate", "a recovery code", has_codes and not has_app)
        ways = (password, app, (*passkey, Authenticator.Type.WEBAUTHN in kinds), recovery)
        methods = [
            {"id": name, "description": words, "url": reverse(page)} for name, page, words, has_it in ways if has_it
        ]
        if not methods and settings.OIDC_ISSUER:
            return [{"id": "sso", "description": settings.OIDC_NAME, "url": reverse("account_again_sso")}]
        return methods

    def post_login(self, request: HttpRequest, user: User, **details: Any) -> HttpResponse:
        """Begin the session's time, and have the browser remember who signed in with it."""
        sessions.begin(request)
        answer: HttpResponse = super().post_login(request, user, **details)
        remember(request, answer, user)
        return answer

    def get_client_ip(self, request: HttpRequest) -> str:
        address = client_address(request)
        return str(address) if address else "127.0.0.1"  # by a socket of this machine

    def send_notification_mail(self, template_prefix: str, user: User, *_: Any, **__: Any) -> None:
        """Tell the person by mail that their login was changed."""
        if kind := _NOTICES.get(template_prefix):
            mails.want(kind, user)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *_: Any, **kwargs: Any
    ) -> None:
        """Say what was done, in our words; what needs no words is not said."""
        said = kwargs.get("message") or _SAID.get(message_template or "")
        if said:
            messages.add_message(request, level, said)
