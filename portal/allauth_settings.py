"""How django-allauth is set up: what it does, and by which classes of ours. Knows no settings; settings import it."""

from dataclasses import dataclass
from typing import Any

# The name of the one provider in addresses: /account/sso/login/.
PROVIDER_ID = "sso"


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """An OpenID Connect provider; without an issuer there is none."""

    name: str
    issuer: str
    client_id: str
    client_secret: str


def allauth_settings(
    *, is_https: bool, is_plain_local: bool, fresh_minutes: int, provider: OidcProvider
) -> dict[str, Any]:
    """The settings of allauth's apps, by name."""
    forms = "clients.signing_in.forms"
    return {
        "ACCOUNT_ADAPTER": "clients.signing_in.account_adapter.AccountAdapter",
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https" if is_https else "http",
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_REAUTHENTICATION_METHODS": ("password", "mfa"),
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": fresh_minutes * 60,
        # `clients/passwords` counts whatever can be guessed; the library would lock people out by their name.
        "ACCOUNT_RATE_LIMITS": False,
        "ACCOUNT_FORMS": {
            "login": f"{forms}.SignInForm",
            "reauthenticate": f"{forms}.PasswordAgainForm",
            "change_password": f"{forms}.OwnPasswordForm",
        },
        "MFA_ADAPTER": "clients.signing_in.second_factor.SecondFactorAdapter",
        "MFA_ALLOW_UNVERIFIED_EMAIL": True,
        "MFA_FORMS": {
            "authenticate": f"{forms}.CodeForm",
            "reauthenticate": f"{forms}.CodeAgainForm",
            "activate_totp": f"{forms}.NewAuthenticatorForm",
        },
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_RATE_LIMITS": False,
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_TOTP_ISSUER": "Numberdesk",
        "MFA_TOTP_TOLERANCE": 1,
        # Browsers take http on this machine for safe, the library does not.
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": is_plain_local,
        "SOCIALACCOUNT_ADAPTER": "clients.signing_in.single_sign_on.SingleSignOnAdapter",
        # The button is a link: a form may not lead to another site.
        "SOCIALACCOUNT_LOGIN_ON_GET": True,
        "SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX": "",
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": _apps(provider)}},
        "SOCIALACCOUNT_REQUESTS_TIMEOUT": 5,
        "SOCIALACCOUNT_STORE_TOKENS": False,
    }


def _apps(provider: OidcProvider) -> list[dict[str, Any]]:
    if not provider.issuer:
        return []
    return [
        {
            "provider_id": PROVIDER_ID,
            "name": provider.name,
            "client_id": provider.client_id,
            "secret": provider.client_secret,
            "settings": {"server_url": provider.issuer},
        }
    ]
