"""Addresses of signing in and of one's own login, by the names that allauth knows them by."""

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.decorators.debug import sensitive_post_parameters

from clients.signing_in import choosing, pages, single_sign_on


def _form(route: str, view: Any, name: str, *, page: str = "") -> URLPattern:
    """The address of a view whose form holds what no error report may show. `page`: its template, unless it says."""
    answer = view.as_view(**({"template_name": f"account/{page}.html"} if page else {}))
    pattern: URLPattern = path(route, sensitive_post_parameters()(answer), name=name)
    return pattern


urlpatterns = [
    _form("login/", pages.SignIn, "account_login"),
    path("logout/", LogoutView.as_view(), name="account_logout"),
    path("account/", pages.Account.as_view(), name="mfa_index"),
    path(
        "account/inactive/",
        account.AccountInactiveView.as_view(template_name="account/inactive.html"),
        name="account_inactive",
    ),
    _form("account/password/", pages.ChangePassword, "account_change_password"),
    path("account/forgotten/", choosing.forgotten, name="account_reset_password"),
    path("account/forgotten/<str:token>/", choosing.by_reset_link, name="account_forgotten_link"),
    path("account/invitation/<str:token>/", choosing.by_invitation, name="account_invitation"),
    _form("account/code/", mfa.AuthenticateView, "mfa_authenticate", page="code"),
    path("account/start-over/", pages.start_over, name="account_start_over"),
    _form("account/again/", account.ReauthenticateView, "account_reauthenticate", page="again"),
    _form("account/again/code/", mfa.ReauthenticateView, "mfa_reauthenticate", page="again_code"),
    _form("account/again/passkey/", pages.PasskeyAgain, "mfa_reauthenticate_webauthn"),
    path("account/again/sso/", pages.again_at_provider, name="account_again_sso"),
    _form("account/app/", totp.ActivateTOTPView, "mfa_activate_totp", page="add_app"),
    _form("account/app/remove/", totp.DeactivateTOTPView, "mfa_deactivate_totp", page="remove_app"),
    _form("account/passkeys/add/", passkeys.AddWebAuthnView, "mfa_add_webauthn", page="add_passkey"),
    _form("account/passkeys/sign-in/", passkeys.LoginWebAuthnView, "mfa_login_webauthn"),
    path("account/passkeys/<int:pk>/remove/", pages.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("account/passkeys/<int:pk>/", pages.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("account/recovery-codes/", pages.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path("account/recovery-codes/new/", pages.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("account/sessions/<int:pk>/end/", pages.end_session, name="account_end_session"),
    path("account/sessions/end-others/", pages.end_other_sessions, name="account_end_others"),
    path("account/<str:provider_id>/login/", single_sign_on.begin, name="openid_connect_login"),
    path("account/<str:provider_id>/login/callback/", single_sign_on.come_back, name="openid_connect_callback"),
]
