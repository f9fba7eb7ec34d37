"""The pages that ask for a password: signing in, and changing one's own."""

from typing import Any

from django.contrib.admin.forms import AdminPasswordChangeForm
from django.contrib.auth import views as auth
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from clients.choices import AskedFor
from clients.passwords.check import is_own_password
from clients.passwords.places import remember


class SignIn(auth.LoginView):
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Sign them in, and have the browser remember that they did."""
        answer = super().form_valid(form)
        remember(self.request, answer, form.get_user())
        return answer


class OwnPasswordForm(AdminPasswordChangeForm):
    """Django's form, whose check of the old password counts with all others."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    @sensitive_variables("old_password")
    def clean_old_password(self) -> str:
        old_password: str = self.cleaned_data["old_password"]
        if not is_own_password(self._request, self.user, old_password, asked_for=AskedFor.NEW_PASSWORD):
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return old_password


class ChangeOwnPassword(auth.PasswordChangeView):
    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        """Change it, and have the browser stay known: the old password's mark is no longer good."""
        answer = super().form_valid(form)
        remember(self.request, answer, form.user)
        return answer
