"""Pages about signing in and one's own login: allauth's views with our forms, and what allauth has none for."""

from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.views import LoginView, PasswordChangeView
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.webauthn.views import EditWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from clients.audit import record
from clients.models import User
from clients.passwords.places import remember
from clients.signing_in import second_factor, sessions
from portal.allauth_settings import PROVIDER_ID


class SignIn(LoginView):
    template_name = "account/login.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.OIDC_ISSUER:
            found |= {"sso": settings.OIDC_NAME, "sso_address": _at_provider(found["redirect_field_value"] or "")}
        return found


@login_not_required
@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Forget the password that was typed, of who does not go on to the second factor."""
    clear_login(request)
    return HttpResponseRedirect(reverse("account_login"))


class Account(IndexView):
    """A person's own login on one page: password, second factors, and where they are signed in."""

    template_name = "account/account.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = cast("User", self.request.user)
        found: dict[str, Any] = super().get_context_data(**kwargs)
        kept = found["authenticators"]
        codes = kept.get(Authenticator.Type.RECOVERY_CODES)
        return {
            **found,
            "app": kept.get(Authenticator.Type.TOTP),
            "passkeys": kept.get(Authenticator.Type.WEBAUTHN, []),
            "codes_left": _codes_left(codes) if codes else None,
            "has_factor": bool(kept.get(Authenticator.Type.TOTP) or kept.get(Authenticator.Type.WEBAUTHN)),
            "needs_factor": second_factor.needs_one(person),
            "sessions": sessions.open_sessions(self.request, person),
            "idle_minutes": settings.SESSION_COOKIE_AGE // 60,
            "most_hours": settings.SESSION_HOURS,
        }


class _Readable:
    """Leads back, with the reason, where the desk can't read its part of the recovery codes any more."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().dispatch(request, *args, **kwargs)  # type: ignore[misc] # the view beside this one
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(reverse("mfa_index"))


class RecoveryCodes(_Readable, ViewRecoveryCodesView):
    template_name = "account/recovery_codes.html"


class NewRecoveryCodes(_Readable, GenerateRecoveryCodesView):
    template_name = "account/new_recovery_codes.html"


class ChangePassword(PasswordChangeView):
    """Changes the own password; ends the other sessions, and keeps this browser known."""

    template_name = "account/change_password.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        sessions.end_others(self.request, form.user)
        answer: HttpResponse = super().form_valid(form)
        remember(self.request, answer, form.user)
        return answer


class PasskeyAgain(ReauthenticateWebAuthnView):
    template_name = "account/again_passkey.html"

    def form_invalid(self, _form: Any) -> HttpResponse:
        messages.error(self.request, "This passkey is none of yours, or its answer came too late.")
        return HttpResponseRedirect(self.passthrough_next_url(self.request.path))


class RemovePasskey(RemoveWebAuthnView):
    template_name = "account/remove_passkey.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        if not second_factor.SecondFactorAdapter().can_delete_authenticator(self.get_object()):
            messages.error(self.request, second_factor.LAST_ONE)
            return HttpResponseRedirect(str(self.success_url))
        answer: HttpResponse = super().form_valid(form)
        return answer


class RenamePasskey(EditWebAuthnView):
    template_name = "account/rename_passkey.html"
    success_url = reverse_lazy("mfa_index")


@require_safe
@never_cache
def again_at_provider(request: HttpRequest) -> HttpResponse:
    """Leads who has nothing but single sign-on to the provider, which asks them again."""
    methods = get_adapter(request).get_reauthentication_methods(request.user)
    if not any(method["id"] == "sso" for method in methods):
        raise Http404
    address = _at_provider(request.GET.get("next", ""), auth_params="prompt=login")
    context = {"sso": settings.OIDC_NAME, "sso_address": address}
    return render(request, "account/again_sso.html", context)


@require_POST
def end_session(request: HttpRequest, pk: int) -> HttpResponse:
    person = cast("User", request.user)
    if not sessions.end_one(person, pk):
        raise Http404
    record(person, "Ended a session of theirs", person)
    messages.success(request, "That session is ended.")
    return HttpResponseRedirect(reverse("mfa_index"))


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    person = cast("User", request.user)
    count = sessions.end_others(request, person)
    record(person, "Ended all other sessions of theirs", person)
    messages.success(request, f"Sessions ended: {count}. You stay signed in here.")
    return HttpResponseRedirect(reverse("mfa_index"))


def _codes_left(codes: Any) -> int:
    """How many recovery codes are left; none where they can't be read."""
    try:
        return len(codes.get_unused_codes())
    except ValidationError:
        return 0


def _at_provider(back: str, **more: str) -> str:
    """Where single sign-on begins that leads to `back`."""
    query = {**more, **({"next": back} if back else {})}
    address = reverse("openid_connect_login", args=[PROVIDER_ID])
    return f"{address}?{urlencode(query)}" if query else address
