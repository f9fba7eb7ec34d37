"""The forms that ask for passwords and codes, in place of allauth's. `clients.passwords` counts what is typed.

Raising TriedTooOftenError leaves the form: `clients.passwords.middleware` answers.
"""

from typing import Any, cast

from allauth.account.internal import flows
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import validate_totp_code
from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from clients.choices import AskedFor
from clients.models import User
from clients.passwords.check import is_own_code, is_own_password
from clients.signing_in.second_factor import UNREADABLE, secret_being_set_up

NOT_RIGHT = "This code is not right, or it was used already."


class SignInForm(AuthenticationForm):
    """Name and password. The person goes on to their second factor, where they have one."""

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        person = self.get_user()
        login = Login(user=person, redirect_url=redirect_url)
        return cast("HttpResponse", flows.login.perform_password_login(request, {}, login))


class PasswordAgainForm(forms.Form):
    """The own password, of who is signed in."""

    password = forms.CharField(max_length=200, strip=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @sensitive_variables("password")
    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not is_own_password(context.request, self.user, password, asked_for=AskedFor.AGAIN):
            raise ValidationError("This is not your password.")
        return password


class OwnPasswordForm(PasswordChangeForm):
    """The own password, and twice a new one."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)

    @sensitive_variables("old_password")
    def clean_old_password(self) -> str:
        old_password: str = self.cleaned_data["old_password"]
        if not is_own_password(context.request, self.user, old_password, asked_for=AskedFor.NEW_PASSWORD):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old_password


class _CountedCode(forms.Form):
    """Counts a code that allauth looks at. It says that a code was wrong by a ValidationError."""

    asked_for: AskedFor
    user: User

    def clean_code(self) -> str:
        wrong: list[ValidationError] = []

        def is_right() -> bool:
            try:
                super(_CountedCode, self).clean_code()  # type: ignore[misc] # the form of allauth beside this one
            except ValidationError as error:
                wrong.append(error)
            return not wrong

        if not is_own_code(context.request, self.user, is_right, asked_for=self.asked_for):
            raise ValidationError(UNREADABLE if UNREADABLE in wrong[0].messages else NOT_RIGHT) from wrong[0]
        return str(self.cleaned_data["code"])


class CodeForm(_CountedCode, AuthenticateForm):
    """A code of the app or a recovery code, of who has typed their password and is not signed in yet."""

    asked_for = AskedFor.SIGN_IN_CODE


class CodeAgainForm(_CountedCode, ReauthenticateForm):
    """The same, of who is signed in and asked again."""

    asked_for = AskedFor.AGAIN_CODE


class NewAuthenticatorForm(ActivateTOTPForm):
    """The first code of a new authenticator app. Its secret waits in the session, encrypted, until that is right."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        forms.Form.__init__(self, *args, **kwargs)
        self.user = user
        self.secret = secret_being_set_up(context.request, user, anew=not self.is_bound)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        is_own = is_own_code(
            context.request,
            self.user,
            lambda: validate_totp_code(self.secret, code),
            asked_for=AskedFor.NEW_AUTHENTICATOR,
        )
        if not is_own:
            raise ValidationError("This code is not right. Is the clock of your phone right?")
        return code
