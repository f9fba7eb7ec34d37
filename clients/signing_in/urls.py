"""Addresses of signing in and of one's own login, by the names that allauth knows them by."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.providers.openid_connect import views as sso
from django.contrib.auth.views import LogoutView
from django.urls import path

from clients.signing_in import choosing, pages

urlpatterns = [
    path("login/", pages.SignIn.as_view(), name="account_login"),
    path("logout/", LogoutView.as_view(), name="account_logout"),
    path("account/", pages.Account.as_view(), name="mfa_index"),
    path(
        "account/inactive/",
        account.AccountInactiveView.as_view(template_name="account/inactive.html"),
        name="account_inactive",
    ),
    path("account/password/", pages.ChangePassword.as_view(), name="account_change_password"),
    path("account/forgotten/", choosing.forgotten, name="account_reset_password"),
    path("account/forgotten/<str:token>/", choosing.by_reset_link, name="account_forgotten_link"),
    path("account/invitation/<str:token>/", choosing.by_invitation, name="account_invitation"),
    path("account/code/", mfa.AuthenticateView.as_view(template_name="account/code.html"), name="mfa_authenticate"),
    path("account/start-over/", pages.start_over, name="account_start_over"),
    path(
        "account/again/",
        account.ReauthenticateView.as_view(template_name="account/again.html"),
        name="account_reauthenticate",
    ),
    path(
        "account/again/code/",
        mfa.ReauthenticateView.as_view(template_name="account/again_code.html"),
        name="mfa_reauthenticate",
    ),
    path("account/again/passkey/", pages.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("account/again/sso/", pages.again_at_provider, name="account_again_sso"),
    path("account/app/", totp.ActivateTOTPView.as_view(template_name="account/add_app.html"), name="mfa_activate_totp"),
    path(
        "account/app/remove/",
        totp.DeactivateTOTPView.as_view(template_name="account/remove_app.html"),
        name="mfa_deactivate_totp",
    ),
    path(
        "account/passkeys/add/",
        passkeys.AddWebAuthnView.as_view(template_name="account/add_passkey.html"),
        name="mfa_add_webauthn",
    ),
    path("account/passkeys/sign-in/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("account/passkeys/<int:pk>/remove/", pages.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("account/passkeys/<int:pk>/", pages.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path(
        "account/recovery-codes/",
        codes.ViewRecoveryCodesView.as_view(template_name="account/recovery_codes.html"),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/recovery-codes/new/",
        codes.GenerateRecoveryCodesView.as_view(template_name="account/new_recovery_codes.html"),
        name="mfa_generate_recovery_codes",
    ),
    path("account/sessions/<int:pk>/end/", pages.end_session, name="account_end_session"),
    path("account/sessions/end-others/", pages.end_other_sessions, name="account_end_others"),
    path("account/<str:provider_id>/login/", sso.login, name="openid_connect_login"),
    path("account/<str:provider_id>/login/callback/", sso.callback, name="openid_connect_callback"),
]
